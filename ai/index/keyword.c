/* keyword.c: what the keyword engines share (see keyword.h). */
#include "ai/index/keyword.h"

#include "ai/index/term.h"
#include "core/err.h"

#include <inttypes.h>
#include <stdio.h>

struct words {
    uint64_t hashes[AI_LIMIT_QUERY_WORDS];
    size_t count;
};

/* Whether the folded word is new. Two words of one hash would lose one of them: no harm. */
static bool words_add(struct words *words, struct core_str folded)
{
    uint64_t hash = core_str_hash(folded);
    for (size_t i = 0; i < words->count; i++)
        if (words->hashes[i] == hash)
            return false;
    words->hashes[words->count++] = hash;
    return true;
}

static int give_words(struct core_str query, ai_keyword_filter wanted, void *arg,
                      int (*word)(void *to, struct core_str w), void *to, size_t *ret_given)
{
    struct words words = {.count = 0};
    char text[AI_LIMIT_QUERY_WORD];
    size_t at = 0, len;
    while (words.count < AI_LIMIT_QUERY_WORDS && (len = ai_term_word(query, &at, text)) > 0) {
        struct core_str w = core_strn(text, len);
        if (!words_add(&words, w) || (wanted && !wanted(arg, w)))
            continue;
        int err = word(to, w);
        if (err)
            return err;
        ++*ret_given;
    }
    return 0;
}

int ai_keyword_words(struct core_str query, ai_keyword_filter wanted, void *arg,
                     int (*word)(void *to, struct core_str w), void *to)
{
    size_t given = 0;
    int err = give_words(query, wanted, arg, word, to, &given);
    if (err == 0 && given == 0 && wanted)
        err = give_words(query, NULL, NULL, word, to, &given);
    return err;
}

int ai_keyword_agree(int err, int64_t chunks, int64_t indexed, char *why, size_t why_cap)
{
    if (err) {
        snprintf(why, why_cap, "the keyword index cannot be read: %s", core_err_text(err));
        return err;
    }
    if (chunks == indexed)
        return 0;
    snprintf(why, why_cap,
             "the keyword index holds %" PRId64 " of %" PRId64 " chunks; learn the documents again",
             indexed, chunks);
    return CORE_EMISMATCH;
}
