/* test_embedder.c: the real embedding models: meaning, batches, windows, unloading, bad files. */
#include "ai/ai.h"
#include "ai/model/embedder.h"

#include "core/err.h"
#include "core/limits.h"

#include <fcntl.h>
#include <malloc.h>
#include <math.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { DIM = 384 };

static char minilm[4096], e5[4096], chat[4096];

static int find_models(void **state)
{
    (void)state;
    const char *deps = getenv("SKY_DEPS");
    snprintf(minilm, sizeof minilm, "%s/models/minilm.gguf", deps ? deps : "build/deps");
    snprintf(e5, sizeof e5, "%s/models/e5.gguf", deps ? deps : "build/deps");
    snprintf(chat, sizeof chat, "%s/models/smollm2.gguf", deps ? deps : "build/deps");
    return 0;
}

static struct ai_embedder *make(const char *path, bool prefixed)
{
    struct ai_embedder_options o = {
        .env = core_env_real(),
        .program = "/proc/self/exe",
        .path = path,
        .name = prefixed ? "e5" : "minilm",
        .query_prefix = prefixed ? "query: " : "",
        .passage_prefix = prefixed ? "passage: " : "",
        .dimensions = DIM,
        .window_tokens = 128,
        .slots = 2,
        .threads = 1,
        .idle_s = 0,
    };
    return ai_embedder_new(&o);
}

static double cosine(const float *a, const float *b)
{
    double sum = 0;
    for (int i = 0; i < DIM; i++)
        sum += (double)a[i] * b[i];
    return sum;
}

static void vectors_mean_something(void **state)
{
    (void)state;
    struct ai_embedder *e = make(minilm, false);
    assert_string_equal(ai_embedder_name(e), "minilm");
    assert_int_equal(ai_embedder_dimensions(e), DIM);
    const struct core_str texts[] = {
        CORE_STR("How do I mount a disk?"),
        CORE_STR("The mount command attaches a file system found on some device."),
        CORE_STR("Bake the cake for forty minutes."),
    };
    float v[3][DIM];
    assert_int_equal(ai_embedder_run(e, 0, AI_EMBED_QUERY, texts, 3, v[0]), 0);
    for (int i = 0; i < 3; i++)
        assert_true(fabs(cosine(v[i], v[i]) - 1) < 1e-5);
    assert_true(cosine(v[0], v[1]) > cosine(v[0], v[2]) + 0.2);
    ai_embedder_free(e);
}

static void czech_meets_english(void **state)
{
    (void)state;
    struct ai_embedder *e = make(e5, true);
    const struct core_str query[] = {CORE_STR("Jak připojím disk?")};
    const struct core_str passages[] = {
        CORE_STR("The mount command attaches a file system found on some device."),
        CORE_STR("Bake the cake for forty minutes."),
    };
    float q[DIM], p[2][DIM];
    assert_int_equal(ai_embedder_run(e, 1, AI_EMBED_QUERY, query, 1, q), 0);
    assert_int_equal(ai_embedder_run(e, 1, AI_EMBED_PASSAGE, passages, 2, p[0]), 0);
    assert_true(cosine(q, p[0]) > cosine(q, p[1]));
    ai_embedder_free(e);
}

/* Alone or among others: the same vector. Lengths from nothing to far beyond the window. */
static void batches_change_nothing(void **state)
{
    (void)state;
    enum { N = 40 };
    struct ai_embedder *e = make(minilm, false);
    static char bytes[20000];
    srand(2);
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = rand() % 6 ? (char)('a' + rand() % 26) : ' ';
    struct core_str texts[N];
    for (int i = 0; i < N; i++)
        texts[i] = core_strn(bytes + i, i == 5 ? sizeof bytes - 100 : (size_t)(i * i) % 700);
    static float together[N][DIM], alone[DIM];
    assert_int_equal(ai_embedder_run(e, 0, AI_EMBED_PASSAGE, texts, N, together[0]), 0);
    for (int i = 0; i < N; i++) {
        assert_int_equal(ai_embedder_run(e, 0, AI_EMBED_PASSAGE, &texts[i], 1, alone), 0);
        assert_true(fabs(cosine(alone, together[i]) - 1) < 1e-4);
    }
    assert_int_equal(ai_embedder_run(e, 0, AI_EMBED_PASSAGE, texts, 0, NULL), 0);
    ai_embedder_free(e);
}

/* The vectors are those of run(); parts that together are the whole text sum up to nearly its
 * vector (the marks around it are missing); one about another thing points elsewhere; what is
 * behind the window has no sum. */
static void parts_of_a_text(void **state)
{
    (void)state;
    const char *paths[] = {minilm, e5};
    for (int m = 0; m < 2; m++) {
        struct ai_embedder *e = make(paths[m], m == 1);
        static char far[6000];
        size_t len = 0;
        while (len < sizeof far - 40)
            len += (size_t)snprintf(far + len, 40, "word%zu and ", len);
        const struct core_str texts[] = {
            CORE_STR("The mount command attaches a file system. Bake the cake for forty minutes."),
            CORE_STR("Nothing of this one."), core_strn(far, len)};
        const struct ai_embed_part parts[] = {{0, 0, 41}, {0, 42, 74}, {2, len - 30, len}};
        float v[3][DIM], alone[3][DIM], sums[3][DIM], q[DIM], whole[DIM];
        assert_int_equal(
            ai_embedder_run_parts(e, 0, AI_EMBED_PASSAGE, texts, 3, parts, 3, v[0], sums[0]), 0);
        assert_int_equal(ai_embedder_run(e, 0, AI_EMBED_PASSAGE, texts, 3, alone[0]), 0);
        const struct core_str query[] = {CORE_STR("How do I attach a disk?")};
        assert_int_equal(ai_embedder_run(e, 0, AI_EMBED_QUERY, query, 1, q), 0);
        for (int i = 0; i < 3; i++)
            assert_true(cosine(v[i], alone[i]) > .999);
        for (int j = 0; j < DIM; j++) {
            whole[j] = sums[0][j] + sums[1][j];
            assert_true(sums[2][j] == 0);
        }
        double first = sqrt(cosine(sums[0], sums[0])), second = sqrt(cosine(sums[1], sums[1]));
        assert_true(cosine(whole, v[0]) / sqrt(cosine(whole, whole)) > .98);
        assert_true(cosine(q, sums[0]) / first > cosine(q, sums[1]) / second);
        ai_embedder_free(e);
    }
}

static void windows_have_the_right_size(void **state)
{
    (void)state;
    struct ai_embedder *e = make(minilm, false);
    static char text[9000];
    size_t len = 0;
    for (int i = 0; len < sizeof text - 80; i++)
        len += (size_t)snprintf(text + len, sizeof text - len,
                                "Option number %d changes how the daemon listens. ", i);
    size_t w[64][2];
    ssize_t n = ai_embedder_windows(e, 0, core_strn(text, len), w, 64);
    assert_in_range(n, 12, 40);
    for (ssize_t i = 0; i < n; i++) {
        assert_true(i == 0 || w[i][0] == w[i - 1][1] + 1);
        assert_true(text[w[i][1] - 1] == '.');
    }
    assert_int_equal(ai_embedder_windows(e, 0, core_strn(text, len), w, 2), 2);
    assert_int_equal(ai_embedder_windows(e, 0, CORE_STR(""), w, 64), 0);
    assert_int_equal(ai_embedder_windows(e, 0, core_strn(text, AI_LIMIT_EMBED_SPLIT + 1), w, 64),
                     CORE_ETOOBIG);
    ai_embedder_free(e);
}

static void bytes_that_are_no_text(void **state)
{
    (void)state;
    struct ai_embedder *e = make(minilm, false);
    char bytes[512];
    float v[DIM];
    size_t w[16][2];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (char)(i * 7);
    const struct core_str texts[] = {core_strn(bytes, sizeof bytes)};
    assert_int_equal(ai_embedder_run(e, 0, AI_EMBED_QUERY, texts, 1, v), 0);
    assert_true(ai_embedder_windows(e, 0, texts[0], w, 16) > 0);
    ai_embedder_free(e);
    e = make(e5, true);
    assert_int_equal(ai_embedder_run(e, 0, AI_EMBED_QUERY, texts, 1, v), 0);
    assert_true(ai_embedder_windows(e, 0, texts[0], w, 16) > 0);
    /* A ligature of eighteen letters, many times. */
    static char ligatures[30000];
    for (size_t i = 0; i < sizeof ligatures; i += 3)
        memcpy(ligatures + i, "\xef\xb7\xba", 3);
    const struct core_str wide[] = {core_strn(ligatures, sizeof ligatures)};
    static size_t many[4096][2];
    assert_int_equal(ai_embedder_run(e, 0, AI_EMBED_QUERY, wide, 1, v), 0);
    assert_true(ai_embedder_windows(e, 0, wide[0], many, 4096) > 0);
    ai_embedder_free(e);
}

static void refusal(const char *path, int expected, bool check_sees_it)
{
    struct ai_embedder *e = make(path, false);
    const struct core_str text = CORE_STR("x");
    char why[300] = "";
    float v[DIM] = {7};
    int err = ai_embedder_run(e, 0, AI_EMBED_QUERY, &text, 1, v);
    assert_int_equal(err, expected);
    assert_true(v[0] == 7);
    err = ai_embedder_check(e, why, sizeof why);
    assert_int_equal(err, check_sees_it ? expected : 0);
    assert_int_equal(strstr(why, path) != NULL, check_sees_it);
    ai_embedder_free(e);
}

static void bad_files_are_refused(void **state)
{
    (void)state;
    char path[256];
    snprintf(path, sizeof path, "%s/sky-embedder-XXXXXX", P_tmpdir);
    int to = mkstemp(path), from = open(minilm, O_RDONLY);
    static char part[1 << 20];
    assert_int_equal(read(from, part, sizeof part), sizeof part);
    refusal(path, CORE_ECORRUPT, true);
    assert_int_equal(write(to, part, 40), 40);
    refusal(path, CORE_ECORRUPT, false);
    assert_int_equal(write(to, part + 40, sizeof part - 40), sizeof part - 40);
    refusal(path, CORE_ECORRUPT, false);
    close(from);
    close(to);
    unlink(path);
    refusal("/nonexistent/model.gguf", CORE_ENOTFOUND, true);
    refusal("/dev/zero", CORE_EUNSUPPORTED, true);
    refusal(chat, CORE_EINVAL, false); /* a chat model is not an embedding model */
}

struct user {
    struct ai_embedder *embedder;
    unsigned slot;
    pthread_t thread;
    int failures;
};

static void *use(void *arg)
{
    struct user *u = arg;
    const struct core_str text = CORE_STR("The quick brown fox jumps over the lazy dog.");
    for (int i = 0; i < 12; i++) {
        float v[DIM];
        u->failures += ai_embedder_run(u->embedder, u->slot, AI_EMBED_PASSAGE, &text, 1, v) != 0;
        u->failures += !(fabs(cosine(v, v) - 1) < 1e-5);
        size_t w[4][2];
        u->failures += ai_embedder_windows(u->embedder, u->slot, text, w, 4) != 1;
    }
    return NULL;
}

struct long_run {
    struct ai_embedder *embedder;
    atomic_bool begun;
    int status;
    float first;
};

/* Minutes of work. */
static void *run_long(void *arg)
{
    enum { N = 20000 };
    struct long_run *l = arg;
    static struct core_str texts[N];
    static float v[N * DIM];
    for (size_t i = 0; i < N; i++)
        texts[i] = CORE_STR("The mount command attaches a file system found on some device, "
                            "and the umount command detaches it again, whatever it held.");
    v[0] = 7;
    atomic_store(&l->begun, true);
    l->status = ai_embedder_run(l->embedder, 1, AI_EMBED_PASSAGE, texts, N, v);
    l->first = v[0];
    return NULL;
}

static void a_stopped_slot_gives_up(void **state)
{
    (void)state;
    const struct core_str text[] = {CORE_STR("How do I mount a disk?")};
    struct long_run l = {.embedder = make(minilm, false)};
    pthread_t thread;
    float v[DIM];
    size_t w[4][2];
    /* The weights are there, so that it is the computation that is interrupted. */
    assert_int_equal(ai_embedder_run(l.embedder, 1, AI_EMBED_QUERY, text, 1, v), 0);
    assert_int_equal(pthread_create(&thread, NULL, run_long, &l), 0);
    while (!atomic_load(&l.begun))
        usleep(1000);
    usleep(200000);
    ai_embedder_stop(l.embedder, 1);
    pthread_join(thread, NULL);
    assert_int_equal(l.status, CORE_ECANCELLED);
    assert_true(l.first == 7);
    assert_int_equal(ai_embedder_run(l.embedder, 1, AI_EMBED_QUERY, text, 1, v), CORE_ECANCELLED);
    assert_int_equal(ai_embedder_windows(l.embedder, 1, text[0], w, 4), CORE_ECANCELLED);
    assert_int_equal(ai_embedder_run(l.embedder, 0, AI_EMBED_QUERY, text, 1, v), 0);
    ai_embedder_free(l.embedder);
}

/* idle_s is 0 here: the weights may go at every moment that nobody uses them. */
static void reaping_never_hurts_users(void **state)
{
    (void)state;
    struct ai_embedder *e = make(minilm, false);
    struct user users[2] = {{.embedder = e}, {.embedder = e, .slot = 1}};
    for (int i = 0; i < 2; i++)
        assert_int_equal(pthread_create(&users[i].thread, NULL, use, &users[i]), 0);
    for (int i = 0; i < 100; i++) {
        ai_embedder_reap(e);
        usleep(2000);
    }
    for (int i = 0; i < 2; i++) {
        pthread_join(users[i].thread, NULL);
        assert_int_equal(users[i].failures, 0);
    }
    ai_embedder_reap(e);
    ai_embedder_free(e);
    ai_embedder_free(NULL);
}

/* An encoder has no logits; room for those of a batch would be 100 MB beside e5's vocabulary. */
static void a_context_is_small(void **state)
{
    (void)state;
    enum { N = 8, BYTES = 64 << 20 };
    static char long_text[1200];
    struct core_str texts[N];
    float v[N][DIM];
    for (size_t i = 0; i + 12 < sizeof long_text; i += 12)
        memcpy(long_text + i, "water level ", 12);
    for (int i = 0; i < N; i++)
        texts[i] = core_str(long_text);
    struct ai_embedder *e = make(e5, true);
    assert_int_equal(ai_embedder_run(e, 0, AI_EMBED_QUERY, texts, 1, v[0]), 0); /* the weights */
    struct mallinfo2 before = mallinfo2();
    assert_int_equal(ai_embedder_run(e, 1, AI_EMBED_PASSAGE, texts, N, v[0]), 0);
    struct mallinfo2 after = mallinfo2();
    assert_true(after.uordblks + after.hblkhd < before.uordblks + before.hblkhd + BYTES);
    ai_embedder_free(e);
}

int main(int argc, char **argv)
{
    if (argc == 3 && strcmp(argv[1], "model-probe") == 0)
        return ai_model_probe(argv[2]);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(vectors_mean_something),      cmocka_unit_test(czech_meets_english),
        cmocka_unit_test(batches_change_nothing),      cmocka_unit_test(parts_of_a_text),
        cmocka_unit_test(windows_have_the_right_size), cmocka_unit_test(bytes_that_are_no_text),
        cmocka_unit_test(bad_files_are_refused),       cmocka_unit_test(reaping_never_hurts_users),
        cmocka_unit_test(a_stopped_slot_gives_up),     cmocka_unit_test(a_context_is_small),
    };
    return cmocka_run_group_tests(tests, find_models, NULL);
}
