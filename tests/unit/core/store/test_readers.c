/* test_readers.c: the pool of reading connections, over connections that only count. */
#include "core/store/readers.h"

#include "core/err.h"
#include "core/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <uv.h>

#include <cmocka.h>

struct server {
    unsigned opened, closed;
    unsigned break_next; /* so many reads find their connection broken */
    int refuse;          /* what opening gives */
};

struct conn {
    struct server *server;
    unsigned number, users, moments;
    bool broken;
};

static int conn_open(void *arg, void **ret_conn)
{
    struct server *server = arg;
    struct conn *c;

    if (server->refuse < 0)
        return server->refuse;
    c = core_alloc(sizeof *c);
    c->server = server;
    c->number = ++server->opened;
    *ret_conn = c;
    return 0;
}

static void conn_close(void *conn)
{
    struct conn *c = conn;

    assert_int_equal(c->users, 0);
    c->server->closed++;
    free(c);
}

/* Calls on_row once; the row is the connection. */
static int conn_read(void *conn, const char *sql, const struct store_value *params, size_t count,
                     int (*on_row)(void *arg, const struct store_row *row), void *arg)
{
    struct conn *c = conn;
    int err;

    (void)sql;
    (void)params;
    (void)count;
    if (c->server->break_next > 0) {
        c->server->break_next--;
        c->broken = true;
        return STORE__AGAIN;
    }
    c->users++;
    err = on_row(arg, conn);
    c->users--;
    return err;
}

static int conn_begin(void *conn)
{
    ((struct conn *)conn)->moments++;
    return 0;
}

static void conn_end(void *conn)
{
    ((struct conn *)conn)->moments--;
}

static bool conn_broken(const void *conn)
{
    return ((const struct conn *)conn)->broken;
}

static const struct store__reader_ops ops = {
    .open = conn_open,
    .close = conn_close,
    .read = conn_read,
    .begin = conn_begin,
    .end = conn_end,
    .broken = conn_broken,
};

static const struct conn *seen(const struct store_row *row)
{
    return (const struct conn *)row;
}

static int on_number(void *arg, const struct store_row *row)
{
    *(unsigned *)arg = seen(row)->number;
    return 0;
}

/* The connection that a read of this thread gets. */
static unsigned number_now(struct store__readers *r)
{
    unsigned number = 0;

    assert_int_equal(store__readers_read(r, "", NULL, 0, on_number, &number), 0);
    return number;
}

/* --- Whose connection ----------------------------------------------------------------------- */

struct other {
    struct store__readers *readers;
    uv_sem_t inside, leave, outside, end;
    unsigned first, last;
};

static int on_inside(void *arg, const struct store_row *row)
{
    struct other *o = arg;

    o->first = seen(row)->number;
    uv_sem_post(&o->inside);
    uv_sem_wait(&o->leave);
    return 0;
}

static void other_thread(void *arg)
{
    struct other *o = arg;

    store__readers_read(o->readers, "", NULL, 0, on_inside, o);
    uv_sem_post(&o->outside);
    uv_sem_wait(&o->end);
    store__readers_read(o->readers, "", NULL, 0, on_number, &o->last);
}

static void a_thread_gets_its_own_back(void **state)
{
    struct server server = {0};
    struct store__readers *r = store__readers_new(core_env_real(), 4, &ops, &server);
    struct other o = {.readers = r};
    uv_thread_t thread;
    unsigned mine;

    (void)state;
    uv_sem_init(&o.inside, 0);
    uv_sem_init(&o.leave, 0);
    uv_sem_init(&o.outside, 0);
    uv_sem_init(&o.end, 0);
    assert_int_equal(uv_thread_create(&thread, other_thread, &o), 0);
    uv_sem_wait(&o.inside);
    mine = number_now(r);
    assert_int_not_equal(mine, o.first);
    uv_sem_post(&o.leave);
    uv_sem_wait(&o.outside);
    /* The other's lies on top, as it came back last. */
    for (int i = 0; i < 3; i++)
        assert_int_equal(number_now(r), mine);
    uv_sem_post(&o.end);
    uv_thread_join(&thread);
    assert_int_equal(o.last, o.first);
    store__readers_free(r);
    assert_int_equal(server.closed, server.opened);
    uv_sem_destroy(&o.inside);
    uv_sem_destroy(&o.leave);
    uv_sem_destroy(&o.outside);
    uv_sem_destroy(&o.end);
}

struct nested {
    struct store__readers *readers;
    unsigned outer, inner, moments;
};

static int on_nested(void *arg, const struct store_row *row)
{
    struct nested *n = arg;

    n->outer = seen(row)->number;
    n->moments = seen(row)->moments;
    n->inner = number_now(n->readers);
    return 7;
}

static int in_snapshot(void *arg)
{
    struct nested *n = arg;

    return store__readers_read(n->readers, "", NULL, 0, on_nested, n);
}

static void a_read_inside_of_another_has_its_connection(void **state)
{
    struct server server = {0};
    struct nested n = {.readers = store__readers_new(core_env_real(), 1, &ops, &server)};

    (void)state;
    assert_int_equal(store__readers_read(n.readers, "", NULL, 0, on_nested, &n), 7);
    assert_int_equal(n.inner, n.outer);
    assert_int_equal(n.moments, 0);
    assert_int_equal(store__readers_snapshot(n.readers, in_snapshot, &n), 7);
    assert_int_equal(n.inner, n.outer);
    assert_int_equal(n.moments, 1);
    assert_int_equal(server.opened, 1);
    store__readers_free(n.readers);
}

/* --- What breaks ---------------------------------------------------------------------------- */

static void a_broken_one_is_replaced(void **state)
{
    struct server server = {0};
    struct store__readers *r = store__readers_new(core_env_real(), 2, &ops, &server);
    unsigned number = 0;

    (void)state;
    assert_int_equal(number_now(r), 1);
    server.break_next = 1;
    assert_int_equal(number_now(r), 2);
    assert_int_equal(server.closed, 1);
    server.break_next = 2;
    assert_int_equal(store__readers_read(r, "", NULL, 0, on_number, &number), CORE_EAWAY);
    assert_int_equal(number, 0);
    server.refuse = CORE_EAWAY;
    assert_int_equal(store__readers_read(r, "", NULL, 0, on_number, &number), CORE_EAWAY);
    server.refuse = 0;
    assert_int_equal(number_now(r), 4);
    store__readers_free(r);
    assert_int_equal(server.closed, server.opened);
}

/* --- Many at once --------------------------------------------------------------------------- */

enum { THREADS = 6, CONNECTIONS = 3, READS = 300 };

struct crowd {
    struct store__readers *readers;
    unsigned wrong;
};

static int on_alone(void *arg, const struct store_row *row)
{
    struct crowd *crowd = arg;

    if (seen(row)->users != 1)
        __atomic_fetch_add(&crowd->wrong, 1, __ATOMIC_RELAXED);
    return 0;
}

static void crowd_thread(void *arg)
{
    struct crowd *crowd = arg;

    for (int i = 0; i < READS; i++) {
        if (store__readers_read(crowd->readers, "", NULL, 0, on_alone, crowd) != 0)
            __atomic_fetch_add(&crowd->wrong, 1, __ATOMIC_RELAXED);
    }
}

static void no_two_threads_share_one(void **state)
{
    struct server server = {0};
    struct crowd crowd = {store__readers_new(core_env_real(), CONNECTIONS, &ops, &server), 0};
    uv_thread_t threads[THREADS];

    (void)state;
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(uv_thread_create(&threads[i], crowd_thread, &crowd), 0);
    for (int i = 0; i < THREADS; i++)
        uv_thread_join(&threads[i]);
    assert_int_equal(crowd.wrong, 0);
    store__readers_free(crowd.readers);
    assert_true(server.opened <= CONNECTIONS && server.closed == server.opened);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_thread_gets_its_own_back),
        cmocka_unit_test(a_read_inside_of_another_has_its_connection),
        cmocka_unit_test(a_broken_one_is_replaced),
        cmocka_unit_test(no_two_threads_share_one),
    };
    return cmocka_run_group_tests_name("core: readers", tests, NULL, NULL);
}
