/*
 * passage_sentence.c: chunks → sentences with features. A sentence is seen with its surroundings:
 * the term it defines, the headings it stands under, the sentence before, the embedded window it
 * lies in. Where a chunk begins in the middle of a definition, its term is taken from the chunk
 * before.
 */
#include "ai/find/passage_work.h"

#include "ai/find/ids.h"
#include "ai/find/sentence_vector.h"
#include "ai/text/option.h"
#include "core/err.h"

#include <math.h>
#include <stdlib.h>

#define ALL_TERMS (~(ai_terms)0)

/* --- Terms ---------------------------------------------------------------------------------- */

/* The share of the weight of `wanted` that `have` holds; 1 when nothing is wanted. */
static float share(const struct passage_work *w, ai_terms have, ai_terms wanted)
{
    float sum = 0, all = 0;
    for (size_t i = 0; i < w->found->term_count; i++) {
        if (!(wanted & (1u << i)))
            continue;
        all += w->found->terms[i].weight;
        if (have & (1u << i))
            sum += w->found->terms[i].weight;
    }
    return all > 0 ? sum / all : 1;
}

/* A number, or a capital inside the question; German writes every noun with one. */
static bool is_name(const struct ai_found *found, size_t term)
{
    unsigned flags = found->terms[term].flags;
    if (flags & (AI_WORD_DIGIT | AI_WORD_UPPER))
        return true;
    return (flags & AI_WORD_CAPITAL) && !found->terms[term].first && found->lang != AI_LANG_DE;
}

float ai_passage_missing(const struct ai_found *found, const struct ai_found_chunk *c, bool names)
{
    const struct core_str parts[] = {c->name, c->title, c->heading, c->text};
    ai_terms have = 0;
    float most = 0;
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        have |= ai_terms_in(found, parts[i]);
    for (size_t i = 0; i < found->term_count; i++)
        if (!(have & (1u << i)) && (!names || is_name(found, i)))
            most = fmaxf(most, names ? found->terms[i].rarity
                                     : ai_term_missed(found, &found->terms[i], c->lang));
    /* What only sounds like an option is another one. */
    for (size_t i = 0; i < found->option_count; i++)
        if (!ai_option_named(c->text, found->options[i]))
            return 1;
    return most;
}

struct core_str passage_text(const struct passage_work *w, const struct passage_sentence *s)
{
    return core_strn(w->found->chunks[s->chunk].text.ptr + s->s.start, s->s.end - s->s.start);
}

/* --- Tables --------------------------------------------------------------------------------- */

static unsigned cells(struct core_str row)
{
    unsigned count = 1;
    for (size_t i = 0; i < row.len; i++)
        count += row.ptr[i] == '|' && (i == 0 || row.ptr[i - 1] == ' ') &&
                 (i + 1 == row.len || row.ptr[i + 1] == ' ');
    return count;
}

static bool is_row(const struct passage_work *w, size_t i, unsigned chunk)
{
    return i < w->count && w->at[i].chunk == chunk && w->at[i].s.kind == AI_SENTENCE_ROW;
}

/* "(to age 26)" */
static bool in_brackets(struct core_str s, size_t at)
{
    while (at > 0 && s.ptr[at - 1] != '(' && s.ptr[at - 1] != '|')
        at--;
    return at > 0 && s.ptr[at - 1] == '(';
}

bool passage_names_columns(const struct passage_work *w, size_t i)
{
    unsigned chunk = w->at[i].chunk;
    if (!is_row(w, i, chunk) || !w->at[i].s.block_first || !is_row(w, i + 1, chunk) ||
        w->at[i + 1].s.block_first)
        return false;
    struct core_str names = passage_text(w, &w->at[i]);
    unsigned count = cells(names);
    struct core_str below = passage_text(w, &w->at[i + 1]);
    /* Beside an empty corner names may be years. */
    for (size_t at = 0; at < names.len && names.ptr[0] != '|'; at++)
        if (names.ptr[at] >= '0' && names.ptr[at] <= '9' && (at == 0 || names.ptr[at - 1] == ' ') &&
            !in_brackets(names, at))
            return false;
    /* The corner above the names of the rows may be missing. */
    return count > 2 && (count == cells(below) || count + 1 == cells(below));
}

/* --- What the store has beside a chunk -------------------------------------------------------- */

struct window {
    size_t start, end;
    float cosine;
};
struct beside {
    const struct ai_view *view;
    struct window windows[AI_LIMIT_CHUNK_WINDOWS];
    size_t window_count;
    struct core_str vectors; /* of the sentences */
    struct core_str term;    /* of the definition the chunk begins in, or empty */
};
struct reading {
    const struct passage_work *w;
    struct beside *at; /* one for each chunk */
};

/* The first column says whose row it is. */
static struct beside *whose(const struct reading *r, const struct store_row *row)
{
    unsigned i = 0;
    while (i + 1 < r->w->chunks && r->w->found->chunks[i].id != store_row_i64(row, 0))
        i++;
    return &r->at[i];
}

static int on_window(void *arg, const struct store_row *row)
{
    const struct reading *r = arg;
    struct beside *b = whose(r, row);
    struct core_str data = store_row_str(row, 3);
    if (b->window_count == AI_LIMIT_CHUNK_WINDOWS || data.len != b->view->dimensions * 2u)
        return 0;
    b->windows[b->window_count++] = (struct window){
        (size_t)store_row_i64(row, 1), (size_t)store_row_i64(row, 2),
        ai_index_dot((const unsigned char *)data.ptr, b->view->dimensions, b->view->sought)};
    return 0;
}

static float window_cosine(const struct beside *b, const struct ai_found_chunk *c, size_t at)
{
    for (size_t i = 0; i < b->window_count; i++)
        if (at >= b->windows[i].start && at < b->windows[i].end)
            return b->windows[i].cosine;
    return c->cosine;
}

static int on_vectors(void *arg, const struct store_row *row)
{
    const struct reading *r = arg;
    struct core_str copy = core_pool_str(r->w->pool, store_row_str(row, 1));
    if (!copy.ptr)
        return CORE_ENOMEM;
    whose(r, row)->vectors = copy;
    return 0;
}

static bool starts_inside(const struct ai_found_chunk *c)
{
    return c->ordinal > 0 && c->text.len > 1 && c->text.ptr[0] == ' ';
}

/* The last term of the chunk before. */
static int on_before(void *arg, const struct store_row *row)
{
    const struct reading *r = arg;
    struct ai_sentences it;
    struct ai_sentence s;
    struct core_str text = store_row_str(row, 1), term = CORE_STR("");
    ai_sentences_init(&it, text);
    while (ai_sentences_next(&it, &s)) {
        struct core_str now = core_strn(text.ptr + s.start, s.end - s.start);
        if (s.kind == AI_SENTENCE_TERM || (s.kind == AI_SENTENCE_ROW && s.block_first))
            term = now;
        else if (s.kind == AI_SENTENCE_TITLE || (s.kind == AI_SENTENCE_PROSE && s.block_first))
            term = CORE_STR("");
    }
    term = core_pool_str(r->w->pool, core_strn(term.ptr, core_utf8_cut(term, AI_PASSAGE_TERM)));
    if (term.ptr)
        whose(r, row)->term = term;
    return 0;
}

/* Of the chunks that are looked at by one view. */
static int read_vectors(struct reading *r, const struct ai_view *view)
{
    const struct passage_work *w = r->w;
    const struct store_value model = STORE_C(view->model);
    int64_t ids[AI_LIMIT_PASSAGE_CHUNKS];
    size_t n = 0;
    for (unsigned i = 0; view->model && i < w->chunks; i++)
        if (r->at[i].view == view)
            ids[n++] = w->found->chunks[i].id;
    if (n == 0)
        return 0;
    int e = ai_ids_read(w->ai->store,
                        "SELECT chunk_id, start_at, end_at, data FROM vector WHERE chunk_id IN"
                        " (" AI_IDS ") AND model = " AI_IDS_NEXT " ORDER BY chunk_id, ordinal",
                        ids, n, &model, on_window, r);
    return e < 0 ? e : ai_retrieve_sentences(w->ai, view->model, ids, n, on_vectors, r);
}

static int read_beside(struct reading *r)
{
    const struct passage_work *w = r->w;
    int64_t inside[AI_LIMIT_PASSAGE_CHUNKS];
    size_t inside_count = 0;
    int e = 0;
    for (unsigned i = 0; i < w->chunks; i++) {
        const struct ai_found_chunk *c = &w->found->chunks[i];
        r->at[i] = (struct beside){.view = ai_found_view(w->found, c->lang),
                                   .vectors = CORE_STR(""),
                                   .term = CORE_STR("")};
        if (starts_inside(c))
            inside[inside_count++] = c->id;
    }
    for (unsigned v = 0; e == 0 && v < 2; v++)
        e = read_vectors(r, &w->found->views[v]);
    if (e == 0)
        e = ai_ids_read(w->ai->store,
                        "SELECT c.id, p.text FROM chunk AS c JOIN chunk AS p ON"
                        " p.content_id = c.content_id AND p.ordinal = c.ordinal - 1"
                        " WHERE c.id IN (" AI_IDS ")",
                        inside, inside_count, NULL, on_before, r);
    return e;
}

/* --- What the sentences of one chunk share ---------------------------------------------------- */

struct view {
    const struct ai_found_chunk *chunk;
    const struct beside *beside;
    ai_terms around, heading, name; /* in title and headings; in the last heading; in the name */
};

static struct view view_chunk(const struct passage_work *w, const struct ai_found_chunk *c,
                              const struct beside *beside)
{
    struct view v = {.chunk = c, .beside = beside};
    struct core_str last = c->heading;
    for (ssize_t cut; (cut = core_str_find(last, CORE_STR(" > "))) >= 0;)
        last = core_strn(last.ptr + cut + 3, last.len - (size_t)cut - 3);
    v.name = ai_terms_in(w->found, c->name);
    v.heading = ai_terms_in(w->found, last);
    v.around = v.name | ai_terms_in(w->found, c->title) | ai_terms_in(w->found, c->heading);
    return v;
}

/* --- Features ------------------------------------------------------------------------------- */

/* "tar - an archiving utility" (1), "APT is a …" (a half): begins with a word of the question and
 * explains it. */
static float defines(const struct passage_work *w, const struct passage_sentence *s)
{
    static const char *const marks[] = {" - ",   " — ",  " – ",   " is ",
                                        " are ", " je ", " ist ", " means "};
    enum { DASHES = 3 };
    struct core_str text = passage_text(w, s);
    struct core_str head = core_strn(text.ptr, core_utf8_cut(text, AI_PASSAGE_TERM));
    ssize_t first = -1;
    float sure = 0;
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++) {
        ssize_t at = core_str_find(head, core_str(marks[i]));
        if (at <= 0 || (first >= 0 && at >= first))
            continue;
        first = at;
        sure = i < DASHES ? 1 : .5f;
    }
    struct core_str subject = core_strn(text.ptr, first < 0 ? 0 : (size_t)first);
    return ai_text_words(subject) <= 4 && ai_terms_in(w->found, subject) ? sure : 0;
}

/* The definition of the option that is asked for: its first sentence says what it does, the others
 * go into detail. Others may at least name it. */
static float has_options(const struct passage_work *w, const struct passage_sentence *s,
                         const struct passage_sentence *before)
{
    bool first = s->s.line_first && (!before || s->term_at == before - w->at);
    float most = 0;
    for (size_t i = 0; i < w->found->option_count; i++) {
        if (ai_option_named(s->term, w->found->options[i]))
            return first ? 1 : .75f;
        if (ai_option_subject(passage_text(w, s), w->found->options[i]))
            most = .75f;
        else if (ai_option_named(passage_text(w, s), w->found->options[i]))
            most = fmaxf(most, .25f);
    }
    return most;
}

/* "From: …" says who wrote the mail, "Date: …" when it was sent, in words that nobody asks with:
 * those of the question that such a line stands for, or none. */
static ai_terms header_says(const struct ai_found *found, struct core_str label)
{
    bool from = core_str_eq_c(label, "From") && found->type == AI_ANSWER_PERSON;
    bool date = core_str_eq_c(label, "Date") && found->type == AI_ANSWER_DATE;
    ai_terms sent = 0, mail = 0;
    for (size_t i = 0; (from || date) && i < found->term_count; i++) {
        struct core_str word = found->terms[i].word;
        if (ai_word_in(" sent send sends sender wrote write written author mailed replied schrieb "
                       "geschrieben gesendet geschickt schickte absender verfasst poslal poslala "
                       "napsal napsala odeslal odeslala odeslan odesilatel ",
                       word))
            sent |= 1u << i;
        else if (ai_word_in(" mail email message e nachricht zprava zpravu mailu emailu ", word))
            mail |= 1u << i;
    }
    return sent ? sent | mail : 0;
}

/* The share of its words that say something which the question has. */
static float asked_share(const struct passage_work *w, struct core_str label, enum ai_lang lang)
{
    struct ai_words words;
    struct ai_word word;
    unsigned all = 0, asked = 0;
    ai_words_init(&words, label);
    while (ai_words_next(&words, &word)) {
        if (!word.folded.len || ai_stop(word.folded, lang))
            continue;
        all++;
        asked += ai_terms_in(w->found, core_strn(label.ptr + word.start, word.end - word.start)) !=
                 0;
    }
    return all ? (float)asked / (float)all : 0;
}

/* "Deposit: 400 pounds", "Deposit | 400": what stands in front; else the term it defines. */
static struct core_str label_of(const struct passage_work *w, const struct passage_sentence *s)
{
    struct core_str text = passage_text(w, s);
    struct core_str head = core_strn(text.ptr, core_utf8_cut(text, AI_PASSAGE_TERM));
    ssize_t end = core_str_find(head,
                                s->s.kind == AI_SENTENCE_ROW ? CORE_STR(" | ") : CORE_STR(": "));
    if (end < 0)
        return s->term;
    head.len = (size_t)end;
    return ai_text_words(head) <= AI_LABEL_WORDS ? head : s->term;
}

/* What a sentence stands under: a heading, and the names of the columns of its row. */
struct above {
    ai_terms heading, columns;
};

static void set_features(const struct passage_work *w, const struct view *v,
                         struct passage_sentence *s, const struct passage_sentence *before,
                         const struct above *above)
{
    float *f = s->features;
    struct core_str text = passage_text(w, s);
    struct core_str label = label_of(w, s);
    ai_terms term = ai_terms_in(w->found, s->term), header = header_says(w->found, label);
    const struct ai_view *view = v->beside->view;
    float window = window_cosine(v->beside, v->chunk, s->s.start);
    float unit = ai_answer_unit_match(w->unit, text);
    s->own |= header;
    s->labelled = label.len && label.ptr == text.ptr;
    s->codes = w->codes & (s->own | term | v->around | above->heading);
    f[AI_PASSAGE_TYPE] = ai_answer_unit_alone(w->unit)
                             ? unit
                             : ai_answer_match(w->found->type, text, s->s.kind) * unit;
    /* Inside a manual of tar nobody repeats "tar". */
    f[AI_PASSAGE_TERMS] = share(w, s->own | term | above->columns, ALL_TERMS & ~v->name);
    f[AI_PASSAGE_ALL] = share(
        w, s->own | term | above->columns | v->around | above->heading | (before ? before->own : 0),
        ALL_TERMS);
    s->windowed = window > -1;
    /* Without a vector the words have to stand for it. */
    f[AI_PASSAGE_WINDOW] = s->windowed ? ai_view_near(view, v->chunk->lang, window)
                                       : .2f + .45f * f[AI_PASSAGE_TERMS];
    float cosine;
    size_t row = (size_t)(s - w->at) - w->first[s->chunk];
    f[AI_PASSAGE_COSINE] = view->model &&
                                   ai_sentence_vectors_cosine(v->beside->vectors, view->dimensions,
                                                              row, view->sought, &cosine)
                               ? ai_view_near(view, v->chunk->lang, cosine)
                               : f[AI_PASSAGE_WINDOW];
    f[AI_PASSAGE_RANK] = 1.0f / (1.0f + (float)s->chunk);
    f[AI_PASSAGE_KEYWORD] = v->chunk->keyword_rank ? 1.0f / (float)v->chunk->keyword_rank : 0;
    f[AI_PASSAGE_HEADING] = share(w, above->heading, ALL_TERMS);
    f[AI_PASSAGE_LABEL] = header ? 1 : asked_share(w, label, v->chunk->lang);
    f[AI_PASSAGE_NAME] = share(w, v->name, ALL_TERMS);
    f[AI_PASSAGE_SHORT] = s->s.words < 5;
    f[AI_PASSAGE_LONG] = s->s.words > 40;
    f[AI_PASSAGE_OPTION] = has_options(w, s, before);
    f[AI_PASSAGE_CODE] = s->s.kind == AI_SENTENCE_CODE;
    f[AI_PASSAGE_DEFINES] = w->found->type == AI_ANSWER_DEFINITION ? defines(w, s) : 0;
    f[AI_PASSAGE_TYPE] = fmaxf(f[AI_PASSAGE_TYPE], f[AI_PASSAGE_DEFINES]);
    if (s->term.len) {
        float match = ai_answer_match(w->found->type, s->term, AI_SENTENCE_TERM) *
                      ai_answer_unit_match(w->unit, s->term);
        f[AI_PASSAGE_TERMED] = w->found->type == AI_ANSWER_OPTION ? match : 0;
        f[AI_PASSAGE_TYPE] = fmaxf(f[AI_PASSAGE_TYPE], match);
    }
    s->score = ai_passage_score(f);
}

/* A table row or a line alone above an indented line is its term, whatever it looks like. */
static bool is_term(const struct passage_sentence *s)
{
    return s->s.kind == AI_SENTENCE_TERM ||
           ((s->s.kind == AI_SENTENCE_ROW || s->s.kind == AI_SENTENCE_TITLE) && s->s.line_first);
}

static void split_chunk(struct passage_work *w, unsigned index, const struct beside *beside)
{
    const struct ai_found_chunk *c = &w->found->chunks[index];
    struct view view = view_chunk(w, c, beside);
    struct ai_sentences it;
    struct ai_sentence s;
    size_t first = w->count;
    struct core_str term = beside->term;
    ssize_t term_at = -1;
    struct above above = {.heading = view.heading};
    struct passage_sentence *before = NULL;
    w->first[index] = first;
    ai_sentences_init(&it, c->text);
    while (w->count - first < AI_LIMIT_CHUNK_SENTENCES && ai_sentences_next(&it, &s)) {
        struct passage_sentence *now = &w->at[w->count++];
        *now = (struct passage_sentence){.s = s, .chunk = index, .term_at = -1};
        now->own = ai_terms_in(w->found, passage_text(w, now));
        if (s.kind == AI_SENTENCE_DEFINITION && before && s.line_first && is_term(before)) {
            before->s.kind = AI_SENTENCE_TERM;
            term = passage_text(w, before);
            term.len = core_utf8_cut(term, AI_PASSAGE_TERM);
            term_at = before - w->at;
        } else if (s.kind == AI_SENTENCE_TITLE || (s.kind == AI_SENTENCE_PROSE && s.line_first)) {
            term = CORE_STR("");
            term_at = -1;
        }
        /* In a list of questions and answers the question is the heading. */
        now->asks = s.kind != AI_SENTENCE_CODE &&
                    core_str_ends(passage_text(w, now), CORE_STR("?"));
        if (s.kind == AI_SENTENCE_TITLE || now->asks)
            above.heading = now->own;
        if (s.kind != AI_SENTENCE_ROW || s.block_first)
            above.columns = 0;
        else if (before && passage_names_columns(w, (size_t)(before - w->at)))
            above.columns = before->own;
        if (s.kind == AI_SENTENCE_DEFINITION || s.kind == AI_SENTENCE_CODE) {
            now->term = term;
            now->term_at = term_at;
        }
        set_features(w, &view, now, before, &above);
        before = now;
    }
    w->first[index + 1] = w->count;
}

/* Where none of the chunks has the unit asked for, every number is as good. */
static enum ai_answer_unit unit_there(const struct passage_work *w)
{
    for (unsigned i = 0; i < w->chunks; i++)
        if (ai_answer_unit_match(w->found->unit, w->found->chunks[i].text) == 1)
            return w->found->unit;
    return AI_UNIT_ANY;
}

static ai_terms codes_of(const struct ai_found *found)
{
    ai_terms codes = 0;
    for (size_t i = 0; i < found->term_count; i++)
        if (ai_text_is_code(found->terms[i].word, found->terms[i].flags))
            codes |= 1u << i;
    return codes;
}

/* Where one says something about E24, what does not is about something else. */
static void weigh_codes(struct passage_work *w)
{
    ai_terms held = 0;
    for (size_t i = 0; i < w->count; i++)
        held |= w->at[i].codes;
    for (size_t i = 0; i < w->count; i++)
        if (held & ~w->at[i].codes)
            w->at[i].score -= AI_CODE_MISSED;
}

int passage_split(struct passage_work *w)
{
    w->unit = unit_there(w);
    w->codes = codes_of(w->found);
    struct reading r = {w, core_alloc_array(w->chunks + 1, sizeof *r.at)};
    int e = read_beside(&r);
    for (unsigned i = 0; e == 0 && i < w->chunks; i++) {
        struct core_str text = w->found->chunks[i].text;
        if (!ai_sentence_vectors_fit(r.at[i].vectors, r.at[i].view->dimensions, text))
            r.at[i].vectors = CORE_STR("");
        split_chunk(w, i, &r.at[i]);
    }
    weigh_codes(w);
    free(r.at);
    return e;
}
