/*
 * passage.c: chunks → sentences → features → score → passages.
 *
 *     10 chunks ≈ 200 sentences ── score ──→ best ── widen ──→ passage
 *
 * The best sentence is widened to what makes it readable: the term above its definition, what
 * follows a colon, the line of code below.
 */
#include "ai/find/passage_work.h"

#include "ai/extract/doc.h"
#include "core/err.h"

#include <math.h>
#include <stdlib.h>

/* --- Tables --------------------------------------------------------------------------------- */

/* The first row, in this chunk, of the table in which sentence i is; i itself when it is no row. */
static size_t table_top(const struct passage_work *w, size_t i)
{
    size_t low = w->first[w->at[i].chunk];
    while (i > low && w->at[i].s.kind == AI_SENTENCE_ROW && !w->at[i].s.block_first &&
           w->at[i - 1].s.kind == AI_SENTENCE_ROW)
        i--;
    return i;
}

/* The names of the columns above the row that a passage begins with, or nothing. */
static struct core_str columns_of(const struct passage_work *w, size_t from)
{
    size_t top = table_top(w, from);
    return top < from && passage_names_columns(w, top) ? passage_text(w, &w->at[top])
                                                       : core_strn("", 0);
}

/* --- Order ---------------------------------------------------------------------------------- */

static int by_score(const void *a, const void *b)
{
    const struct passage_sentence *x = *(struct passage_sentence *const *)a,
                                  *y = *(struct passage_sentence *const *)b;
    if (x->score != y->score)
        return x->score < y->score ? 1 : -1;
    return x < y ? -1 : x > y;
}

/* Is it what the document is called, above what it says, and holds less than what is asked? */
static bool only_names(const struct passage_work *w, const struct passage_sentence *s)
{
    bool alone = w->first[s->chunk + 1] - w->first[s->chunk] == 1;
    return !alone && s->features[AI_PASSAGE_TERMS] < 1 &&
           core_str_eq(passage_text(w, s), w->found->chunks[s->chunk].title);
}

/* A line that only names what follows can not answer by itself, unless it says what it names, as
 * the first line of a manual page does ("tar - an archiving utility"). */
static bool may_answer(const struct passage_work *w, const struct passage_sentence *s)
{
    if (s->features[AI_PASSAGE_DEFINES] <= 0 && only_names(w, s))
        return false;
    if (s->s.kind == AI_SENTENCE_TERM || s->asks || passage_names_columns(w, (size_t)(s - w->at)))
        return false;
    return s->s.kind != AI_SENTENCE_TITLE || s->features[AI_PASSAGE_DEFINES] > 0;
}

/* --- Passages ------------------------------------------------------------------------------- */

static bool ends_with_colon(const struct passage_work *w, const struct passage_sentence *s)
{
    struct core_str t = passage_text(w, s);
    return t.len && t.ptr[t.len - 1] == ':';
}

static enum ai_sentence_kind kind_at(const struct passage_work *w, size_t i)
{
    return w->at[i].s.kind;
}

/* Does sentence i go on in the same line of thought as the one before it? */
static bool continues(const struct passage_work *w, size_t i, size_t high)
{
    return i < high && kind_at(w, i) != AI_SENTENCE_TERM && kind_at(w, i) != AI_SENTENCE_TITLE;
}

/* "It is …", "This option …": not to be understood without the sentence before. */
static bool points_back(struct core_str sentence)
{
    static const char *const words[] = {"It ",   "This ",  "These ", "They ", "Its ",
                                        "Such ", "Then ",  "Das ",   "Dies",  "Es ",
                                        "Sie ",  "Tento ", "Tato ",  "Toto ", "Tyto "};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (core_str_starts(sentence, core_str(words[i])))
            return true;
    return false;
}

/* An item is read from its beginning: there it says what it is about. */
static size_t begin_of_line(const struct passage_work *w, size_t at, size_t low)
{
    size_t from = at;
    while (from > low && at - from < 2 && !w->at[from].s.line_first)
        from--;
    return w->at[from].s.line_first ? from : at;
}

/* Where the passage begins: at the term a definition belongs to, if it is
 * near; at the sentence that leads to an item or a line of code; one back
 * when the sentence is too short to be understood alone. */
static size_t widen_back(const struct passage_work *w, size_t main, size_t low)
{
    const struct passage_sentence *s = &w->at[main];
    if (main == low)
        return main;
    const struct passage_sentence *before = s - 1;
    bool same = before->s.kind == s->s.kind && s->s.words < AI_PASSAGE_SHORT_WORDS;
    switch (s->s.kind) {
    case AI_SENTENCE_DEFINITION:
        if (s->term_at >= 0 && main - (size_t)s->term_at <= 2)
            return (size_t)s->term_at;
        return same ? main - 1 : main;
    case AI_SENTENCE_ITEM:
        return s->s.line_first ? main - ends_with_colon(w, before) : begin_of_line(w, main, low);
    case AI_SENTENCE_CODE:
        return before->s.kind == AI_SENTENCE_PROSE || before->s.kind == AI_SENTENCE_DEFINITION
                   ? main - 1
                   : main;
    case AI_SENTENCE_PROSE:
        if (s->s.block_first || before->s.kind != s->s.kind || s->labelled)
            return main;
        return same || points_back(passage_text(w, s)) ? main - 1 : main;
    default:
        return main;
    }
}

/* Holds what was asked for: a number, a path, a date, a name. More would only blur it. */
static bool is_complete(const struct passage_work *w, const struct passage_sentence *s)
{
    enum ai_answer_type type = w->found->type;
    bool exact = type == AI_ANSWER_NUMBER || type == AI_ANSWER_PATH || type == AI_ANSWER_DATE ||
                 type == AI_ANSWER_PERSON;
    return exact && s->s.kind == AI_SENTENCE_PROSE && s->features[AI_PASSAGE_TYPE] >= 1;
}

static bool ends_with_stop(const struct passage_work *w, const struct passage_sentence *s)
{
    struct core_str t = passage_text(w, s);
    return t.len && strchr(".!?", t.ptr[t.len - 1]);
}

/* Says its line all that it has to say? "MOT due: May 2027" does; an item without a stop may be one
 * of several that answer together. */
static bool is_whole_line(const struct passage_work *w, const struct passage_sentence *s)
{
    return s->labelled || (s->s.kind == AI_SENTENCE_ITEM && ends_with_stop(w, s));
}

/* First and last sentence of the passage around `main`: at most three and a term. */
static void widen(const struct passage_work *w, size_t main, size_t *ret_from, size_t *ret_to)
{
    unsigned chunk = w->at[main].chunk;
    size_t high = w->first[chunk + 1], from = widen_back(w, main, w->first[chunk]), to = main;
    const struct passage_sentence *s = &w->at[main];
    bool list = ends_with_colon(w, s);
    unsigned words = 0;
    size_t most = kind_at(w, from) == AI_SENTENCE_TERM ? 3 : 2;
    for (size_t i = from; i <= main; i++)
        words += w->at[i].s.words;
    if (list && to + 1 < high)
        words += w->at[++to].s.words;
    /* The next row is about something else: see readable_rows(). */
    if (is_complete(w, s) || s->s.kind == AI_SENTENCE_ROW)
        most = to - from;
    else if (list) /* all of what is announced, as far as there is room */
        most = AI_PASSAGE_LIST;
    /* The sentence behind often carries the default, the unit, the exception. */
    while (to - from < most && continues(w, to + 1, high)) {
        const struct ai_sentence *next = &w->at[to + 1].s;
        if (next->kind != w->at[to].s.kind)
            break;
        bool said = s->labelled || is_whole_line(w, &w->at[to]);
        if (!list && (next->block_first || (next->line_first && said)))
            break;
        words += next->words;
        if (words > AI_PASSAGE_WORDS)
            break;
        to++;
    }
    *ret_from = from;
    *ret_to = to;
}

/* Does the line that begins here go on with the one before it, as a definition does with its term?
 */
static bool joins(struct core_str s, size_t line)
{
    size_t indent = 0;
    while (line + indent < s.len && s.ptr[line + indent] == ' ')
        indent++;
    size_t at = line + indent, mark = at;
    while (mark < s.len && s.ptr[mark] >= '0' && s.ptr[mark] <= '9')
        mark++;
    bool bullet = core_str_starts(core_strn(s.ptr + at, s.len - at), CORE_STR("- ")) ||
                  (mark > at &&
                   core_str_starts(core_strn(s.ptr + mark, s.len - mark), CORE_STR(". ")));
    return indent == AI_DOC_INDENT_TEXT && !bullet;
}

/* lines: what the stored text has on lines of their own stays there. */
static size_t collapse(struct core_str s, bool lines, char *out, size_t n)
{
    for (size_t i = 0; i < s.len; i++) {
        char c = s.ptr[i];
        bool ends = c == '\n' && lines && !joins(s, i + 1);
        if (ends && n && out[n - 1] == ' ')
            out[n - 1] = '\n';
        else if (ends && n && out[n - 1] != '\n')
            out[n++] = '\n';
        if (c == '\n' || c == '\t' || c == '\r')
            c = ' ';
        if (c == ' ' && (!n || out[n - 1] == ' ' || out[n - 1] == '\n'))
            continue;
        out[n++] = c;
    }
    while (n && (out[n - 1] == ' ' || out[n - 1] == '\n'))
        n--;
    return n;
}

/* The passage to be read. A definition without its term would not say what it is about. */
static struct core_str readable(const struct passage_work *w, const struct passage_sentence *main,
                                const struct ai_passage *p, struct core_str columns, bool lines)
{
    struct core_str s = core_strn(p->chunk->text.ptr + p->start, p->end - p->start);
    bool inside = main->term_at >= 0 && w->at[main->term_at].s.start >= p->start;
    char *out = core_pool_alloc(w->pool, main->term.len + columns.len + s.len + 9);
    size_t n = 0;
    if (!out)
        return core_strn("", 0);
    if (main->term.len && !inside) {
        n = collapse(main->term, false, out, 0);
        memcpy(out + n, ": … ", 6);
        n += 6;
    }
    if (columns.len) {
        n = collapse(columns, false, out, n);
        out[n++] = '\n';
    }
    return core_strn(out, collapse(s, lines, out, n));
}

/* One row, with those of its table that hold as much of the question: "which boats does Hanke look
 * after?" may have several. */
static struct core_str readable_rows(const struct passage_work *w, size_t main,
                                     struct core_str columns)
{
    const struct passage_sentence *s = &w->at[main];
    size_t low = table_top(w, main), end = main + 1, high = w->first[s->chunk + 1];
    size_t size = columns.len, n = 0;
    unsigned words = s->s.words, rows = 1;
    while (end < high && kind_at(w, end) == AI_SENTENCE_ROW && !w->at[end].s.block_first)
        end++;
    /* A first row of two cells may be names too: then another one answers. */
    bool names = main == low && end > main + 1, alone = names;
    for (size_t i = low; i < end; i++) {
        size += passage_text(w, &w->at[i]).len + 1;
        alone &= i == main || !(w->at[i].own & ~s->own);
    }
    /* Where nothing tells the rows apart, a few will do. */
    unsigned most = alone || !s->own ? 3 : AI_PASSAGE_LIST;
    char *out = core_pool_alloc(w->pool, size + 1);
    if (!out)
        return core_strn("", 0);
    n = collapse(columns, false, out, n);
    for (size_t i = low; i < end; i++) {
        const struct passage_sentence *row = &w->at[i];
        bool like = names ? (row->own & ~s->own) != 0 || alone
                          : (row->own & s->own) == s->own && (s->own || !row->own) &&
                                !passage_names_columns(w, i);
        bool more = i != main && like && rows < most && words + row->s.words <= AI_PASSAGE_WORDS;
        if (i != main && !more)
            continue;
        rows += more;
        words += more ? row->s.words : 0;
        if (n)
            out[n++] = '\n';
        n += collapse(passage_text(w, row), false, out + n, 0);
    }
    return core_strn(out, n);
}

static bool overlaps(const struct ai_passages *p, const struct ai_passage *q)
{
    for (size_t i = 0; i < p->count; i++) {
        const struct ai_passage *o = &p->at[i];
        if (o->chunk == q->chunk && q->start < o->end && o->start < q->end)
            return true;
        if (core_str_eq(o->text, q->text))
            return true;
    }
    return false;
}

static void make_passages(const struct passage_work *w, struct passage_sentence **order,
                          struct ai_passages *ret)
{
    ret->count = 0;
    for (size_t i = 0; i < w->count && ret->count < AI_LIMIT_PASSAGES; i++) {
        const struct passage_sentence *s = order[i];
        if (!may_answer(w, s))
            continue;
        size_t from, to;
        widen(w, (size_t)(s - w->at), &from, &to);
        struct ai_passage p = {.chunk = &w->found->chunks[s->chunk],
                               .rank = s->chunk,
                               .start = w->at[from].s.start,
                               .end = w->at[to].s.end,
                               .term = s->term,
                               .score = s->score,
                               .coded = s->codes & s->own};
        memcpy(p.features, s->features, sizeof p.features);
        struct core_str columns = columns_of(w, from);
        bool row = s->s.kind == AI_SENTENCE_ROW;
        p.text = row ? readable_rows(w, (size_t)(s - w->at), columns)
                     : readable(w, s, &p, columns, false);
        if (!p.text.len || overlaps(ret, &p))
            continue;
        p.lines = row ? p.text : readable(w, s, &p, columns, true);
        if (p.lines.len)
            ret->at[ret->count++] = p;
    }
}

/* Nothing else could answer than a price, say, and none is there? */
static bool lacks_unit(const struct passage_work *w, struct core_str text)
{
    enum ai_answer_unit unit = w->found->unit;
    return ai_answer_unit_needed(unit) && ai_answer_unit_match(unit, text) < 1 &&
           ai_answer_unit(text) != unit;
}

/* Where nothing but a phone number, say, can answer, the best passage that has one comes first. A
 * price may be that of something else. */
static void put_unit_first(const struct passage_work *w, struct ai_passages *p)
{
    size_t i = 0;
    while (ai_answer_unit_alone(w->found->unit) && i < p->count && lacks_unit(w, p->at[i].text))
        i++;
    if (i == 0 || i == p->count)
        return;
    struct ai_passage first = p->at[i];
    memmove(&p->at[1], &p->at[0], i * sizeof p->at[0]);
    p->at[0] = first;
}

int ai_passages_choose(struct ai *ai, const struct ai_found *found, struct core_pool *pool,
                       struct ai_passages *ret)
{
    struct passage_work w = {.ai = ai, .found = found, .pool = pool};
    w.chunks = found->count < AI_LIMIT_PASSAGE_CHUNKS ? (unsigned)found->count
                                                      : AI_LIMIT_PASSAGE_CHUNKS;
    size_t most = (size_t)w.chunks * AI_LIMIT_CHUNK_SENTENCES + 1;
    w.at = core_alloc_array(most, sizeof *w.at);
    struct passage_sentence **order = core_alloc_array(most, sizeof *order);
    int e = passage_split(&w);
    if (e < 0)
        goto out;
    for (size_t i = 0; i < w.count; i++)
        order[i] = &w.at[i];
    qsort(order, w.count, sizeof *order, by_score);
    make_passages(&w, order, ret);
    put_unit_first(&w, ret);
    float features[AI_CONFIDENCE_FEATURES];
    ai_confidence_features(found, ret, features);
    ret->confidence = ret->count ? ai_confidence(features) : 0;
    ret->answerable = ret->count ? ai_answerable(features) : 0;
    if (ret->count && lacks_unit(&w, ret->at[0].text)) {
        ret->confidence *= AI_OTHER_UNIT;
        ret->answerable *= AI_OTHER_UNIT;
    }
out:
    free(order);
    free(w.at);
    return e;
}

/* The heading that a sentence stands under: the last one before it inside the chunk, else the path
 * of headings at the chunk's beginning. */
static struct core_str location_of(const struct ai_passage *p, struct core_pool *pool)
{
    struct ai_sentences sentences;
    struct ai_sentence s;
    struct core_str heading = {0};
    ai_sentences_init(&sentences, p->chunk->text);
    while (ai_sentences_next(&sentences, &s) && s.start < p->start)
        if (s.kind == AI_SENTENCE_TITLE)
            heading = core_strn(p->chunk->text.ptr + s.start, s.end - s.start);
    return heading.len ? core_pool_str(pool, heading) : ai_retrieve_location(pool, p->chunk);
}

/* The quote shows the passage with as much around it as fits: first what follows, then what comes
 * before, without crossing a heading. */
static void quote_range(const struct ai_passage *p, size_t *ret_start, size_t *ret_end)
{
    size_t before[AI_LIMIT_CHUNK_SENTENCES], count = 0, start = p->start, end = p->end;
    struct ai_sentences it;
    struct ai_sentence s;
    ai_sentences_init(&it, p->chunk->text);
    while (ai_sentences_next(&it, &s)) {
        if (s.start < start) {
            if (s.kind == AI_SENTENCE_TITLE)
                count = 0;
            else if (count < AI_LIMIT_CHUNK_SENTENCES)
                before[count++] = s.start;
        } else if (s.start >= end) {
            if (s.kind == AI_SENTENCE_TITLE || s.end - start > AI_LIMIT_QUOTE)
                break;
            end = s.end;
        }
    }
    while (count && end - before[count - 1] <= AI_LIMIT_QUOTE)
        start = before[--count];
    *ret_start = start;
    *ret_end = end;
}

/* As much of it as a quote may be long, cut at a word. */
static struct core_str quote_of(struct core_str text)
{
    if (text.len <= AI_LIMIT_QUOTE)
        return text;
    size_t cut = core_utf8_cut(text, AI_LIMIT_QUOTE), word = cut;
    while (word > cut / 2 && text.ptr[word] != ' ' && text.ptr[word] != '\n')
        word--;
    return core_strn(text.ptr, word > cut / 2 ? word : cut);
}

int ai_passage_cite(const struct ai_passage *p, struct core_pool *pool, struct ai_citation *ret)
{
    struct ai_source s = {.document = p->chunk->document,
                          .document_id = p->chunk->document_id,
                          .title = p->chunk->title,
                          .location = location_of(p, pool),
                          .score = 1 / (1 + exp(-p->score))};
    size_t from, to;
    quote_range(p, &from, &to);
    s.quote = quote_of(core_strn(p->chunk->text.ptr + from, to - from));
    s.start = p->chunk->start + (int64_t)from;
    s.end = s.start + (int64_t)s.quote.len;
    if (!s.location.ptr)
        return CORE_ENOMEM;
    *ret = (struct ai_citation){s, p->chunk->content_id};
    return 0;
}
