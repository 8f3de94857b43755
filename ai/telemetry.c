/*
 * telemetry.c: one row and a few counters per answered request, for cost and quality. Rows grow old
 * and leave; so do the oldest entries of the answer cache.
 */
#include "ai/receipt.h"

#include "core/limits.h"
#include "core/metrics.h"

#include <stdio.h>

void ai_telemetry_add(struct store_batch *batch, const struct core_env *env, struct core_str owner,
                      const char *route, const char *provider, bool answered, bool estimated,
                      const struct ai_receipt *r)
{
    char id[CORE_ID_SIZE], level[8];
    core_id_new(env, id);
    snprintf(level, sizeof level, "L%u", r->level);
    store_put(
        batch, 1,
        "INSERT INTO telemetry (id, at_ms, owner, route, level, provider, why_stopped, answered,"
        " tokens_in, tokens_out, cost_microusd, latency_ms, first_token_ms, confidence, estimated)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)",
        STORE_C(id), STORE_I(core_wall_ms(env)), STORE_T(owner), STORE_C(route), STORE_C(level),
        STORE_C(provider), STORE_C(r->why_stopped), STORE_I(answered), STORE_I(r->tokens_in),
        STORE_I(r->tokens_out), STORE_I(r->cost_microusd), STORE_I(r->latency_ms),
        STORE_I(r->first_token_ms), STORE_R(r->confidence), STORE_I(estimated));
}

void ai_telemetry_count(const struct ai_receipt *r, bool answered)
{
    char labels[96];
    snprintf(labels, sizeof labels, "level=\"L%u\",answered=\"%s\"", r->level,
             answered ? "true" : "false");
    core_metric_add(core_counter("sky_ai_answers_total", labels, "Answers by level."), 1);
    snprintf(labels, sizeof labels, "level=\"L%u\"", r->level);
    core_metric_observe(
        core_histogram("sky_ai_answer_seconds", labels, "Time to the whole answer."),
        (double)r->latency_ms / 1000);
    if (r->tokens_out) {
        core_metric_add(core_counter("gen_ai_client_token_usage_total",
                                     "gen_ai_token_type=\"input\"", "Tokens of models."),
                        r->tokens_in);
        core_metric_add(core_counter("gen_ai_client_token_usage_total",
                                     "gen_ai_token_type=\"output\"", "Tokens of models."),
                        r->tokens_out);
        core_metric_observe(core_histogram("gen_ai_server_time_to_first_token_seconds", NULL,
                                           "Time to the first token of generated answers."),
                            (double)r->first_token_ms / 1000);
    }
}

int ai_telemetry_trim(struct ai *ai)
{
    struct store_batch *batch = store_batch_new(STORE_RELAXED);
    int64_t oldest = core_wall_ms(ai->env) - AI_LIMIT_TELEMETRY_DAYS * (int64_t)86400000;
    store_put(batch, STORE_ROWS_ANY, "DELETE FROM telemetry WHERE at_ms < $1", STORE_I(oldest));
    store_put(batch, STORE_ROWS_ANY,
              "DELETE FROM cache WHERE id IN"
              " (SELECT id FROM cache ORDER BY created_ms DESC LIMIT 1000000 OFFSET $1)",
              STORE_I(AI_LIMIT_CACHE_ROWS));
    store_batch_add(batch, STORE_ROWS_ANY,
                    "DELETE FROM cache_source WHERE cache_id NOT IN (SELECT id FROM cache)", NULL,
                    0);
    return store_write_wait(ai->store, batch);
}
