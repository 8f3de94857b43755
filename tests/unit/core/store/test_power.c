/*
 * test_power.c: the power goes at any moment, between two writes of a commit as well as of a
 * checkpoint. What was not synced is lost, torn, or there, in any mixture. A durable batch that was
 * acknowledged is there, and every batch before it; others whole or not at all; the file is sound.
 */
#include "tests/unit/core/store/fault_vfs.h"
#include "tests/unit/core/store/helper.h"

#include "core/mem.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

/* Of a batch: two rows that belong together, one of them long enough to need pages of its own. */
#define PUT_PAIR "INSERT INTO setting (key, value) VALUES ('b' || $1, 'x'), ('a' || $1, $2)"

static unsigned cuts(void)
{
    return getenv("SKY_FAULT_FULL") ? 2000 : 60;
}

static int put_pair(struct fixture *f, enum store_durability d, int64_t i, const char *filling)
{
    struct store_batch *b = store_batch_new(d);

    store_put(b, 2, PUT_PAIR, STORE_I(i), STORE_C(filling));
    return store_write_wait(f->store, b);
}

/* Numbers of whole batches. */
struct found {
    int64_t count, most;
};

static int on_number(void *arg, const struct store_row *row)
{
    struct found *found = arg;
    int64_t i = store_row_i64(row, 0);

    assert_int_equal(i, found->count); /* none is left out */
    found->count++;
    found->most = i;
    return 0;
}

/* What a start after the power cut finds; the last batch that is there. */
static int64_t examine(struct fixture *f, const char *dir)
{
    struct fixture left = {.loop = f->loop};
    struct found found = {.most = -1};
    char why[256];

    snprintf(left.dir, sizeof left.dir, "%s", dir);
    snprintf(left.path, sizeof left.path, "%.120s/sky.db", dir);
    fixture_open(&left);
    if (store_check(left.store, why, sizeof why) != 0)
        fail_msg("%s", why);
    assert_int_equal(store_read(left.store,
                                "SELECT CAST(substr(a.key, 2) AS INTEGER) AS n FROM setting a"
                                " JOIN setting b ON b.key = 'b' || substr(a.key, 2)"
                                " WHERE a.key LIKE 'a%' ORDER BY n",
                                NULL, 0, on_number, &found),
                     0);
    assert_int_equal(read_one(&left, COUNT), 2 * found.count);
    assert_int_equal(put_one(&left, STORE_DURABLE, "goes on", "1"), 0);
    fixture_close(&left);
    return found.most;
}

struct total {
    unsigned lost, torn, kept, behind;
};

/* One power cut somewhere in the next writes. `*at` numbers the batches. */
static void one_cut(struct fixture *f, uint64_t *seed, int64_t *at, struct total *total)
{
    struct fault_image_counts counts;
    int64_t durable[4096] = {0}; /* the last durable batch before each one of this round */
    int64_t begin = *at, last = begin - 1, most;
    char dir[128], filling[20000];
    int mark;

    snprintf(dir, sizeof dir, "%.90s/cut%" PRId64, f->dir, begin);
    assert_int_equal(mkdir(dir, 0700), 0);
    /* The batches of earlier rounds are durable: the last of each is. */
    fault_vfs_cut_power(dir, 1 + (int)(dice(seed) % 150), dice(seed));
    while (!fault_vfs_was_cut(&counts, &mark)) {
        enum store_durability d = dice(seed) % 4 ? STORE_RELAXED : STORE_DURABLE;
        size_t len = dice(seed) % 8 ? 10 : sizeof filling - 1;
        assert_true(*at - begin < 4096);
        memset(filling, 'f', len);
        filling[len] = 0;
        durable[*at - begin] = last;
        atomic_store(&fault_vfs.mark, (int)*at);
        assert_int_equal(put_pair(f, d, *at, filling), 0);
        if (d == STORE_DURABLE)
            last = *at;
        (*at)++;
    }
    most = examine(f, dir);
    if (most < durable[mark - begin])
        fail_msg("batch %" PRId64 " was durable, the last that is there is %" PRId64,
                 durable[mark - begin], most);
    assert_true(most <= mark);
    total->lost += counts.lost;
    total->torn += counts.torn;
    total->kept += counts.kept;
    total->behind += most < mark - 1; /* a relaxed batch fell with the power */
    assert_int_equal(put_pair(f, STORE_DURABLE, (*at)++, "end of the round"), 0);
}

static void a_power_cut_costs_no_durable_batch(void **state)
{
    struct fixture *f = *state;
    uint64_t seed = chosen_seed(77);
    struct total total = {0};
    int64_t at = 0;

    fault_vfs_reset();
    fault_vfs_follow();
    f->vfs = FAULT_VFS;
    fixture_open(f);
    for (unsigned i = 0; i < cuts(); i++)
        one_cut(f, &seed, &at, &total);
    print_message("# %u cuts: %u writes lost, %u torn, %u kept; %u times relaxed batches fell\n",
                  cuts(), total.lost, total.torn, total.kept, total.behind);
    /* The faults were there, and the promise for relaxed batches is the weaker one. */
    assert_true(total.lost > cuts() && total.torn > cuts() && total.kept > cuts());
    assert_true(total.behind > 0);
    fixture_close(f);
    fault_vfs_reset();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_power_cut_costs_no_durable_batch, fixture_set_up_closed,
                                        fixture_tear_down),
    };
    return cmocka_run_group_tests_name("core_store_power", tests, NULL, NULL);
}
