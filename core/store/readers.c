/*
 * readers.c: the pool of reading connections.
 *
 * While a thread reads, its connection is bound to it by a `struct hold` on its stack, linked from
 * a thread-local list: a read inside a row callback or a snapshot finds it there and neither waits
 * for a second connection nor leaves the snapshot.
 *
 *     thread ─► hold (store A) ─► hold (store B) ─► NULL     innermost first
 *
 * A connection found broken is closed with all that lie idle: what broke one
 * (a server that went away) broke the others. The read is then tried once
 * more on a new one, as nothing of it has been seen yet.
 */
#include "core/store/readers.h"

#include "core/err.h"
#include "core/mem.h"

#include <assert.h>
#include <stdlib.h>
#include <uv.h>

/* Where another connection is refused for want of room: how soon to look again. */
#define REFUSED_WAIT_NS 50000000ull

struct idle {
    void *conn;
    const void *user; /* the thread that had it last */
};

struct store__readers {
    const struct core_env *env;
    const struct store__reader_ops *ops;
    void *arg;
    unsigned max;
    uv_mutex_t lock; /* over the fields below */
    uv_cond_t given_back;
    unsigned open; /* connections that exist, or are about to */
    unsigned idle_count;
    struct idle idle[CORE_LIMIT_STORE_READERS]; /* a stack: the warmest on top */
};

struct hold {
    struct store__readers *readers;
    void *conn;
    bool pinned; /* under a snapshot */
    struct hold *outer;
};

/* Its address is the thread's name. */
static _Thread_local struct hold *holds;

/* --- Connections ---------------------------------------------------------------------------- */

/* The thread's own of last time if it is there, as the kernel has brought both ends of that
 * together by now; else the warmest. */
static void *pop_idle(struct store__readers *r)
{
    unsigned at = r->idle_count - 1;
    void *conn;

    for (unsigned i = 0; i < r->idle_count; i++) {
        if (r->idle[i].user == &holds)
            at = i;
    }
    conn = r->idle[at].conn;
    memmove(&r->idle[at], &r->idle[at + 1], (--r->idle_count - at) * sizeof *r->idle);
    return conn;
}

/* Waits for an idle connection or the right to open one (then *ret is NULL). */
static int wait_for_one(struct store__readers *r, uint64_t deadline, void **ret)
{
    uint64_t now;
    int err = 0;

    uv_mutex_lock(&r->lock);
    while (r->idle_count == 0 && r->open == r->max && err == 0) {
        now = core_mono_ns(r->env);
        if (now >= deadline)
            err = CORE_EBUSY;
        else
            uv_cond_timedwait(&r->given_back, &r->lock, deadline - now);
    }
    if (err == 0) {
        *ret = r->idle_count ? pop_idle(r) : NULL;
        if (!*ret)
            r->open++;
    }
    uv_mutex_unlock(&r->lock);
    return err;
}

/* conn NULL gives back only the right to open one. */
static void give_back(struct store__readers *r, void *conn)
{
    if (conn && r->ops->broken && r->ops->broken(conn)) {
        r->ops->close(conn);
        conn = NULL;
    }
    uv_mutex_lock(&r->lock);
    if (conn)
        r->idle[r->idle_count++] = (struct idle){conn, &holds};
    else
        r->open--;
    uv_cond_signal(&r->given_back);
    uv_mutex_unlock(&r->lock);
}

/* The server has no room for another: true when there
 * are some that will be given back, and after a moment. */
static bool others_come_back(struct store__readers *r, uint64_t deadline)
{
    bool others;

    uv_mutex_lock(&r->lock);
    others = r->open > 0 && core_mono_ns(r->env) < deadline;
    if (others && r->idle_count == 0)
        uv_cond_timedwait(&r->given_back, &r->lock, REFUSED_WAIT_NS);
    uv_mutex_unlock(&r->lock);
    return others;
}

static int take_one(struct store__readers *r, void **ret)
{
    uint64_t deadline = core_mono_ns(r->env) + CORE_LIMIT_STORE_READER_WAIT_MS * 1000000ull;
    void *conn;
    int err;

    do {
        err = wait_for_one(r, deadline, &conn);
        if (err < 0)
            return err;
        if (!conn)
            err = r->ops->open(r->arg, &conn);
        if (err < 0)
            give_back(r, NULL);
    } while (err == CORE_EBUSY && others_come_back(r, deadline));
    if (err == 0)
        *ret = conn;
    return err;
}

static void close_idle(struct store__readers *r)
{
    struct idle idle[CORE_LIMIT_STORE_READERS];
    unsigned count;

    uv_mutex_lock(&r->lock);
    count = r->idle_count;
    memcpy(idle, r->idle, count * sizeof *idle);
    r->idle_count = 0;
    r->open -= count;
    uv_cond_broadcast(&r->given_back);
    uv_mutex_unlock(&r->lock);
    for (unsigned i = 0; i < count; i++)
        r->ops->close(idle[i].conn);
}

/* Not inlined: the compiler would not see that hold_end()
 * takes the address out of the list again, and warn. */
__attribute__((noinline)) static int hold_begin(struct store__readers *r, struct hold *hold)
{
    void *conn = NULL;
    int err = take_one(r, &conn);

    if (err < 0)
        return err;
    *hold = (struct hold){.readers = r, .conn = conn, .outer = holds};
    holds = hold;
    return 0;
}

static void hold_end(struct hold *hold)
{
    assert(holds == hold);
    holds = hold->outer;
    give_back(hold->readers, hold->conn);
}

static struct hold *held(const struct store__readers *r)
{
    for (struct hold *h = holds; h; h = h->outer) {
        if (h->readers == r)
            return h;
    }
    return NULL;
}

/* --- Reading -------------------------------------------------------------------------------- */

static int again_is_away(int err)
{
    return err == STORE__AGAIN ? CORE_EAWAY : err;
}

static int read_once(struct store__readers *r, const char *sql, const struct store_value *params,
                     size_t count, int (*on_row)(void *arg, const struct store_row *row), void *arg)
{
    struct hold hold;
    int err = hold_begin(r, &hold);

    if (err < 0)
        return err;
    err = r->ops->read(hold.conn, sql, params, count, on_row, arg);
    hold_end(&hold);
    return err;
}

int store__readers_read(struct store__readers *r, const char *sql, const struct store_value *params,
                        size_t count, int (*on_row)(void *arg, const struct store_row *row),
                        void *arg)
{
    struct hold *outer = held(r);
    int err;

    if (outer)
        return again_is_away(r->ops->read(outer->conn, sql, params, count, on_row, arg));
    err = read_once(r, sql, params, count, on_row, arg);
    if (err != STORE__AGAIN)
        return err;
    close_idle(r);
    return again_is_away(read_once(r, sql, params, count, on_row, arg));
}

static int run_pinned(struct store__readers *r, struct hold *hold, int (*fn)(void *arg), void *arg)
{
    int err = r->ops->begin(hold->conn);

    if (err != 0)
        return err;
    hold->pinned = true;
    err = fn(arg);
    hold->pinned = false;
    r->ops->end(hold->conn);
    return err;
}

static int snapshot_once(struct store__readers *r, int (*fn)(void *arg), void *arg)
{
    struct hold hold;
    int err = hold_begin(r, &hold);

    if (err < 0)
        return err;
    err = run_pinned(r, &hold, fn, arg);
    hold_end(&hold);
    return err;
}

int store__readers_snapshot(struct store__readers *r, int (*fn)(void *arg), void *arg)
{
    struct hold *outer = held(r);
    int err;

    if (outer && (outer->pinned || r->ops->rows_pin))
        return fn(arg);
    if (outer)
        return again_is_away(run_pinned(r, outer, fn, arg));
    err = snapshot_once(r, fn, arg);
    if (err != STORE__AGAIN)
        return err;
    close_idle(r);
    return again_is_away(snapshot_once(r, fn, arg));
}

/* --- Life ----------------------------------------------------------------------------------- */

struct store__readers *store__readers_new(const struct core_env *env, unsigned max,
                                          const struct store__reader_ops *ops, void *arg)
{
    struct store__readers *r = core_alloc(sizeof *r);

    assert(max >= 1 && max <= CORE_LIMIT_STORE_READERS);
    r->env = env;
    r->ops = ops;
    r->arg = arg;
    r->max = max;
    uv_mutex_init(&r->lock);
    uv_cond_init(&r->given_back);
    return r;
}

void store__readers_free(struct store__readers *r)
{
    if (!r)
        return;
    assert(r->idle_count == r->open);
    for (unsigned i = 0; i < r->idle_count; i++)
        r->ops->close(r->idle[i].conn);
    uv_mutex_destroy(&r->lock);
    uv_cond_destroy(&r->given_back);
    free(r);
}
