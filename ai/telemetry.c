/*
 * telemetry.c: one row and a few counters per answered request, for cost and quality. Rows grow old
 * and leave; so do the oldest entries of the answer cache. The rows are also added up, by minutes
 * and by quarters of an hour, and by days, accounts and models, so that a report of millions of
 * answers reads thousands of rows.
 */
#include "ai/telemetry.h"

#include "ai/cascade/receipt.h"

#include "core/limits.h"
#include "core/metrics.h"

#include <assert.h>
#include <stdio.h>

/* Class of a latency: exact below 16 ms, then eight to an octave. The migration that made the table
 * says the same in SQL. */
unsigned ai_telemetry_class(int64_t latency_ms)
{
    unsigned shift = 0;
    if (latency_ms < 0)
        return 0;
    while (shift < 19 && latency_ms >> shift >= 16)
        shift++;
    int64_t class = 8 * shift + (latency_ms >> shift);
    return class < AI_TELEMETRY_CLASSES ? (unsigned)class : AI_TELEMETRY_CLASSES - 1;
}

static const char *outcome_of(const char *why_stopped, bool answered)
{
    if (!strcmp(why_stopped, "error"))
        return "failed";
    return !strcmp(why_stopped, "cancelled") ? why_stopped : answered ? "answered" : "refused";
}

static struct ai_telemetry_total total_of(const struct ai_telemetry_row *row)
{
    const struct ai_receipt *r = row->receipt;
    return (struct ai_telemetry_total){.answers = 1,
                                       .answered = row->answered,
                                       .latency_ms = r->latency_ms,
                                       .tokens_in = r->tokens_in,
                                       .tokens_out = r->tokens_out,
                                       .cost_microusd = r->cost_microusd};
}

void ai_telemetry_total_add(struct ai_telemetry_total *total, const struct ai_telemetry_total *more)
{
    total->answers += more->answers;
    total->answered += more->answered;
    total->latency_ms += more->latency_ms;
    total->tokens_in += more->tokens_in;
    total->tokens_out += more->tokens_out;
    total->cost_microusd += more->cost_microusd;
}

struct ai_telemetry_sum ai_telemetry_sum_of(int64_t at_ms, const struct ai_telemetry_row *row)
{
    const struct ai_receipt *r = row->receipt;
    return (struct ai_telemetry_sum){.minute_ms = at_ms - at_ms % (AI_TELEMETRY_FINE_S * 1000),
                                     .level = r->level,
                                     .outcome = outcome_of(r->why_stopped, row->answered),
                                     .class = ai_telemetry_class(r->latency_ms),
                                     .total = total_of(row)};
}

struct ai_telemetry_day ai_telemetry_day_of(int64_t at_ms, const struct ai_telemetry_row *row)
{
    struct ai_telemetry_day d = {.day = at_ms / AI_TELEMETRY_DAY_MS,
                                 .level = row->receipt->level,
                                 .class = ai_telemetry_class(row->receipt->latency_ms),
                                 .total = total_of(row)};
    snprintf(d.owner, sizeof d.owner, "%.*s", CORE_STR_ARG(row->owner));
    snprintf(d.provider, sizeof d.provider, "%s", row->provider);
    return d;
}

void ai_telemetry_put_sum(struct store_batch *batch, const struct ai_telemetry_sum *sum)
{
    static const int64_t steps_s[] = {AI_TELEMETRY_FINE_S, AI_TELEMETRY_COARSE_S};
    const struct ai_telemetry_total *t = &sum->total;
    char level[AI_RECEIPT_LEVEL_SIZE];
    ai_receipt_level(sum->level, level);
    for (size_t i = 0; i < sizeof steps_s / sizeof *steps_s; i++)
        store_put(
            batch, 1,
            "INSERT INTO telemetry_sum (step_s, at_ms, level, outcome, class, answers, latency_ms,"
            " tokens_in, tokens_out, cost_microusd) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"
            " ON CONFLICT (step_s, at_ms, level, outcome, class) DO UPDATE SET"
            " answers = telemetry_sum.answers + excluded.answers,"
            " latency_ms = telemetry_sum.latency_ms + excluded.latency_ms,"
            " tokens_in = telemetry_sum.tokens_in + excluded.tokens_in,"
            " tokens_out = telemetry_sum.tokens_out + excluded.tokens_out,"
            " cost_microusd = telemetry_sum.cost_microusd + excluded.cost_microusd",
            STORE_I(steps_s[i]), STORE_I(sum->minute_ms - sum->minute_ms % (steps_s[i] * 1000)),
            STORE_C(level), STORE_C(sum->outcome), STORE_I(sum->class), STORE_I(t->answers),
            STORE_I(t->latency_ms), STORE_I(t->tokens_in), STORE_I(t->tokens_out),
            STORE_I(t->cost_microusd));
}

/* Of an account that was removed meanwhile no name stays. */
#define OWNER(id)                                                                                  \
    "CASE WHEN " id " = 'owner' OR EXISTS (SELECT 1 FROM account WHERE id = " id ") THEN " id      \
    " ELSE '' END"

#define DAY_COLUMNS                                                                                \
    "day, owner, provider, level, class, answers, answered, latency_ms, tokens_in, tokens_out,"    \
    " cost_microusd"
#define DAY_ADDED                                                                                  \
    " ON CONFLICT (day, owner, provider, level, class) DO UPDATE SET"                              \
    " answers = telemetry_day.answers + excluded.answers,"                                         \
    " answered = telemetry_day.answered + excluded.answered,"                                      \
    " latency_ms = telemetry_day.latency_ms + excluded.latency_ms,"                                \
    " tokens_in = telemetry_day.tokens_in + excluded.tokens_in,"                                   \
    " tokens_out = telemetry_day.tokens_out + excluded.tokens_out,"                                \
    " cost_microusd = telemetry_day.cost_microusd + excluded.cost_microusd"

void ai_telemetry_put_day(struct store_batch *batch, const struct ai_telemetry_day *day)
{
    const struct ai_telemetry_total *t = &day->total;
    char level[AI_RECEIPT_LEVEL_SIZE];
    ai_receipt_level(day->level, level);
    store_put(batch, 1,
              "INSERT INTO telemetry_day (" DAY_COLUMNS
              ") VALUES ($1, " OWNER("$2") ", $3, $4, $5, $6, $7, $8, $9, $10, $11)" DAY_ADDED,
              STORE_I(day->day), STORE_C(day->owner), STORE_C(day->provider), STORE_C(level),
              STORE_I(day->class), STORE_I(t->answers), STORE_I(t->answered),
              STORE_I(t->latency_ms), STORE_I(t->tokens_in), STORE_I(t->tokens_out),
              STORE_I(t->cost_microusd));
}

void ai_telemetry_disown(struct store_batch *batch, struct core_str owner)
{
    store_put(batch, STORE_ROWS_ANY, "UPDATE telemetry SET owner = '' WHERE owner = $1",
              STORE_T(owner));
    store_put(batch, STORE_ROWS_ANY,
              "INSERT INTO telemetry_day (" DAY_COLUMNS ") SELECT day, '', provider, level, class,"
              " answers, answered, latency_ms, tokens_in, tokens_out, cost_microusd"
              " FROM telemetry_day WHERE owner = $1" DAY_ADDED,
              STORE_T(owner));
    store_put(batch, STORE_ROWS_ANY, "DELETE FROM telemetry_day WHERE owner = $1", STORE_T(owner));
}

void ai_telemetry_put_row(struct store_batch *batch, const struct core_env *env, int64_t at_ms,
                          const struct ai_telemetry_row *row)
{
    const struct ai_receipt *r = row->receipt;
    char id[CORE_ID_SIZE], level[AI_RECEIPT_LEVEL_SIZE];
    core_id_new(env, id);
    ai_receipt_level(r->level, level);
    store_put(
        batch, 1,
        "INSERT INTO telemetry (id, at_ms, owner, route, level, provider, why_stopped, answered,"
        " tokens_in, tokens_out, cost_microusd, latency_ms, first_token_ms, confidence, estimated)"
        " VALUES ($1, $2, " OWNER("$3") ", $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)",
        STORE_C(id), STORE_I(at_ms), STORE_T(row->owner), STORE_C(row->route), STORE_C(level),
        STORE_C(row->provider), STORE_C(r->why_stopped), STORE_I(row->answered),
        STORE_I(r->tokens_in), STORE_I(r->tokens_out), STORE_I(r->cost_microusd),
        STORE_I(r->latency_ms), STORE_I(r->first_token_ms), STORE_R(r->confidence),
        STORE_I(row->estimated));
}

void ai_telemetry_add(struct store_batch *batch, const struct core_env *env,
                      const struct ai_telemetry_row *row)
{
    int64_t now_ms = core_wall_ms(env);
    struct ai_telemetry_sum sum = ai_telemetry_sum_of(now_ms, row);
    struct ai_telemetry_day day = ai_telemetry_day_of(now_ms, row);
    ai_telemetry_put_row(batch, env, now_ms, row);
    ai_telemetry_put_sum(batch, &sum);
    ai_telemetry_put_day(batch, &day);
}

static struct core_metric *answers_of(unsigned level, bool answered)
{
    char labels[96];
    snprintf(labels, sizeof labels, "level=\"L%u\",answered=\"%s\"", level,
             answered ? "true" : "false");
    return core_counter("sky_ai_answers_total", labels, "Answers by level.");
}

static struct core_metric *seconds_of(unsigned level)
{
    char labels[32];
    snprintf(labels, sizeof labels, "level=\"L%u\"", level);
    return core_histogram("sky_ai_answer_seconds", labels, "Time to the whole answer.");
}

static struct core_metric *tokens_of(const char *labels)
{
    return core_counter("gen_ai_client_token_usage_total", labels, "Tokens of models.");
}

static void count_tokens(struct ai_telemetry_series *t, const struct ai_receipt *r)
{
    if (!t->first) {
        t->in = tokens_of("gen_ai_token_type=\"input\"");
        t->out = tokens_of("gen_ai_token_type=\"output\"");
        t->first = core_histogram("gen_ai_server_time_to_first_token_seconds", NULL,
                                  "Time to the first token of generated answers.");
    }
    core_metric_add(t->in, r->tokens_in);
    core_metric_add(t->out, r->tokens_out);
    core_metric_observe(t->first, (double)r->first_token_ms / 1000);
}

void ai_telemetry_count(struct ai_telemetry_series *t, const struct ai_receipt *r, bool answered)
{
    assert(r->level < AI_LEVELS);
    struct core_metric **answers = &t->answers[r->level][answered],
                       **seconds = &t->seconds[r->level];
    *answers = *answers ? *answers : answers_of(r->level, answered);
    *seconds = *seconds ? *seconds : seconds_of(r->level);
    core_metric_add(*answers, 1);
    core_metric_observe(*seconds, (double)r->latency_ms / 1000);
    if (r->tokens_out)
        count_tokens(t, r);
}

int ai_telemetry_trim(struct ai *ai)
{
    struct store_batch *batch = store_batch_new(STORE_RELAXED);
    int64_t now_ms = core_wall_ms(ai->env);
    int64_t oldest = now_ms - AI_LIMIT_TELEMETRY_DAYS * (int64_t)86400000;
    store_put(batch, STORE_ROWS_ANY, "DELETE FROM telemetry WHERE at_ms < $1", STORE_I(oldest));
    store_put(batch, STORE_ROWS_ANY, "DELETE FROM telemetry_sum WHERE step_s = $1 AND at_ms < $2",
              STORE_I(AI_TELEMETRY_COARSE_S), STORE_I(oldest));
    store_put(batch, STORE_ROWS_ANY, "DELETE FROM telemetry_sum WHERE step_s = $1 AND at_ms < $2",
              STORE_I(AI_TELEMETRY_FINE_S), STORE_I(now_ms - AI_LIMIT_TELEMETRY_FINE_MS));
    store_put(batch, STORE_ROWS_ANY, "DELETE FROM telemetry_day WHERE day < $1",
              STORE_I(oldest / AI_TELEMETRY_DAY_MS));
    store_put(batch, STORE_ROWS_ANY,
              "DELETE FROM cache WHERE id IN"
              " (SELECT id FROM cache ORDER BY created_ms DESC LIMIT 1000000 OFFSET $1)",
              STORE_I(AI_LIMIT_CACHE_ROWS));
    store_batch_add(batch, STORE_ROWS_ANY,
                    "DELETE FROM cache_source WHERE cache_id NOT IN (SELECT id FROM cache)", NULL,
                    0);
    return store_write_wait(ai->store, batch);
}
