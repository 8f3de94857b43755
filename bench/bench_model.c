/*
 * bench_model.c: the local models beside the plainest way to do the same with the library below.
 *
 *     bench-model generate MODEL TEXT-FILE    answers: ours and a bare loop in turn
 *     bench-model embed MODEL < TEXTS         a bare embedding of texts that end with a NUL each
 *
 * Prints one line of JSON: rates by processor seconds, since the wall clock of a busy machine says
 * little. TEXT-FILE is any English text of 30 kB or more.
 */
#include "ai/ai.h"
#include "ai/model/model.h"
#include "core/env.h"

#include <llama.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { ROUNDS = 7, ANSWER = 48, CONTEXT = 2048, BATCH = 512, TEXTS_MAX = 4096 };

static double cpu(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static char text[30001];

static int read_text(const char *path)
{
    FILE *file = fopen(path, "rb");
    size_t len = file ? fread(text, 1, sizeof text - 1, file) : 0;
    if (file)
        fclose(file);
    for (size_t i = 0; i < len; i++)
        if (text[i] < ' ' || text[i] > '~')
            text[i] = ' ';
    return len == sizeof text - 1 ? 0 : -1;
}

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

static void print_samples(const char *name, const double *values, size_t n, const char *end)
{
    printf("\"%s\": [", name);
    for (size_t i = 0; i < n; i++)
        printf("%s%.4f", i ? ", " : "", values[i]);
    printf("]%s", end);
}

static void bare_sample(struct llama_model *bare, int i, double *first, double *rate)
{
    struct sample sample;
    bare_generate(bare, passage(i, 900), &sample);
    first[i] = sample.first_s * 1000;
    rate[i] = (sample.tokens - 1) / sample.rest_s;
}

static void our_sample(struct ai_model *ours, int i, double *first, double *rate)
{
    struct request r;
    start(ours, &r, passage(i, 900));
    core_loop_run(loop);
    first[i] = r.sample.first_s * 1000;
    rate[i] = (r.sample.tokens - 1) / r.sample.rest_s;
}

static int generate(const char *path)
{
    double bare_first[ROUNDS], our_first[ROUNDS], bare_rate[ROUNDS], our_rate[ROUNDS];
    loop = core_loop_new(core_env_real());
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
    struct request warm;
    start(ours, &warm, CORE_STR("hello")); /* loads */
    core_loop_run(loop);
    for (int i = 0; i < ROUNDS; i++) {
        if (i % 2)
            our_sample(ours, i, our_first, our_rate);
        bare_sample(bare, i, bare_first, bare_rate);
        if (i % 2 == 0)
            our_sample(ours, i, our_first, our_rate);
    }
    printf("{");
    print_samples("bare_first_ms", bare_first, ROUNDS, ", ");
    print_samples("our_first_ms", our_first, ROUNDS, ", ");
    print_samples("bare_rate", bare_rate, ROUNDS, ", ");
    print_samples("our_rate", our_rate, ROUNDS, "}\n");
    ours->ops->free(ours);
    core_loop_turn(loop);
    core_loop_free(loop);
    llama_model_free(bare);
    return 0;
}

/* --- Embedding -------------------------------------------------------------------------------- */

static struct llama_context *embedding_context(struct llama_model *model)
{
    struct llama_context_params params = llama_context_default_params();
    params.n_ctx = params.n_batch = params.n_ubatch = BATCH;
    params.n_seq_max = 64;
    params.kv_unified = true;
    params.n_threads = params.n_threads_batch = 1;
    params.embeddings = true;
    params.no_perf = true;
    return llama_init_from_model(model, params);
}

static void encode(struct llama_context *context, struct llama_batch *batch, int sequences)
{
    if (llama_encode(context, *batch) != 0)
        abort();
    for (int i = 0; i < sequences; i++)
        if (!llama_get_embeddings_seq(context, i))
            abort();
    batch->n_tokens = 0;
}

/* As the library's own example does it: sequences side by side, at most `most` to a call. */
static double bare_embed(struct llama_context *context, char **texts, size_t count, int most)
{
    const struct llama_vocab *vocab = llama_model_get_vocab(llama_get_model(context));
    struct llama_batch batch = llama_batch_init(BATCH, 0, 1);
    int sequences = 0;
    double begin = cpu();
    for (size_t i = 0; i < count; i++) {
        llama_token tokens[BATCH];
        int32_t n = llama_tokenize(vocab, texts[i], (int32_t)strlen(texts[i]), tokens, BATCH, true,
                                   false);
        if (n < 0)
            abort();
        if (batch.n_tokens + n > BATCH || sequences == most) {
            encode(context, &batch, sequences);
            sequences = 0;
        }
        for (int32_t t = 0; t < n; t++) {
            int32_t at = batch.n_tokens++;
            batch.token[at] = tokens[t];
            batch.pos[at] = t;
            batch.n_seq_id[at] = 1;
            batch.seq_id[at][0] = sequences;
            batch.logits[at] = 1;
        }
        sequences++;
    }
    encode(context, &batch, sequences);
    double took = cpu() - begin;
    llama_batch_free(batch);
    return (double)count / took;
}

static int embed(const char *path)
{
    char *texts[TEXTS_MAX], *line = NULL;
    size_t count = 0, cap = 0;
    for (; count < TEXTS_MAX && getdelim(&line, &cap, 0, stdin) > 0; count++)
        texts[count] = strdup(line);
    if (!count)
        return 1;
    struct llama_model *model = llama_model_load_from_file(path, llama_model_default_params());
    struct llama_context *context = embedding_context(model);
    bare_embed(context, texts, 1, 1);
    printf("{\"texts\": %zu, \"one_by_one\": %.4f", count, bare_embed(context, texts, count, 1));
    printf(", \"packed\": %.4f}\n", bare_embed(context, texts, count, 64));
    llama_free(context);
    llama_model_free(model);
    free(line);
    while (count > 0)
        free(texts[--count]);
    return 0;
}

static void quiet(enum ggml_log_level level, const char *line, void *arg)
{
    (void)arg;
    if (level == GGML_LOG_LEVEL_ERROR)
        fputs(line, stderr);
}

int main(int argc, char **argv)
{
    llama_log_set(quiet, NULL);
    if (argc == 3 && strcmp(argv[1], "model-probe") == 0)
        return ai_model_probe(argv[2]); /* the child of its own that looks at a file first */
    if (argc == 3 && strcmp(argv[1], "embed") == 0)
        return embed(argv[2]);
    if (argc != 4 || strcmp(argv[1], "generate") != 0) {
        fprintf(stderr, "usage: bench-model generate MODEL TEXT-FILE | bench-model embed MODEL\n");
        return 2;
    }
    if (read_text(argv[3]) != 0) {
        fprintf(stderr, "bench-model: %s: a text of 30 kB or more is needed\n", argv[3]);
        return 1;
    }
    return generate(argv[2]);
}
