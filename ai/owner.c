/*
 * owner.c: all that is one owner's: taken out whole, or erased.
 */
#include "ai/telemetry.h"

#include "core/limits.h"

#include <stdio.h>

void ai_owner_erase(struct store_batch *batch, struct core_str owner)
{
    store_put(batch, STORE_ROWS_ANY,
              "DELETE FROM message WHERE conversation_id IN"
              " (SELECT id FROM conversation WHERE owner = $1)",
              STORE_T(owner));
    store_put(batch, STORE_ROWS_ANY, "DELETE FROM conversation WHERE owner = $1", STORE_T(owner));
    store_put(batch, STORE_ROWS_ANY,
              "DELETE FROM cache_source WHERE cache_id IN (SELECT id FROM cache WHERE owner = $1)",
              STORE_T(owner));
    store_put(batch, STORE_ROWS_ANY, "DELETE FROM cache WHERE owner = $1", STORE_T(owner));
    ai_telemetry_disown(batch, owner);
}

/* --- Taking out ------------------------------------------------------------------------------- */

struct taking {
    struct ai *ai;
    struct core_str owner;
    struct core_json_out *out;
    size_t until; /* bytes of out->buf */
    struct ai_owner_cursor *at;
    bool found;
};

static void time_out(struct core_json_out *o, const char *key, int64_t wall_ms)
{
    char text[CORE_TIME_SIZE];
    core_time_format(wall_ms, text);
    core_json_out_c(o, key, text);
}

static void id_keep(struct core_str id, char out[static CORE_ID_SIZE])
{
    snprintf(out, CORE_ID_SIZE, "%.*s", CORE_STR_ARG(id));
}

/* 1: this page of what is taken along is full. */
static int enough(const struct taking *t)
{
    int err = core_buf_error(t->out->buf);
    return err ? err : t->out->buf->len >= t->until;
}

static int on_message(void *arg, const struct store_row *row)
{
    struct taking *t = arg;
    struct core_str receipt = store_row_str(row, 5);
    core_json_out_object(t->out, NULL);
    core_json_out_str(t->out, "id", store_row_str(row, 0));
    core_json_out_str(t->out, "role", store_row_str(row, 1));
    core_json_out_str(t->out, "text", store_row_str(row, 2));
    time_out(t->out, "created_at", store_row_i64(row, 3));
    if (!store_row_null(row, 4)) {
        core_json_out_bool(t->out, "answered", store_row_i64(row, 4) != 0);
    }
    if (receipt.len > 0) {
        core_json_out_raw(t->out, "receipt", receipt);
    }
    core_json_out_i64(t->out, "vote", store_row_i64(row, 6));
    core_json_out_bool(t->out, "replaced", store_row_i64(row, 7) != 0);
    core_json_out_end(t->out);
    id_keep(store_row_str(row, 0), t->at->message);
    t->found = true;
    return enough(t);
}

static int on_conversation(void *arg, const struct store_row *row)
{
    struct taking *t = arg;
    core_json_out_object(t->out, NULL);
    core_json_out_str(t->out, "id", store_row_str(row, 0));
    core_json_out_str(t->out, "title", store_row_str(row, 1));
    time_out(t->out, "created_at", store_row_i64(row, 2));
    time_out(t->out, "updated_at", store_row_i64(row, 3));
    core_json_out_array(t->out, "messages");
    *t->at = (struct ai_owner_cursor){.open = true};
    id_keep(store_row_str(row, 0), t->at->item);
    t->found = true;
    return 0;
}

static int conversation_next(struct taking *t)
{
    const struct store_value params[] = {STORE_T(t->owner), STORE_C(t->at->item)};
    return store_read(t->ai->store,
                      "SELECT id, title, created_ms, updated_ms FROM conversation"
                      " WHERE owner = $1 AND id > $2 ORDER BY id LIMIT 1",
                      params, 2, on_conversation, t);
}

/* A few at a time: where the database is on another machine, what is read too much has been
 * sent. */
static int messages_out(struct taking *t)
{
    int state;
    do {
        const struct store_value params[] = {STORE_C(t->at->item), STORE_C(t->at->message)};
        t->found = false;
        state = store_read(t->ai->store,
                           "SELECT id, role, text, created_ms, answered, receipt, vote, replaced"
                           " FROM message WHERE conversation_id = $1 AND id > $2 ORDER BY id"
                           " LIMIT 50",
                           params, 2, on_message, t);
    } while (!state && t->found);
    return state;
}

static int conversations_out(struct taking *t)
{
    int state = enough(t);
    while (!state) {
        t->found = t->at->open;
        state = t->at->open ? 0 : conversation_next(t);
        if (state || !t->found) {
            return state;
        }
        state = messages_out(t);
        if (!state) {
            core_json_out_end(t->out);
            core_json_out_end(t->out);
            t->at->open = false;
            state = enough(t);
        }
    }
    return state;
}

static int on_telemetry(void *arg, const struct store_row *row)
{
    static const char *const texts[] = {"id", "route", "level", "provider", "why_stopped"};
    static const char *const numbers[] = {"tokens_in", "tokens_out", "cost_microusd", "latency_ms",
                                          "first_token_ms"};
    struct taking *t = arg;
    core_json_out_object(t->out, NULL);
    for (unsigned i = 0; i < 5; i++) {
        core_json_out_str(t->out, texts[i], store_row_str(row, i));
    }
    for (unsigned i = 0; i < 5; i++) {
        core_json_out_i64(t->out, numbers[i], store_row_i64(row, 5 + i));
    }
    time_out(t->out, "at", store_row_i64(row, 10));
    core_json_out_bool(t->out, "answered", store_row_i64(row, 11) != 0);
    core_json_out_double(t->out, "confidence", store_row_real(row, 12));
    core_json_out_end(t->out);
    id_keep(store_row_str(row, 0), t->at->item);
    t->found = true;
    return enough(t);
}

static int telemetry_out(struct taking *t)
{
    int state;
    do {
        const struct store_value params[] = {STORE_T(t->owner), STORE_C(t->at->item)};
        t->found = false;
        state = store_read(t->ai->store,
                           "SELECT id, route, level, provider, why_stopped, tokens_in, tokens_out,"
                           " cost_microusd, latency_ms, first_token_ms, at_ms, answered, confidence"
                           " FROM telemetry WHERE owner = $1 AND id > $2 ORDER BY id LIMIT 200",
                           params, 2, on_telemetry, t);
    } while (!state && t->found);
    return state;
}

int ai_owner_export(struct ai *ai, struct core_str owner, enum ai_owner_part part, size_t bytes,
                    struct ai_owner_cursor *cursor, struct core_json_out *out, bool *ret_more)
{
    struct taking t = {
        .ai = ai, .owner = owner, .out = out, .until = out->buf->len + bytes, .at = cursor};
    int state = part == AI_OWNER_CONVERSATIONS ? conversations_out(&t) : telemetry_out(&t);
    if (state >= 0) {
        *ret_more = state == 1;
    }
    return state < 0 ? state : 0;
}
