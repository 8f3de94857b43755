/*
 * pg_write.c: executes a group of batches in one transaction.
 *
 *     BEGIN; [SET LOCAL synchronous_commit = off;] sky_store.number + 1      our right to write, and the commit's name
 *       all statements of all batches, without waiting for each other
 *     COMMIT                                                               once every answer was as expected
 *
 * Two waits for a group, however many batches are in it. If a statement failed,
 * the transaction is undone, and the group runs again with each batch in a
 * savepoint of its own: its failure is then nobody else's.
 *
 * When the connection breaks, the group is tried again on a new one. Before COMMIT
 * was sent nothing of it can exist; afterwards the number in sky_store tells. The
 * old session cannot come back to life and commit behind our back: the new one has
 * its lock, which the old one holds as long as it lives.
 *
 * With synchronous_commit off the server writes its log to the disk within three times
 * wal_writer_delay (.6 s), by itself.
 */
#include "core/store/pg_write.h"

#include "core/err.h"
#include "core/log.h"
#include "core/store/writer.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>

/* --- The session ---------------------------------------------------------------------------- */

static void drop(struct store__pg_writer *w)
{
    store__pg_close(w->conn);
    w->conn = NULL;
}

/* Each reason once, not each time that it is found again. */
static void tell_away(struct store__pg_writer *w, int err, const char *why)
{
    if (strncmp(w->told, why, sizeof w->told - 1) == 0)
        return;
    core_log(CORE_LOG_ERROR, "store.away", {"error", CORE_LOG_C(core_err_name(err))},
             {"why", CORE_LOG_C(why)});
    snprintf(w->told, sizeof w->told, "%s", why);
}

/* A commit of nothing that is on disk, and with the
 * standbys that have to have it, when this returns. */
static int touch(struct store__pg_writer *w)
{
    const struct store_value params[] = {STORE_C(w->holder)};
    PGresult *r;
    int err = store__pg_ask(w->conn,
                            "UPDATE sky_store SET holder = holder WHERE id = 1 AND holder = $1",
                            params, 1, &r);

    if (err < 0)
        return err;
    if (!core_str_eq_c(core_str(PQcmdTuples(r)), "1"))
        err = CORE_EREADONLY;
    PQclear(r);
    return err;
}

/* The number found after a reconnection. Acknowledged commits can only be missing where a standby
 * was promoted that had not got them. */
static void compare(struct store__pg_writer *w, int64_t number)
{
    if (number < w->number)
        core_log(CORE_LOG_ERROR, "store.lost", {"commits", CORE_LOG_I(w->number - number)},
                 {"why", CORE_LOG_C("the standby that was promoted lacks them: have "
                                    "synchronous_standby_names name it")});
    w->number = number;
    w->in_doubt = false;
}

/* What a client hears of it: the store is not there. The log has the reason. */
static int outward(int err)
{
    return err == CORE_EREADONLY || err == CORE_EBUSY || err == CORE_ENOMEM ? err : CORE_EAWAY;
}

/* A session, if there is none. *ret_exists: the commit in doubt exists after all. */
static int have_session(struct store__pg_writer *w, bool *ret_exists)
{
    char why[512] = "";
    int64_t number = 0;
    bool exists;
    int err;

    if (w->conn && !store__pg_lost(w->conn))
        return 0;
    if (w->conn)
        tell_away(w, CORE_EAWAY, store__pg_why(w->conn));
    drop(w);
    err = store__pg_regain(w->address, w->holder, &w->conn, &number, why, sizeof why);
    if (err < 0) {
        tell_away(w, err, why);
        return outward(err);
    }
    exists = w->in_doubt && number == w->number + 1;
    /* It exists here. It must not be acknowledged before a standby that is waited for has it
     * too. */
    if (exists) {
        err = touch(w);
        if (err < 0) {
            drop(w);
            return outward(err);
        }
    }
    compare(w, number);
    core_log(CORE_LOG_INFO, "store.back", {"commit", CORE_LOG_I(number)});
    w->told[0] = '\0';
    *ret_exists = exists;
    return 0;
}

/* --- Statements ----------------------------------------------------------------------------- */

/* Walks the statements of the batches from one to another. */
struct walk {
    struct store_batch *batch;
    struct store_batch *end;
    struct store_batch_iter it;
};

static void walk_begin(struct walk *walk, struct store_batch *first, struct store_batch *end)
{
    walk->batch = first;
    walk->end = end;
    store__batch_iter(first, &walk->it);
}

/* 1 and a statement of walk->batch, 0 at the end, CORE_ECORRUPT. */
static int walk_next(struct walk *walk, struct store_statement *ret)
{
    int more;

    while ((more = store__batch_next(&walk->it, ret)) == 0) {
        if (walk->batch->next == walk->end)
            return 0;
        walk->batch = walk->batch->next;
        store__batch_iter(walk->batch, &walk->it);
    }
    return more;
}

/* The answer to a statement that is to change so many rows. */
static int take_rows(struct store__pg *c, int expected)
{
    PGresult *r;
    int64_t rows = 0;
    int err = store__pg_take(c, &r);

    if (err < 0)
        return err;
    if (expected != STORE_ROWS_ANY) {
        core_str_to_i64(core_str(PQcmdTuples(r)), 0, INT64_MAX, &rows);
        if (rows != expected)
            err = CORE_EMISMATCH;
    }
    PQclear(r);
    return err;
}

/* The answer to a statement of ours; one that finds no row
 * to change has found that the right to write is gone. */
static int take_lead(struct store__pg *c)
{
    PGresult *r;
    int err = store__pg_take(c, &r);

    if (err < 0)
        return err;
    if (core_str_eq_c(core_str(PQcmdTuples(r)), "0"))
        err = CORE_EREADONLY;
    PQclear(r);
    return err;
}

/* Takes the answers to `leads` statements of ours and `count` of the walk. */
static int take_all(struct store__pg *c, struct walk *walk, unsigned leads, unsigned count)
{
    struct store_statement s;
    int err = store__pg_sync(c);

    for (; leads > 0 && err == 0; leads--)
        err = take_lead(c);
    for (; count > 0 && err == 0; count--) {
        err = walk_next(walk, &s);
        if (err >= 0)
            err = take_rows(c, s.rows_expected);
    }
    store__pg_settle(c);
    return store__pg_lost(c) ? CORE_EAWAY : err;
}

/* Sends what stands in the batches from first up to end, behind `leads` statements that were sent
 * already, and takes all the answers. */
static int run(struct store__pg *c, struct store_batch *first, struct store_batch *end,
               unsigned leads)
{
    struct walk sent, taken;
    struct store_statement s;
    unsigned count = 0;
    int more, err = 0, own = 0;

    walk_begin(&sent, first, end);
    walk_begin(&taken, first, end);
    do {
        more = walk_next(&sent, &s);
        if (more > 0)
            own = store__pg_send(c, s.sql, s.params, s.count, STORE__SQL_WRITE);
        if (more > 0 && own == 0 && ++count + leads < CORE_LIMIT_STORE_PG_FLIGHT)
            continue;
        err = take_all(c, &taken, leads, count);
        leads = count = 0;
        if (err == 0)
            err = more < 0 ? more : own;
    } while (err == 0 && more > 0);
    return err;
}

/* --- Transactions --------------------------------------------------------------------------- */

/* Sends the head of a transaction; returns the statements in
 * it. A lost connection shows when their answers are taken. */
static unsigned send_begin(struct store__pg_writer *w, bool durable)
{
    const struct store_value params[] = {STORE_C(w->holder), STORE_I(w->number)};
    unsigned n = 2;

    store__pg_send(w->conn, CORE_STR("BEGIN"), NULL, 0, STORE__SQL_OURS);
    if (!durable) {
        store__pg_send(w->conn, CORE_STR("SET LOCAL synchronous_commit TO off"), NULL, 0,
                       STORE__SQL_OURS);
        n++;
    }
    store__pg_send(w->conn,
                   CORE_STR("UPDATE sky_store SET number = number + 1"
                            " WHERE id = 1 AND holder = $1 AND number = $2"),
                   params, 2, STORE__SQL_OURS);
    return n;
}

/* A session that may not write is of no use: another one will find out why. */
static int end_undone(struct store__pg_writer *w, int err)
{
    if (store__pg_ask(w->conn, "ROLLBACK", NULL, 0, NULL) < 0 || err == CORE_EREADONLY)
        drop(w);
    return err;
}

static int end_committed(struct store__pg_writer *w)
{
    PGresult *r = NULL;
    int err;

    w->in_doubt = true;
    err = store__pg_ask(w->conn, "COMMIT", NULL, 0, &r);
    /* A transaction that had failed says "ROLLBACK". */
    if (err == 0 && !core_str_eq_c(core_str(PQcmdStatus(r)), "COMMIT"))
        err = CORE_EINTERNAL;
    PQclear(r);
    if (err == CORE_EAWAY)
        return err;
    w->in_doubt = false;
    w->number += err == 0;
    return err;
}

/* All as one. A failure of a batch comes back as an error: nothing is there then. */
static int run_together(struct store__pg_writer *w, struct store_batch *first, bool durable)
{
    int err = run(w->conn, first, NULL, send_begin(w, durable));

    if (err == CORE_EAWAY)
        return err;
    return err < 0 ? end_undone(w, err) : end_committed(w);
}

/* One batch inside of the transaction: its status says how
 * it went; the return value, whether the others can go on. */
static int run_in_savepoint(struct store__pg *c, struct store_batch *batch)
{
    int err = store__pg_send(c, CORE_STR("SAVEPOINT batch"), NULL, 0, STORE__SQL_OURS);

    if (err < 0)
        return err;
    batch->status = run(c, batch, batch->next, 1);
    if (batch->status == CORE_EAWAY || store__disk_failed(batch->status))
        return batch->status;
    if (batch->status < 0)
        err = store__pg_ask(c, "ROLLBACK TO SAVEPOINT batch", NULL, 0, NULL);
    if (err == 0)
        err = store__pg_ask(c, "RELEASE SAVEPOINT batch", NULL, 0, NULL);
    return err;
}

static int run_apart(struct store__pg_writer *w, struct store_batch *first, bool durable)
{
    struct walk none = {0};
    int err = take_all(w->conn, &none, send_begin(w, durable), 0);

    for (struct store_batch *b = first; b && err == 0; b = b->next)
        err = run_in_savepoint(w->conn, b);
    if (err == CORE_EAWAY)
        return err;
    return err < 0 ? end_undone(w, err) : end_committed(w);
}

/* --- Groups --------------------------------------------------------------------------------- */

static int run_group(struct store__pg_writer *w, struct store_batch *first, unsigned n)
{
    bool durable = store__group_durable(first);
    int err;

    for (struct store_batch *b = first; b; b = b->next)
        b->status = 0;
    err = run_together(w, first, durable);
    if (err == 0 || err == CORE_EAWAY || err == CORE_EBUSY || store__disk_failed(err))
        return err;
    if (n > 1)
        return run_apart(w, first, durable);
    first->status = err;
    return 0;
}

static void pause_a_little(void)
{
    poll(NULL, 0, CORE_LIMIT_STORE_PG_PAUSE_MS);
}

int store__pg_commit(void *arg, struct store_batch *first, unsigned n)
{
    struct store__pg_writer *w = arg;
    const struct core_env *env = w->address->env;
    uint64_t deadline = core_mono_ms(env) + CORE_LIMIT_STORE_PG_RETRY_MS;
    bool exists = false, no_session;
    int err;

    for (;;) {
        err = have_session(w, &exists);
        no_session = err < 0;
        if (err == 0 && exists)
            return 0;
        if (err == 0)
            err = run_group(w, first, n);
        if (err == 0 || (!no_session && err != CORE_EAWAY && err != CORE_EBUSY) ||
            core_mono_ms(env) >= deadline)
            break;
        pause_a_little();
    }
    if (err == 0)
        return 0;
    store__group_fail(first, w->in_doubt ? CORE_ETIMEOUT : err);
    return no_session || err == CORE_EAWAY || store__disk_failed(err) ? err : 0;
}

/* --- Upkeep --------------------------------------------------------------------------------- */

int store__pg_flush(void *arg)
{
    (void)arg;
    return 0;
}

int store__pg_probe(void *arg)
{
    struct store__pg_writer *w = arg;
    bool exists = false;
    int err = have_session(w, &exists);

    if (err == 0)
        err = touch(w);
    return err < 0 ? outward(err) : 0;
}

int store__pg_tend(void *arg)
{
    (void)arg;
    return 0;
}
