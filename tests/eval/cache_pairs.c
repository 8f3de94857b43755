/*
 * cache_pairs.c: pairs of questions → what the cache makes of them, for tests/eval/eval_cache.py.
 *
 *     cache-pairs [MINILM E5] < pairs
 *
 * A line in is two questions with a tab between. A line out is "1" or "0" (the guard takes them for
 * the same), the nanoseconds it took, and with models the cosine of their vectors; −2 when the
 * questions go to different embedders, as the server would send them.
 */
#include "ai/guard/guard.h"
#include "ai/model/embedder.h"
#include "ai/room.h"
#include "ai/text/lang.h"
#include "core/limits.h"

#include <stdio.h>
#include <stdlib.h>

enum { LINE = 8192, ROUNDS = 5 };

static struct ai_embedder *open_embedder(const char *path, bool multi)
{
    const struct ai_embedder_options options = {.env = core_env_real(),
                                                .path = path,
                                                .name = multi ? "e5" : "minilm",
                                                .query_prefix = multi ? "query: " : "",
                                                .passage_prefix = multi ? "passage: " : "",
                                                .dimensions = AI_EMBED_DIMENSIONS,
                                                .window_tokens = AI_EMBED_WINDOW,
                                                .slots = 1,
                                                .threads = 1,
                                                .idle_s = 600};
    return ai_embedder_new(&options);
}

static double cosine(struct ai_embedder *const embedders[AI_EMBEDDERS],
                     const struct core_str pair[2])
{
    unsigned which = ai_lang_guess(pair[0]) != AI_LANG_EN;
    if (which != (ai_lang_guess(pair[1]) != AI_LANG_EN))
        return -2;
    float v[2 * AI_EMBED_DIMENSIONS];
    if (ai_embedder_run(embedders[which], 0, AI_EMBED_QUERY, pair, 2, v) < 0) {
        fprintf(stderr, "cache-pairs: the embedder failed\n");
        exit(1);
    }
    double sum = 0;
    for (unsigned i = 0; i < AI_EMBED_DIMENSIONS; i++)
        sum += (double)v[i] * (double)v[AI_EMBED_DIMENSIONS + i];
    return sum;
}

int main(int argc, char **argv)
{
    struct ai_embedder *embedders[AI_EMBEDDERS] = {NULL, NULL};
    char line[LINE];
    for (int i = 1; i < argc && i <= AI_EMBEDDERS; i++)
        embedders[i - 1] = open_embedder(argv[i], i == 2);
    while (fgets(line, sizeof line, stdin)) {
        line[strcspn(line, "\n")] = '\0';
        char *tab = strchr(line, '\t');
        if (!tab)
            continue;
        *tab = '\0';
        const struct core_str pair[2] = {core_str(line), core_str(tab + 1)};
        bool same = false;
        uint64_t least = UINT64_MAX;
        for (int round = 0; round < ROUNDS; round++) {
            uint64_t start = core_mono_ns(core_env_real());
            same = ai_guard_agree(pair[0], pair[1]);
            uint64_t took = core_mono_ns(core_env_real()) - start;
            least = took < least ? took : least;
        }
        printf("%d\t%llu", same, (unsigned long long)least);
        if (embedders[1])
            printf("\t%.5f", cosine(embedders, pair));
        printf("\n");
    }
    for (int i = 0; i < AI_EMBEDDERS; i++)
        ai_embedder_free(embedders[i]);
    return 0;
}
