/*
 * features.c: prints what the passage choice sees, for tests/eval/fit.py.
 *
 *     build/eval-features DATA MINILM [E5 [DICTIONARY]] < questions.tsv
 *
 * Lines of fields separated by tabs: "A", number of the question, how probable it is that the
 * documents answer it; "R", number, the question as it was read, if otherwise; "Q", number,
 * features of the confidence; "C", number, document and scores of a chunk; "P", number, document, features of a passage, its text. DATA is a data folder in which
 * the documents were learned; no server may run on it.
 */
#include "ai/find/passage.h"
#include "core/err.h"
#include "genom/genom.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static struct ai_embedder *open_embedder(const struct core_env *env, const char *path, bool multi)
{
    const struct ai_embedder_options options = {.env = env,
                                                .program = "/proc/self/exe",
                                                .path = path,
                                                .name = multi ? "e5" : "minilm",
                                                .query_prefix = multi ? "query: " : "",
                                                .passage_prefix = multi ? "passage: " : "",
                                                .dimensions = AI_EMBED_DIMENSIONS,
                                                .window_tokens = AI_EMBED_WINDOW,
                                                .slots = AI_EMBED_SLOTS,
                                                .threads = 1,
                                                .idle_s = 600};
    return ai_embedder_new(&options);
}

static void print_features(const float *features, size_t n)
{
    for (size_t i = 0; i < n; i++)
        printf("\t%.5g", (double)features[i]);
}

static void ask(struct ai *ai, unsigned number, struct core_str question)
{
    struct core_pool *pool = core_pool_new(AI_LIMIT_ASK_MEMORY);
    struct ai_found *found = core_alloc(sizeof *found);
    struct ai_passages *passages = core_alloc(sizeof *passages);
    float confidence[AI_CONFIDENCE_FEATURES];
    uint64_t start = core_mono_ns(ai->env);
    ai_retrieve_question(ai, 0, question, pool, found);
    uint64_t embedded = core_mono_ns(ai->env);
    if (ai_retrieve(ai, 0, AI_LIMIT_PASSAGE_CHUNKS, AI_FUSE_REPEAT_ASK, pool, found) < 0)
        goto out;
    uint64_t retrieved = core_mono_ns(ai->env);
    if (ai_passages_choose(ai, found, pool, passages) < 0)
        goto out;
    uint64_t chosen = core_mono_ns(ai->env);
    fprintf(stderr, "%u: question %.0f ms, retrieve %.0f ms, choose %.0f ms\n", number,
            (double)(embedded - start) / 1e6, (double)(retrieved - embedded) / 1e6,
            (double)(chosen - retrieved) / 1e6);
    ai_confidence_features(found, passages, confidence);
    printf("A\t%u\t%.4f\n", number, passages->answerable);
    if (!core_str_eq(found->query, question))
        printf("R\t%u\t%.*s\n", number, CORE_STR_ARG(found->query));
    printf("Q\t%u", number);
    print_features(confidence, AI_CONFIDENCE_FEATURES);
    printf("\n");
    for (size_t i = 0; i < found->count; i++)
        printf("C\t%u\t%.*s\t%.4f\t%.4f\t%.4f\n", number, CORE_STR_ARG(found->chunks[i].document),
               found->chunks[i].fused, (double)found->chunks[i].cosine,
               (double)found->chunks[i].keywords);
    for (size_t i = 0; i < passages->count; i++) {
        const struct ai_passage *p = &passages->at[i];
        printf("P\t%u\t%.*s", number, CORE_STR_ARG(p->chunk->document));
        print_features(p->features, AI_PASSAGE_FEATURES);
        putchar('\t');
        for (size_t c = 0; c < p->text.len; c++) /* the names of columns are a line of their own */
            putchar(p->text.ptr[c] == '\n' ? ' ' : p->text.ptr[c]);
        putchar('\n');
    }
out:
    free(passages);
    free(found);
    core_pool_free(pool);
}

int main(int argc, char **argv)
{
    static struct ai ai;
    char why[256] = "", line[4096];
    if (argc == 3 && strcmp(argv[1], "model-probe") == 0)
        return ai_model_probe(argv[2]);
    if (argc < 3) {
        fprintf(stderr, "usage: features DATA MINILM [E5 [DICTIONARY]] < questions.tsv\n");
        return 2;
    }
    struct genom_dict *dict = NULL;
    if (argc > 4 && genom_dict_open(argv[4], &dict)) {
        fprintf(stderr, "%s is no dictionary\n", argv[4]);
        return 1;
    }
    ai.options.genom = dict;
    for (int i = 2; i < argc && i < 4; i++)
        if (access(argv[i], R_OK) != 0) {
            perror(argv[i]);
            return 1;
        }
    ai.env = core_env_real();
    const struct store_options store = {
        .env = ai.env, .url = "sqlite", .data_dir = argv[1], .readers_max = 2};
    const char *models[] = {"minilm", argc > 3 ? "e5" : NULL, NULL};
    struct ai_index_options index = {
        .env = ai.env, .data_dir = argv[1], .dimensions = AI_EMBED_DIMENSIONS, .models = models};
    int e = store_open(&store, &ai.store, why, sizeof why);
    index.store = ai.store;
    if (!e)
        e = ai_index_open(&index, &ai.index, why, sizeof why);
    if (e < 0) {
        fprintf(stderr, "%s\n", why);
        return 1;
    }
    for (int i = 2; i < argc && i < 4; i++)
        ai.embedders[i - 2] = open_embedder(ai.env, argv[i], i == 3);
    for (unsigned number = 0; fgets(line, sizeof line, stdin);) {
        line[strcspn(line, "\n")] = '\0';
        char *question = strrchr(line, '\t');
        if (line[0] != '#' && question)
            ask(&ai, number++, core_str(question + 1));
    }
    ai_index_free(ai.index);
    for (int i = 0; i < AI_EMBEDDERS; i++)
        ai_embedder_free(ai.embedders[i]);
    store_free(ai.store);
    genom_dict_close(dict);
    return 0;
}
