/* test_audit.c: the chain holds whatever is written at once, and says which row somebody
 * touched. */
#include "account/room.h"
#include "core/err.h"
#include "tests/unit/account/helper.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

static const struct account_actor ann = {
    .id = {"owner", 5}, .name = {"Ann", 3}, .address = {"192.0.2.1", 9}, .request = {"R1", 2}};

static int add(struct house *h, const char *object, int rows)
{
    const struct account_event event = {.act = ACCOUNT_ACT_LOGIN_OK,
                                        .by = &ann,
                                        .object = core_str(object),
                                        .detail = CORE_STR("{\"a\":1}")};
    struct store_batch *batch = store_batch_new(STORE_RELAXED);
    store_put(batch, STORE_ROWS_ANY,
              "INSERT INTO setting (key, value) VALUES ($1, '') ON CONFLICT (key) DO NOTHING",
              STORE_C(object));
    account_audit_add(&helper_env, batch, &event);
    /* One that expects what is not so rolls back with its row. */
    store_put(batch, rows, "SELECT key FROM setting WHERE key = $1", STORE_C(object));
    return store_write_wait(h->store, batch);
}

static void spoil(struct house *h, const char *sql, int64_t seq)
{
    struct store_batch *batch = store_batch_new(STORE_DURABLE);
    const struct store_value value = STORE_I(seq);
    store_batch_add(batch, STORE_ROWS_ANY, sql, &value, 1);
    assert_int_equal(store_write_wait(h->store, batch), 0);
}

static struct account_audit_report verify(struct house *h)
{
    struct account_audit_report report;
    assert_int_equal(account_audit_verify(h->store, &report), 0);
    return report;
}

static void fill(struct house *h, int count)
{
    for (int i = 1; i <= count; i++) {
        char object[16];
        snprintf(object, sizeof object, "o%d", i);
        assert_int_equal(add(h, object, 1), 0);
    }
}

static void rows_follow_each_other(void **state)
{
    struct house *h = *state;
    assert_int_equal(verify(h).rows, 0);
    fill(h, 5);
    assert_int_equal(add(h, "x", 7), CORE_EMISMATCH);
    fill(h, 3);
    struct account_audit_report report = verify(h);
    assert_int_equal(report.bad, 0);
    assert_int_equal(report.rows, 8);
    assert_int_equal(report.first, 1);
    assert_int_equal(report.last, 8);
    assert_int_equal(strlen(report.head), 64);
    helper_house_close(h);
    helper_house_open(h);
    assert_string_equal(verify(h).head, report.head);
}

/* --- Many at once ----------------------------------------------------------------------------- */

enum { WRITERS = 64, EACH = 20 };

struct writer {
    struct house *h;
    int number, kept;
};

static void *writer_run(void *arg)
{
    struct writer *w = arg;
    for (int i = 0; i < EACH; i++) {
        char object[32];
        snprintf(object, sizeof object, "w%d.%d", w->number, i);
        bool fails = (w->number + i) % 3 == 0;
        int err = add(w->h, object, fails ? 9 : 1);
        w->kept += err == 0;
        if (err != (fails ? CORE_EMISMATCH : 0)) {
            return w;
        }
    }
    return NULL;
}

static void many_writers_and_rollbacks_make_one_chain(void **state)
{
    struct house *h = *state;
    struct writer writers[WRITERS];
    pthread_t threads[WRITERS];
    void *failed;
    int kept = 0;
    for (int i = 0; i < WRITERS; i++) {
        writers[i] = (struct writer){.h = h, .number = i};
        assert_int_equal(pthread_create(&threads[i], NULL, writer_run, &writers[i]), 0);
    }
    for (int i = 0; i < WRITERS; i++) {
        assert_int_equal(pthread_join(threads[i], &failed), 0);
        assert_null(failed);
        kept += writers[i].kept;
    }
    assert_true(kept > WRITERS && kept < WRITERS * EACH); /* some did roll back */
    struct account_audit_report report = verify(h);
    assert_int_equal(report.bad, 0);
    assert_int_equal(report.rows, kept);
    assert_int_equal(report.last, kept);
}

/* --- Somebody touches it ---------------------------------------------------------------------- */

static void expect(struct house *h, int64_t bad, const char *what)
{
    struct account_audit_report report = verify(h);
    assert_int_equal(report.bad, bad);
    assert_non_null(strstr(report.what, what));
}

static void an_altered_row_is_named(void **state)
{
    struct house *h = *state;
    static const char *const columns[] = {
        "UPDATE audit SET at_ms = at_ms + 1 WHERE seq = $1",
        "UPDATE audit SET actor = 'ownes' WHERE seq = $1",
        "UPDATE audit SET name = 'Anm' WHERE seq = $1",
        "UPDATE audit SET login = 'x' WHERE seq = $1",
        "UPDATE audit SET key_id = 'x' WHERE seq = $1",
        "UPDATE audit SET address = '192.0.2.2' WHERE seq = $1",
        "UPDATE audit SET request = 'R2' WHERE seq = $1",
        "UPDATE audit SET act = 'login.oj' WHERE seq = $1",
        "UPDATE audit SET object = 'o9' WHERE seq = $1",
        "UPDATE audit SET outcome = 'no' WHERE seq = $1",
        "UPDATE audit SET detail = '{\"a\":2}' WHERE seq = $1",
        "UPDATE audit SET hash = (SELECT base_hash FROM audit_head) WHERE seq = $1",
        /* Between two texts nothing moves unseen. */
        "UPDATE audit SET actor = actor || name, name = '' WHERE seq = $1",
    };
    fill(h, 3);
    for (unsigned i = 0; i < sizeof columns / sizeof *columns; i++) {
        assert_int_equal(verify(h).bad, 0);
        spoil(h, columns[i], 2);
        expect(h, 2, "its content");
        /* A new chain. */
        spoil(h, "DELETE FROM audit WHERE seq >= $1", 1);
        spoil(h, "UPDATE audit_head SET seq = 0, hash = base_hash, base_seq = 0 WHERE id = $1", 1);
        fill(h, 3);
    }
}

static void a_removed_row_is_named(void **state)
{
    struct house *h = *state;
    fill(h, 6);
    spoil(h, "DELETE FROM audit WHERE seq = $1", 3);
    expect(h, 3, "missing");
    spoil(h, "UPDATE audit SET seq = seq - 1 WHERE seq > $1", 3);
    expect(h, 3, "its content");
}

static void two_rows_that_changed_places_are_named(void **state)
{
    struct house *h = *state;
    fill(h, 6);
    spoil(h, "UPDATE audit SET seq = -seq WHERE seq IN (2, $1)", 3);
    spoil(h, "UPDATE audit SET seq = 5 + seq WHERE seq IN (-2, $1)", -3); /* −2 → 3, −3 → 2 */
    expect(h, 2, "its content");
}

static void an_end_that_was_cut_off_is_named(void **state)
{
    struct house *h = *state;
    fill(h, 6);
    spoil(h, "DELETE FROM audit WHERE seq >= $1", 5);
    expect(h, 5, "cut off");
    spoil(h, "UPDATE audit_head SET seq = $1", 4);
    expect(h, 4, "another hash");
    spoil(h, "DELETE FROM audit_head WHERE id = $1", 1);
    expect(h, 1, "head");
}

/* --- Age and floods --------------------------------------------------------------------------- */

static void old_rows_go_and_the_rest_holds(void **state)
{
    struct house *h = *state;
    fill(h, 5);
    assert_int_equal(account_audit_prune(&helper_env, h->store, 400), 0);
    assert_int_equal(verify(h).rows, 5);
    helper_wall_shift_ms += 401 * 86400000ll;
    fill(h, 2);
    assert_int_equal(account_audit_prune(&helper_env, h->store, 400), 0);
    struct account_audit_report report = verify(h);
    assert_int_equal(report.bad, 0);
    assert_int_equal(report.first, 6);
    assert_int_equal(report.last, 8); /* the row that says so */
    assert_int_equal(account_audit_prune(&helper_env, h->store, 400), 0);
    assert_int_equal(verify(h).last, 8);
    fill(h, 1);
    assert_int_equal(verify(h).bad, 0);
    /* Who removes more, and moves the base along, has no row that says so. */
    spoil(h,
          "UPDATE audit_head SET base_seq = $1, "
          "base_hash = (SELECT a.hash FROM audit a WHERE a.seq = $1)",
          6);
    spoil(h, "DELETE FROM audit WHERE seq <= $1", 6);
    expect(h, 6, "no row says so");
}

static int count_row(void *arg, const struct account_audit_row *row)
{
    int *counts = arg;
    counts[0]++;
    counts[1] += core_str_eq_c(row->outcome, "counted");
    counts[2] += core_str_find(row->detail, CORE_STR("\"count\":990,")) >= 0;
    return 0;
}

static void a_flood_is_counted(void **state)
{
    struct house *h = *state;
    const struct account_event event = {.act = ACCOUNT_ACT_LOGIN_REFUSED, .by = &ann};
    const struct account_audit_query query = {.act = CORE_STR("login.refused"), .limit = 10000};
    int counts[3] = {0};
    /* All within one minute of the wall. */
    helper_wall_shift_ms += 60000 - core_wall_ms(&helper_env) % 60000;
    for (int i = 0; i < 1000; i++) {
        account_audit(h->accounts, &event);
    }
    account_audit_tick(h->accounts);
    helper_wall_shift_ms += 60000;
    account_audit_tick(h->accounts);
    account_audit_tick(h->accounts);
    struct store_batch *batch = store_batch_new(STORE_DURABLE);
    store_put(batch, STORE_ROWS_ANY, "DELETE FROM setting WHERE key = $1", STORE_C("none"));
    assert_int_equal(store_write_wait(h->store, batch), 0);
    assert_int_equal(account_audit_list(h->store, &query, count_row, counts), 0);
    assert_int_equal(counts[0], ACCOUNT_AUDIT_EACH + 1);
    assert_int_equal(counts[1], 1);
    assert_int_equal(counts[2], 1);
    assert_int_equal(verify(h).bad, 0);
}

static int take_text(void *arg, const struct account_audit_row *row)
{
    struct core_buf *out = arg;
    core_buf_addf(out, "%lld:%.*s:%.*s ", (long long)row->seq, CORE_STR_ARG(row->object),
                  CORE_STR_ARG(row->detail));
    return 0;
}

static void no_text_makes_the_act_fail(void **state)
{
    struct house *h = *state;
    static char large[5000];
    memset(large, 'x', sizeof large);
    const struct core_str texts[] = {
        core_strn("a\0b", 3), core_strn("\xff\xfe", 2),   core_strn(large, sizeof large),
        CORE_STR("\xe2\x82"), CORE_STR("line\nline\x7f"),
    };
    struct core_buf out;
    core_buf_init(&out, 65536);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        const struct account_actor by = {.id = texts[i],
                                         .name = texts[i],
                                         .login = texts[i],
                                         .key = texts[i],
                                         .address = texts[i],
                                         .request = texts[i]};
        const struct account_event event = {
            .act = ACCOUNT_ACT_KEY_MADE, .by = &by, .object = texts[i], .detail = texts[i]};
        struct store_batch *batch = store_batch_new(STORE_DURABLE);
        account_audit_add(&helper_env, batch, &event);
        assert_int_equal(store_write_wait(h->store, batch), 0);
    }
    assert_int_equal(verify(h).bad, 0);
    const struct account_audit_query query = {.before = 3, .limit = 10};
    assert_int_equal(account_audit_list(h->store, &query, take_text, &out), 0);
    assert_string_equal(out.ptr, "2:??:?? 1:a?b:a?b ");
    core_buf_done(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, helper_setup, helper_teardown)
        T(rows_follow_each_other),
        T(many_writers_and_rollbacks_make_one_chain),
        T(an_altered_row_is_named),
        T(a_removed_row_is_named),
        T(two_rows_that_changed_places_are_named),
        T(an_end_that_was_cut_off_is_named),
        T(old_rows_go_and_the_rest_holds),
        T(a_flood_is_counted),
        T(no_text_makes_the_act_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
