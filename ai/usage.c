/* usage.c: what telemetry adds up to, and the answers that people voted down. */
#include "ai/cascade/cache.h"
#include "ai/telemetry.h"

#include "core/err.h"

/* --- Sums ------------------------------------------------------------------------------------- */

/* By key and class of latency first. A percentile is the mean latency of the class in which the
 * answer falls that so many per cent do not exceed, as in report.c. */
#define PERCENTILE(percent)                                                                        \
    "MIN(CASE WHEN upto * 100 >= whole * " percent " THEN (latency + n / 2) / n END)"
#define USAGE(key, order)                                                                          \
    "WITH summed AS (SELECT " key " AS k, class, CAST(SUM(answers) AS BIGINT) AS n,"               \
    " SUM(answered) AS given, SUM(CASE WHEN level = 'L0' THEN answers ELSE 0 END) AS cached,"      \
    " CAST(SUM(latency_ms) AS BIGINT) AS latency, SUM(tokens_in) AS t_in,"                         \
    " SUM(tokens_out) AS t_out, SUM(cost_microusd) AS spent"                                       \
    " FROM telemetry_day WHERE day >= $1 GROUP BY " key ", class),"                                \
    " ranked AS (SELECT summed.*, SUM(n) OVER (PARTITION BY k ORDER BY class) AS upto,"            \
    " SUM(n) OVER (PARTITION BY k) AS whole FROM summed)"                                          \
    " SELECT k, SUM(n) AS total, SUM(given), SUM(cached), SUM(t_in), SUM(t_out),"                  \
    " SUM(spent) AS cost, " PERCENTILE("50") ", " PERCENTILE(                                      \
        "95") " FROM ranked GROUP BY k ORDER BY " order " LIMIT $2"

static const char *const usage_sql[] = {
    [AI_USAGE_DAY] = USAGE("day", "k"),
    [AI_USAGE_USER] = USAGE("owner", "cost DESC, total DESC, k"),
    [AI_USAGE_MODEL] = USAGE("provider", "cost DESC, total DESC, k"),
    [AI_USAGE_LEVEL] = USAGE("level", "k"),
};

struct usage {
    enum ai_usage_by by;
    int (*on_row)(void *arg, const struct ai_usage_row *row);
    void *arg;
};

static int on_usage(void *arg, const struct store_row *row)
{
    const struct usage *u = arg;
    char day[CORE_TIME_SIZE];
    struct ai_usage_row r = {.answers = store_row_i64(row, 1),
                             .answered = store_row_i64(row, 2),
                             .cached = store_row_i64(row, 3),
                             .tokens_in = store_row_i64(row, 4),
                             .tokens_out = store_row_i64(row, 5),
                             .cost_microusd = store_row_i64(row, 6),
                             .p50_ms = store_row_i64(row, 7),
                             .p95_ms = store_row_i64(row, 8)};
    if (u->by == AI_USAGE_DAY) {
        core_time_format(store_row_i64(row, 0) * AI_TELEMETRY_DAY_MS, day);
        r.key = core_strn(day, 10);
    } else {
        r.key = store_row_str(row, 0);
    }
    return u->on_row(u->arg, &r);
}

int ai_usage(struct ai *ai, int64_t from_ms, enum ai_usage_by by, unsigned limit,
             int (*on_row)(void *arg, const struct ai_usage_row *row), void *arg)
{
    struct usage u = {by, on_row, arg};
    const struct store_value params[] = {STORE_I(from_ms / AI_TELEMETRY_DAY_MS), STORE_I(limit)};
    int e = store_read(ai->store, usage_sql[by], params, 2, on_usage, &u);
    return e < 0 ? e : 0;
}

/* --- Votes ------------------------------------------------------------------------------------ */

struct votes {
    int (*on_vote)(void *arg, const struct ai_vote *vote);
    void *arg;
};

static int on_vote_row(void *arg, const struct store_row *row)
{
    const struct votes *v = arg;
    const struct ai_vote vote = {.id = store_row_str(row, 0),
                                 .answer = store_row_str(row, 1),
                                 .at_ms = store_row_i64(row, 2),
                                 .receipt_json = store_row_str(row, 3),
                                 .owner = store_row_str(row, 4),
                                 .question = store_row_str(row, 5),
                                 .cache_id = store_row_str(row, 6)};
    return v->on_vote(v->arg, &vote);
}

int ai_votes_down(struct ai *ai, struct core_str before, unsigned limit,
                  int (*on_vote)(void *arg, const struct ai_vote *vote), void *arg)
{
    struct votes v = {on_vote, arg};
    /* '~' sorts behind every id. */
    const struct store_value params[] = {before.len ? STORE_T(before) : STORE_C("~"),
                                         STORE_I(limit)};
    /* The plain `vote <> 0` is what the index is made for. */
    int e = store_read(
        ai->store,
        "SELECT id, text, created_ms, receipt, owner, question, (SELECT MIN(cache.id) FROM cache"
        " WHERE cache.question = down.question) FROM (SELECT m.id AS id, m.text AS text,"
        " m.created_ms AS created_ms, m.receipt AS receipt, c.owner AS owner, (SELECT q.text"
        " FROM message q WHERE q.conversation_id = m.conversation_id AND q.role = 'user'"
        " AND q.id < m.id ORDER BY q.id DESC LIMIT 1) AS question FROM message m"
        " JOIN conversation c ON c.id = m.conversation_id WHERE m.vote = -1 AND m.vote <> 0"
        " AND m.role = 'assistant' AND m.id < $1 ORDER BY m.id DESC LIMIT $2) AS down"
        " ORDER BY id DESC",
        params, 2, on_vote_row, &v);
    return e < 0 ? e : 0;
}

int ai_cache_remove(struct ai *ai, struct core_str id)
{
    struct store_batch *batch = store_batch_new(STORE_RELAXED);
    store_put(batch, 1, "SELECT 1 FROM cache WHERE id = $1", STORE_T(id));
    ai_cache_drop(batch, id);
    int e = store_write_wait(ai->store, batch);
    return e == CORE_EMISMATCH ? CORE_ENOTFOUND : e;
}
