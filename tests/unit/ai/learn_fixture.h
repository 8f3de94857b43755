/* learn_fixture.h: a store, a folder of documents and the whole `ai` beside them, with the extraction
 * child (this program again) and, where it is there, a real embedding model. */
#ifndef TESTS_UNIT_AI_LEARN_FIXTURE_H
#define TESTS_UNIT_AI_LEARN_FIXTURE_H

#include "ai/learn/learn.h"
#include "tests/unit/store.h"

#include "core/err.h"
#include "core/mem.h"

#include <ftw.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>
#include <zlib.h>

#include <cmocka.h>

struct fixture {
    char dir[PATH_MAX]; /* absolute */
    char data[PATH_MAX + 16];
    char docs[PATH_MAX + 16];
    const struct core_env *env;
    struct core_loop *loop;
    struct store *store;
    struct ai *ai;
};
static char program[PATH_MAX];
static char embed_path[PATH_MAX];

static inline void open_all(struct fixture *f, const char *embed)
{
    char why[256] = "";
    const struct store_options store = {.env = f->env,
                                        .loop = f->loop,
                                        .url = test_store_url(f->data),
                                        .data_dir = f->data,
                                        .readers_max = 8};
    if (store_open(&store, &f->store, why, sizeof why) < 0)
        fail_msg("%s", why);
    const struct ai_options options = {.env = f->env,
                                       .loop = f->loop,
                                       .store = f->store,
                                       .data_dir = f->data,
                                       .model_path = "",
                                       .embed_path = embed,
                                       .embed_multi_path = "",
                                       .embed_threads = 1,
                                       .model_idle_s = 60,
                                       .node = 1,
                                       .level_max = 1,
                                       .program = program};
    if (ai_open(&options, &f->ai, why, sizeof why) < 0)
        fail_msg("%s", why);
}

static inline void close_all(struct fixture *f)
{
    ai_free(f->ai);
    store_free(f->store);
    f->ai = NULL;
    f->store = NULL;
}

static inline int setup(void **state)
{
    struct fixture *f = core_alloc(sizeof *f);
    char name[] = "sky-test-learn-XXXXXX";
    assert_non_null(mkdtemp(name));
    assert_non_null(realpath(name, f->dir));
    /* A store of its own: see test_store_url(). */
    snprintf(f->data, sizeof f->data, "%s/data-%s", f->dir, name);
    assert_int_equal(mkdir(f->data, 0700), 0);
    snprintf(f->docs, sizeof f->docs, "%s/docs", f->dir);
    assert_int_equal(mkdir(f->docs, 0700), 0);
    f->env = core_env_real();
    f->loop = core_loop_new(f->env);
    open_all(f, "");
    *state = f;
    return 0;
}

static inline int remove_one(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
    (void)st;
    (void)flag;
    (void)ftw;
    return remove(path);
}

static inline int teardown(void **state)
{
    struct fixture *f = *state;
    close_all(f);
    core_loop_free(f->loop);
    nftw(f->dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    free(f);
    return 0;
}

/* --- Helpers -------------------------------------------------------------------------------- */

static inline const char *path_of(struct fixture *f, const char *name)
{
    static char path[PATH_MAX + 64];
    snprintf(path, sizeof path, "%s/%s", f->docs, name);
    return path;
}

static inline void put_bytes(struct fixture *f, const char *name, const void *bytes, size_t len)
{
    FILE *file = fopen(path_of(f, name), "w");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, len, file), len);
    fclose(file);
}

static inline void put(struct fixture *f, const char *name, const char *text)
{
    put_bytes(f, name, text, strlen(text));
}

static inline void put_gz(struct fixture *f, const char *name, const char *text)
{
    gzFile file = gzopen(path_of(f, name), "wb");
    assert_non_null(file);
    assert_int_equal(gzwrite(file, text, (unsigned)strlen(text)), strlen(text));
    gzclose(file);
}

/* Makes the file look changed even when its size is not. */
static inline void age(struct fixture *f, const char *name, int seconds)
{
    struct stat st;
    assert_int_equal(stat(path_of(f, name), &st), 0);
    struct timeval times[2] = {{st.st_atime, 0}, {st.st_mtime - seconds, 0}};
    assert_int_equal(utimes(path_of(f, name), times), 0);
}

static inline const struct ai_job *wait_job(struct fixture *f, const char *id)
{
    const struct ai_job *job = NULL;
    for (unsigned i = 0; i < 60000; i++) {
        core_loop_turn(f->loop);
        assert_int_equal(ai_job_get(f->ai, core_str(id), &job), 0);
        if (job->state != AI_JOB_RUNNING)
            return job;
        usleep(1000);
    }
    fail_msg("the job does not end");
    return job;
}

static inline const struct ai_job *learn(struct fixture *f, const char *path)
{
    static char id[CORE_ID_SIZE];
    struct core_str root = core_str(path);
    assert_int_equal(ai_learn_paths(f->ai, &root, 1, id), 0);
    return wait_job(f, id);
}

static inline int64_t number(struct fixture *f, const char *sql)
{
    int64_t n = -1;
    assert_int_equal(store_read_i64(f->store, sql, NULL, 0, &n), 0);
    return n;
}

static inline const char *error_of(const struct ai_job *job, const char *suffix)
{
    for (size_t i = 0; i < job->error_count; i++) {
        if (core_str_ends(core_str(job->errors[i].document), core_str(suffix)))
            return job->errors[i].error;
    }
    fail_msg("no error about %s", suffix);
    return NULL;
}

struct id_of {
    const char *suffix;
    char id[CORE_ID_SIZE];
    int64_t chunks;
    unsigned count;
};

static inline int on_document(void *arg, const struct ai_document *d)
{
    struct id_of *want = arg;
    want->count++;
    if (core_str_ends(d->name, core_str(want->suffix))) {
        memcpy(want->id, d->id.ptr, d->id.len);
        want->chunks = d->chunks;
    }
    return 0;
}

static inline struct id_of find(struct fixture *f, const char *suffix)
{
    struct id_of want = {.suffix = suffix};
    assert_int_equal(ai_documents(f->ai, CORE_STR(""), CORE_STR(""), 500, on_document, &want), 0);
    return want;
}

static const char page[] = ".TH THING 1\n.SH NAME\nthing \\- does a thing\n.SH OPTIONS\n.TP\n"
                           ".B \\-x\nMakes it extra thorough.\n";

static inline void put_some(struct fixture *f)
{
    put(f, "a.md", "# Alpha\n\nThe alpha engine needs **four** litres of oil.\n\n- one\n- two\n");
    put(f, "b.html",
        "<html><head><title>Beta</title></head><body><nav><a href=x>menu</a></nav>"
        "<h1>Beta</h1><p>Beta ships on Tuesday.</p></body></html>");
    put(f, "c.txt", "Gamma\n=====\n\nGamma rays are hard to stop.\n");
    put_gz(f, "thing.1.gz", page);
}

static inline void wait_vectors(struct fixture *f)
{
    struct ai_knowledge k;
    for (unsigned i = 0; i < 60000; i++) {
        core_loop_turn(f->loop);
        ai_knowledge_now(f->ai, &k);
        if (k.vectors_pending == 0)
            return;
        usleep(1000);
    }
    fail_msg("vectors do not come");
}

/* Before the tests: whether this is the program, or a child of it that ends with *ret. */
static inline bool learn_begin(int argc, char **argv, int *ret)
{
    const char *deps = getenv("SKY_DEPS");
    ssize_t n = readlink("/proc/self/exe", program, sizeof program - 1);
    program[n > 0 ? n : 0] = 0;
    snprintf(embed_path, sizeof embed_path, "%s/models/minilm.gguf", deps ? deps : "build/deps");
    if (argc > 1 && strcmp(argv[1], "extract-worker") == 0)
        *ret = ai_extract_worker();
    else if (argc == 3 && strcmp(argv[1], "model-probe") == 0)
        *ret = ai_model_probe(argv[2]);
    else
        return true;
    return false;
}

#endif
