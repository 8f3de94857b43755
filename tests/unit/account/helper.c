/* helper.c: see helper.h */
#include "tests/unit/account/helper.h"
#include "tests/unit/core/store/fault_vfs.h"
#include "tests/unit/store.h"

#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

struct core_env helper_env;
_Atomic int64_t helper_wall_shift_ms;
_Atomic uint64_t helper_mono_shift_ns;
void (*_Atomic helper_meanwhile)(void);

static int64_t moved_wall(void *ctx)
{
    return core_env_real()->wall_ms(ctx) + helper_wall_shift_ms;
}

static uint64_t moved_mono(void *ctx)
{
    return core_env_real()->mono_ns(ctx) + helper_mono_shift_ns;
}

static void random_meanwhile(void *ctx, void *out, size_t len)
{
    void (*meanwhile)(void) = atomic_exchange(&helper_meanwhile, NULL);
    core_env_real()->random(ctx, out, len);
    if (meanwhile) {
        meanwhile();
    }
}

void helper_house_open(struct house *h)
{
    char why[256] = "";
    h->loop = core_loop_new(&helper_env);
    const struct store_options options = {.env = &helper_env,
                                          .loop = h->loop,
                                          .url = test_store_url(h->dir),
                                          .data_dir = h->dir,
                                          .readers_max = 2,
                                          .vfs = h->vfs};
    assert_int_equal(store_open(&options, &h->store, why, sizeof why), 0);
    assert_int_equal(accounts_open(&helper_env, h->store, h->dir, &h->accounts, why, sizeof why),
                     0);
}

void helper_house_close(struct house *h)
{
    accounts_free(h->accounts);
    store_free(h->store);
    core_loop_turn(h->loop);
    core_loop_free(h->loop);
}

static int setup(void **state, const char *vfs)
{
    struct house *h = core_alloc(sizeof *h);
    h->vfs = vfs;
    helper_wall_shift_ms = 0;
    helper_mono_shift_ns = 0;
    helper_env = *core_env_real();
    helper_env.wall_ms = moved_wall;
    helper_env.mono_ns = moved_mono;
    helper_env.random = random_meanwhile;
    helper_meanwhile = NULL;
    snprintf(h->dir, sizeof h->dir, "%s", "account-test-XXXXXX");
    assert_non_null(mkdtemp(h->dir));
    helper_house_open(h);
    *state = h;
    return 0;
}

int helper_setup(void **state)
{
    return setup(state, NULL);
}

int helper_setup_faulty(void **state)
{
    fault_vfs_reset();
    return setup(state, FAULT_VFS);
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
    (void)st;
    (void)type;
    (void)at;
    return remove(path);
}

int helper_teardown(void **state)
{
    struct house *h = *state;
    helper_house_close(h);
    int failed = nftw(h->dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    free(h);
    return failed;
}
