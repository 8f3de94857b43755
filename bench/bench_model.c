/*
 * bench_model.c: the local models and the vector scan, each beside the plainest way to do the same
 * with the library below: bench-model MODELS-FOLDER TEXT-FILE.
 *
 * Prints processor seconds, since the wall clock of a busy machine says little; medians of ROUNDS,
 * ours and the plain way in turn. TEXT-FILE is any English text of 30 kB or more.
 */
#include "ai/ai.h"
#include "ai/index/f16.h"
#include "ai/index/vectors.h"
#include "ai/model/embedder.h"
#include "ai/model/model.h"

#include <llama.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum { ROUNDS = 7, ANSWER = 48, DIM = 384, PASSAGES = 48, CONTEXT = 2048 };

static double cpu(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *values, size_t n)
{
    qsort(values, n, sizeof *values, by_value);
    return values[n / 2];
}

static char text[30001];

static struct core_str passage(int i, size_t len)
{
    return core_strn(text + (size_t)i * 701 % (sizeof text - 1 - len), len);
}

/* --- Generating ------------------------------------------------------------------------------- */

struct sample {
    double first_s, rest_s;
    unsigned tokens;
};

static void bare_generate(struct llama_model *model, struct core_str question, struct sample *ret)
{
    struct llama_context_params params = llama_context_default_params();
    params.n_ctx = CONTEXT;
    params.n_threads = params.n_threads_batch = 1;
    params.no_perf = true;
    struct llama_context *context = llama_init_from_model(model, params);
    const struct llama_vocab *vocab = llama_model_get_vocab(model);
    char content[4096], prompt[8192];
    snprintf(content, sizeof content, "%.*s", CORE_STR_ARG(question));
    const struct llama_chat_message chat = {"user", content};
    static llama_token tokens[CONTEXT];
    double begin = cpu();
    int32_t len = llama_chat_apply_template(llama_model_chat_template(model, NULL), &chat, 1, true,
                                            prompt, sizeof prompt);
    int32_t n = llama_tokenize(vocab, prompt, len, tokens, CONTEXT, true, true);
    struct llama_sampler *sampler = llama_sampler_init_greedy();
    struct llama_batch batch = llama_batch_get_one(tokens, n);
    llama_token token = 0;
    ret->tokens = 0;
    for (double first = 0;; batch = llama_batch_get_one(&token, 1)) {
        if (llama_decode(context, batch) != 0)
            abort();
        token = llama_sampler_sample(sampler, context, -1);
        if (!ret->tokens++) {
            first = cpu();
            ret->first_s = first - begin;
        }
        if (ret->tokens == ANSWER || llama_vocab_is_eog(vocab, token)) {
            ret->rest_s = cpu() - first;
            break;
        }
    }
    llama_sampler_free(sampler);
    llama_free(context);
}

struct request {
    struct ai_generate generate;
    struct ai_message message;
    struct sample sample;
    double begin, first;
};
static struct core_loop *loop;
static unsigned running;

static void on_text(struct ai_generate *generate, struct core_str piece)
{
    struct request *r = (struct request *)generate;
    (void)piece;
    if (r->first == 0)
        r->first = cpu();
}

static void on_done(struct ai_generate *generate, int status, const struct ai_usage *usage)
{
    struct request *r = (struct request *)generate;
    if (status)
        abort();
    r->sample = (struct sample){r->first - r->begin, cpu() - r->first, usage->tokens_out};
    if (--running == 0)
        core_loop_stop(loop);
}

static void start(struct ai_model *model, struct request *r, struct core_str question)
{
    *r = (struct request){.message = {AI_USER, question}};
    r->generate = (struct ai_generate){.messages = &r->message,
                                       .message_count = 1,
                                       .tokens_max = ANSWER,
                                       .top_p = 1,
                                       .repeat_penalty = 1,
                                       .on_text = on_text,
                                       .on_done = on_done};
    r->begin = cpu();
    if (model->ops->generate(model, &r->generate) != 0)
        abort();
    running++;
}

static void bench_generate(const char *path)
{
    double first[2][ROUNDS], rate[2][ROUNDS];
    struct llama_model *bare = llama_model_load_from_file(path, llama_model_default_params());
    const struct ai_llama_options options = {.loop = loop,
                                             .program = "/proc/self/exe",
                                             .path = path,
                                             .threads = 1,
                                             .context_tokens = CONTEXT,
                                             .slots = 4,
                                             .queue_max = 8,
                                             .idle_s = 600};
    struct ai_model *ours = ai_llama_new(&options);
    struct request r[4];
    start(ours, &r[0], CORE_STR("hello")); /* loads */
    core_loop_run(loop);
    for (int i = 0; i < ROUNDS; i++) {
        struct sample sample;
        bare_generate(bare, passage(i, 900), &sample);
        first[0][i] = sample.first_s * 1000;
        rate[0][i] = (sample.tokens - 1) / sample.rest_s;
        start(ours, &r[0], passage(i, 900));
        core_loop_run(loop);
        first[1][i] = r[0].sample.first_s * 1000;
        rate[1][i] = (r[0].sample.tokens - 1) / r[0].sample.rest_s;
    }
    double begin = cpu();
    unsigned tokens = 0;
    for (int i = 0; i < 4; i++)
        start(ours, &r[i], passage(100 + i, 100));
    core_loop_run(loop);
    for (int i = 0; i < 4; i++)
        tokens += r[i].sample.tokens;
    double together = tokens / (cpu() - begin);
    double bare_first = median(first[0], ROUNDS), our_first = median(first[1], ROUNDS);
    double bare_rate = median(rate[0], ROUNDS), our_rate = median(rate[1], ROUNDS);
    printf("first token, CPU ms        bare %8.0f   ours %8.0f   ratio %.2f\n", bare_first,
           our_first, our_first / bare_first);
    printf("tokens per CPU second      bare %8.1f   ours %8.1f   ratio %.2f\n", bare_rate, our_rate,
           our_rate / bare_rate);
    printf("four at once, tokens/CPU s               ours %8.1f (prompts included)\n", together);
    ours->ops->free(ours);
    core_loop_turn(loop);
    llama_model_free(bare);
}

/* --- Embedding -------------------------------------------------------------------------------- */

static double bare_embed(struct llama_context *context, struct core_str *texts, size_t count)
{
    const struct llama_vocab *vocab = llama_model_get_vocab(llama_get_model(context));
    double begin = cpu();
    for (size_t i = 0; i < count; i++) {
        llama_token tokens[512];
        int32_t n = llama_tokenize(vocab, texts[i].ptr, (int32_t)texts[i].len, tokens, 512, true,
                                   false);
        if (n < 0 || llama_encode(context, llama_batch_get_one(tokens, n)) != 0 ||
            !llama_get_embeddings_seq(context, 0))
            abort();
    }
    return (double)count / (cpu() - begin);
}

static void bench_embed(const char *path, const char *name)
{
    struct llama_model *bare = llama_model_load_from_file(path, llama_model_default_params());
    struct llama_context_params params = llama_context_default_params();
    params.n_ctx = params.n_batch = params.n_ubatch = 512;
    params.n_threads = params.n_threads_batch = 1;
    params.embeddings = true;
    struct llama_context *context = llama_init_from_model(bare, params);
    const struct ai_embedder_options options = {.env = core_env_real(),
                                                .program = "/proc/self/exe",
                                                .path = path,
                                                .name = name,
                                                .query_prefix = "",
                                                .passage_prefix = "",
                                                .dimensions = DIM,
                                                .window_tokens = 128,
                                                .slots = 1,
                                                .threads = 1,
                                                .idle_s = 600};
    struct ai_embedder *ours = ai_embedder_new(&options);
    static float vectors[PASSAGES * DIM];
    for (size_t len = 110; len <= 480; len += 370) {
        double rate[2][ROUNDS];
        for (int i = -1; i < ROUNDS; i++) { /* the first round warms up */
            struct core_str texts[PASSAGES];
            for (int k = 0; k < PASSAGES; k++)
                texts[k] = passage(i * PASSAGES + k + PASSAGES, len);
            double plain = bare_embed(context, texts, PASSAGES);
            double begin = cpu();
            if (ai_embedder_run(ours, 0, AI_EMBED_PASSAGE, texts, PASSAGES, vectors) != 0)
                abort();
            if (i >= 0) {
                rate[0][i] = plain;
                rate[1][i] = PASSAGES / (cpu() - begin);
            }
        }
        double plain = median(rate[0], ROUNDS), packed = median(rate[1], ROUNDS);
        printf("%-6s texts of %3zu B, /CPU s  bare %7.1f   ours %8.1f   ratio %.2f\n", name, len,
               plain, packed, packed / plain);
    }
    ai_embedder_free(ours);
    llama_free(context);
    llama_model_free(bare);
}

/* --- Scanning --------------------------------------------------------------------------------- */

static void bench_scan(size_t rows)
{
    char path[256];
    snprintf(path, sizeof path, "%s/sky-bench-XXXXXX", P_tmpdir);
    close(mkstemp(path));
    struct ai_vectors *v;
    int64_t generation;
    if (ai_vectors_open(path, DIM, &v, &generation) != 0)
        abort();
    float unit[DIM], query[DIM];
    uint16_t halves[DIM];
    srand(1);
    for (size_t i = 0; i < rows; i++) {
        for (int k = 0; k < DIM; k++)
            query[k] = unit[k] = ((float)rand() / (float)RAND_MAX - 0.5f) / 5.66f;
        ai_f16_pack(unit, DIM, halves);
        if (ai_vectors_add(v, (int64_t)i, halves, 1) != 0)
            abort();
    }
    struct ai_hit hits[50];
    size_t count;
    double scan[ROUNDS * 5];
    for (int i = 0; i < ROUNDS * 5; i++) {
        double begin = cpu();
        ai_vectors_search(v, query, 50, hits, &count);
        scan[i] = (cpu() - begin) * 1000;
    }
    size_t held = ai_vectors_rows(v);
    ai_vectors_flush(v, 1);
    ai_vectors_free(v);
    double begin = cpu();
    if (ai_vectors_open(path, DIM, &v, &generation) != 0 || generation != 1)
        abort();
    double opened = (cpu() - begin) * 1000;
    printf("scan of %6zu rows, CPU ms %.2f; opening and checking the file %.1f\n", held,
           median(scan, ROUNDS * 5), opened);
    ai_vectors_free(v);
    unlink(path);
}

static void quiet(enum ggml_log_level level, const char *line, void *arg)
{
    (void)arg;
    if (level == GGML_LOG_LEVEL_ERROR)
        fputs(line, stderr);
}

int main(int argc, char **argv)
{
    char path[4096];
    if (argc == 3 && strcmp(argv[1], "model-probe") == 0)
        return ai_model_probe(argv[2]);
    if (argc != 3) {
        fprintf(stderr, "usage: bench-model MODELS-FOLDER TEXT-FILE\n");
        return 2;
    }
    FILE *file = fopen(argv[2], "rb");
    if (!file || fread(text, 1, sizeof text - 1, file) != sizeof text - 1) {
        fprintf(stderr, "bench-model: %s: a text of 30 kB or more is needed\n", argv[2]);
        return 1;
    }
    fclose(file);
    for (size_t i = 0; i < sizeof text; i++)
        if (text[i] < ' ' || text[i] > '~')
            text[i] = ' ';
    llama_log_set(quiet, NULL);
    loop = core_loop_new(core_env_real());
    snprintf(path, sizeof path, "%s/smollm2.gguf", argv[1]);
    bench_generate(path);
    snprintf(path, sizeof path, "%s/minilm.gguf", argv[1]);
    bench_embed(path, "minilm");
    snprintf(path, sizeof path, "%s/e5.gguf", argv[1]);
    bench_embed(path, "e5");
    bench_scan(25000);
    bench_scan(100000);
    core_loop_free(loop);
    return 0;
}
