/*
 * question.c: a question → its language, its words and how much each says, its vector.
 */
#include "ai/find/retrieve.h"
#include "ai/question/spell.h"
#include "ai/text/option.h"
#include "ai/text/text.h"

#include <math.h>

static void find_terms(const struct genom_dict *dict, struct core_pool *pool, struct ai_found *f)
{
    struct ai_words words;
    struct ai_word w;
    ai_words_init(&words, f->query);
    f->term_count = 0;
    for (bool seen = false; f->term_count < AI_LIMIT_TERMS && ai_words_next(&words, &w);
         seen = true) {
        /* A word of accents alone folds to nothing. */
        if (!w.folded.len || ai_stop(w.folded, f->lang))
            continue;
        size_t i = 0;
        while (i < f->term_count && !core_str_eq(f->terms[i].word, w.folded))
            i++;
        if (i < f->term_count)
            continue;
        struct core_str copy = core_pool_str(pool, w.folded);
        if (!copy.ptr)
            continue;
        struct ai_term *t = &f->terms[f->term_count++];
        *t = (struct ai_term){.word = copy, .weight = 1, .flags = w.flags, .first = !seen};
        t->general = ai_lang_rarity(dict, f->lang,
                                    core_strn(f->query.ptr + w.start, w.end - w.start));
        t->form_count = ai_word_forms(pool, copy, f->lang, t->forms);
    }
}

/* How rare a word is that n of so many passages hold: 0 when all do. */
static double rarity(double n, double all)
{
    return log(1 + (fmax(all, n) - n + .5) / (n + .5));
}

/* The most that one of its forms is in. */
static int64_t chunks_with(struct ai *ai, const struct ai_term *t)
{
    int64_t most = 0, n;
    if (ai_index_word_count(ai->index, t->word, &n) == 0)
        most = n;
    for (size_t i = 0; i < t->form_count; i++)
        if (ai_index_word_count(ai->index, t->forms[i], &n) == 0 && n > most)
            most = n;
    return most;
}

void ai_retrieve_weigh_terms(struct ai *ai, struct ai_found *f)
{
    int64_t chunks = 0;
    if (store_read_i64(ai->store, "SELECT COUNT(*) FROM chunk", NULL, 0, &chunks) < 0)
        return;
    f->empty = !chunks;
    /* In a few documents no word would be rare, and what is in none of them not missed. Without
     * vectors words have to stand for what is meant: some are missing wherever it is said in others. */
    double most = 0, among = f->model ? AI_RARE_AMONG : 0;
    for (size_t i = 0; i < f->term_count; i++) {
        struct ai_term *t = &f->terms[i];
        double share = 1;
        t->chunks = chunks_with(ai, t);
        if (ai_answer_type_word(f->type, t->word) || ai_answer_unit_word(f->unit, t->word))
            share = AI_TYPE_WORD_WEIGHT;
        else if (ai_answer_common_word(t->word))
            share = AI_COMMON_WORD_WEIGHT;
        if (t->carried)
            share *= AI_CARRIED_WEIGHT;
        double n = (double)t->chunks, all = (double)chunks;
        t->idf = (float)rarity(n, all);
        t->weight = (float)(share * rarity(n, all));
        t->rarity = fminf(1, (float)(share * rarity(n, fmax(all, among))) / AI_RARE_WEIGHT);
        most = fmax(most, t->weight);
    }
    for (size_t i = 0; i < f->term_count && most > 0; i++)
        f->terms[i].weight /= (float)most;
}

/* "heat" and "heating", "bake" and "baking", "stop" and "stopped". */
static bool is_inflected(struct core_str word, struct core_str inflected)
{
    struct core_str stem = inflected;
    if (core_str_ends(inflected, CORE_STR("ing")))
        stem.len -= 3;
    else if (core_str_ends(inflected, CORE_STR("ed")))
        stem.len -= 2;
    if (stem.len < 3 || stem.len == inflected.len)
        return false;
    if (core_str_eq(word, stem))
        return stem.len > 3;
    struct core_str shorter = core_strn(stem.ptr, stem.len - 1);
    if (word.len == stem.len + 1)
        return core_str_starts(word, stem) && word.ptr[stem.len] == 'e';
    return core_str_eq(word, shorter) && stem.ptr[stem.len - 1] == stem.ptr[stem.len - 2];
}

/* A number or a code is itself only: ERR404 is not ERR405. */
static bool has_digit(struct core_str word)
{
    for (size_t i = 0; i < word.len; i++)
        if (word.ptr[i] >= '0' && word.ptr[i] <= '9')
            return true;
    return false;
}

static size_t letters(struct core_str word)
{
    size_t n = 0;
    for (size_t i = 0; i < word.len; i++)
        n += (word.ptr[i] & 0xc0) != 0x80;
    return n;
}

bool ai_word_alike(struct core_str a, struct core_str b)
{
    if (core_str_eq(a, b))
        return true;
    if (!a.len || !b.len || a.ptr[0] != b.ptr[0]) /* nearly all, and most words are asked about */
        return false;
    if (has_digit(a) || has_digit(b))
        return false;
    if (is_inflected(a, b) || is_inflected(b, a))
        return true;
    size_t at = 0, same = 0, long_a = letters(a), long_b = letters(b);
    for (uint32_t x, y; at < a.len && at < b.len; same++) {
        size_t n = core_utf8_next(a, at, &x);
        if (core_utf8_next(b, at, &y) != n || x != y)
            break;
        at += n;
    }
    size_t shorter = long_a < long_b ? long_a : long_b, longer = long_a + long_b - shorter;
    if (same < 3 || longer - same > 3)
        return false;
    /* Short words only differ by a plural's s. */
    if (same == 3)
        return longer - shorter == 1 && same == shorter && (a.len > b.len ? a : b).ptr[at] == 's';
    return same * 10 >= longer * 6;
}

bool ai_word_stands(struct core_str text, struct core_str folded, bool exact)
{
    struct ai_words words;
    struct ai_word w;
    ai_words_init(&words, text);
    while (ai_words_next(&words, &w))
        if (exact ? core_str_eq(w.folded, folded) : ai_word_alike(w.folded, folded))
            return true;
    return false;
}

float ai_term_missed(const struct ai_found *found, const struct ai_term *term, enum ai_lang lang)
{
    return lang == found->lang ? term->rarity * term->general : term->rarity;
}

bool ai_term_is(const struct ai_term *term, struct core_str folded)
{
    if (ai_word_alike(term->word, folded))
        return true;
    for (size_t i = 0; i < term->form_count; i++)
        if (ai_word_alike(term->forms[i], folded))
            return true;
    return false;
}

/* German nouns are written as one: "Vertragsnummer" is of a "Vertrag", and a "Nummer". */
static bool is_compound_of(const struct ai_word *w, const struct ai_term *term)
{
    return w->flags & AI_WORD_CAPITAL && term->flags & AI_WORD_CAPITAL &&
           term->word.len >= AI_COMPOUND_PART && w->folded.len >= term->word.len + 4 &&
           (core_str_starts(w->folded, term->word) || core_str_ends(w->folded, term->word));
}

/* "VAT" is "value added tax": the first letters of the last words, `initials`, end with it. */
static bool is_short_for(const struct ai_term *term, struct core_str initials)
{
    return term->flags & AI_WORD_UPPER && !(term->flags & AI_WORD_DIGIT) && term->word.len > 2 &&
           core_str_ends(initials, term->word);
}

ai_terms ai_terms_in(const struct ai_found *found, struct core_str text)
{
    bool german = found->lang == AI_LANG_DE;
    struct ai_words words;
    struct ai_word w;
    char initials[AI_ACRONYM_LETTERS];
    size_t n = 0;
    ai_terms have = 0;
    ai_words_init(&words, text);
    while (ai_words_next(&words, &w)) {
        if (!w.folded.len)
            continue;
        memmove(initials, initials + (n == sizeof initials), n - (n == sizeof initials));
        n -= n == sizeof initials;
        initials[n++] = w.folded.ptr[0];
        for (size_t i = 0; i < found->term_count; i++)
            if (!(have & (1u << i)) && (ai_term_is(&found->terms[i], w.folded) ||
                                        is_short_for(&found->terms[i], core_strn(initials, n)) ||
                                        (german && is_compound_of(&w, &found->terms[i]))))
                have |= 1u << i;
    }
    return have;
}

bool ai_retrieve_vector(struct ai *ai, unsigned worker, unsigned embedder, struct core_str text,
                        float *ret)
{
    struct ai_embedder *e = ai->embedders[embedder];
    if (!e || ai_embedder_dimensions(e) > AI_LIMIT_DIMENSIONS)
        return false;
    return ai_embedder_run(e, worker, AI_EMBED_QUERY, &text, 1, ret) == 0;
}

/* Words of the question before count less, if this one has any. */
static void find_carried(struct ai_found *found, struct core_str before, struct core_str question)
{
    bool own = false;
    for (size_t i = 0; i < found->term_count; i++) {
        struct ai_term *t = &found->terms[i];
        t->carried = ai_word_stands(before, t->word, true) &&
                     !ai_word_stands(question, t->word, true);
        own |= !t->carried && !ai_answer_common_word(t->word);
    }
    for (size_t i = 0; i < found->term_count; i++)
        found->terms[i].carried &= own;
}

/* The kind of thing that is asked for, where the question says so. */
static void find_kind(struct ai_found *found, struct core_str question)
{
    enum ai_answer_type type = ai_answer_type(question);
    enum ai_answer_unit unit = ai_answer_unit(question);
    if (type == AI_ANSWER_OTHER && unit == AI_UNIT_ANY)
        return;
    found->type = type;
    found->unit = type != AI_ANSWER_NUMBER && !ai_answer_unit_alone(unit) ? AI_UNIT_ANY : unit;
}

void ai_retrieve_leans(struct ai_found *found, struct core_str before, struct core_str question)
{
    find_carried(found, before, question);
    find_kind(found, question);
}

void ai_retrieve_question(struct ai *ai, unsigned worker, struct core_str query,
                          struct core_pool *pool, struct ai_found *ret)
{
    memset(ret, 0, sizeof *ret);
    ret->query = core_strn(query.ptr, core_utf8_cut(query, AI_LIMIT_QUERY));
    ret->lang = ai_lang_of_words(ai->options.genom, ret->query);
    ret->query = ai_spell_question(ai, pool, ret->query, ret->lang, ret->read_as,
                                   &ret->read_as_count);
    ret->type = AI_ANSWER_OTHER;
    find_kind(ret, ret->query);
    find_terms(ai->options.genom, pool, ret);
    ret->option_count = ai_options_find(ret->query, ret->options, AI_LIMIT_OPTIONS);
    struct ai_embedder *multi = ai->embedders[AI_EMBEDDER_MULTI];
    size_t seen = multi ? ai_index_count(ai->index, ai_embedder_name(multi)) : 0;
    unsigned which = ret->lang != AI_LANG_EN && seen ? AI_EMBEDDER_MULTI : AI_EMBEDDER_ENGLISH;
    if (!ai_retrieve_vector(ai, worker, which, ret->query, ret->vector))
        return;
    ret->embedder = which;
    ret->model = ai_embedder_name(ai->embedders[which]);
    ret->dimensions = ai_embedder_dimensions(ai->embedders[which]);
}
