/* helper.c: see helper.h. */
#include "tests/unit/core/store/helper.h"
#include "tests/unit/store.h"

#include "core/err.h"
#include "core/mem.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *where)
{
    (void)st;
    (void)type;
    (void)where;
    return remove(path);
}

int fixture_try_open(struct fixture *f)
{
    const struct store_options options = {
        .env = core_env_real(),
        .loop = f->loop,
        .url = test_store_url(f->dir),
        .data_dir = f->dir,
        .readers_max = 3,
        .vfs = f->vfs,
    };

    f->why[0] = '\0';
    return store_open(&options, &f->store, f->why, sizeof f->why);
}

void fixture_open(struct fixture *f)
{
    int err = fixture_try_open(f);

    if (err < 0)
        fail_msg("%s: %s", core_err_name(err), f->why);
}

void fixture_close(struct fixture *f)
{
    store_free(f->store);
    f->store = NULL;
}

void fixture_reopen(struct fixture *f)
{
    fixture_close(f);
    fixture_open(f);
}

int fixture_set_up_closed(void **state)
{
    struct fixture *f = core_alloc(sizeof *f);
    const char *base = getenv("TMPDIR");

    snprintf(f->dir, sizeof f->dir, "%.100s/sky-store-XXXXXX", base ? base : "/tmp");
    assert_non_null(mkdtemp(f->dir));
    snprintf(f->path, sizeof f->path, "%s/sky.db", f->dir);
    f->loop = core_loop_new(core_env_real());
    *state = f;
    return 0;
}

int fixture_set_up(void **state)
{
    fixture_set_up_closed(state);
    fixture_open(*state);
    return 0;
}

int fixture_tear_down(void **state)
{
    struct fixture *f = *state;

    store_free(f->store);
    core_loop_free(f->loop);
    nftw(f->dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    free(f);
    return 0;
}

int put_one(struct fixture *f, enum store_durability durability, const char *key, const char *value)
{
    struct store_batch *b = store_batch_new(durability);

    store_put(b, 1, PUT, STORE_C(key), STORE_C(value));
    return store_write_wait(f->store, b);
}

int64_t read_one(struct fixture *f, const char *sql)
{
    int64_t n = -1;

    assert_int_equal(store_read_i64(f->store, sql, NULL, 0, &n), 0);
    return n;
}

int64_t count_rows(struct fixture *f)
{
    return read_one(f, COUNT);
}

uint64_t dice(uint64_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed;
}

uint64_t chosen_seed(uint64_t otherwise)
{
    const char *chosen = getenv("SKY_SEED");

    return chosen ? strtoull(chosen, NULL, 10) : otherwise;
}
