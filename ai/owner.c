/*
 * owner.c: all that is one owner's: taken out whole, or erased.
 */
#include "ai/room.h"

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
    store_put(batch, STORE_ROWS_ANY, "UPDATE telemetry SET owner = '' WHERE owner = $1",
              STORE_T(owner));
}

/* --- Taking out ----------------------------------------------------------------------------------- */

struct taking {
    struct core_json_out *out;
    size_t until; /* bytes of out->buf */
    char *cursor;
};

static void time_out(struct core_json_out *o, const char *key, int64_t wall_ms)
{
    char text[CORE_TIME_SIZE];
    core_time_format(wall_ms, text);
    core_json_out_c(o, key, text);
}

/* Ends an item: 1 when that is enough for now. */
static int item_end(struct taking *t, struct core_str first, struct core_str second)
{
    core_json_out_end(t->out);
    snprintf(t->cursor, AI_OWNER_CURSOR, "%.*s%.*s", CORE_STR_ARG(first), CORE_STR_ARG(second));
    int err = core_buf_error(t->out->buf);
    return err ? err : t->out->buf->len >= t->until;
}

static int on_conversation(void *arg, const struct store_row *row)
{
    struct taking *t = arg;
    core_json_out_object(t->out, NULL);
    core_json_out_str(t->out, "id", store_row_str(row, 0));
    core_json_out_str(t->out, "title", store_row_str(row, 1));
    time_out(t->out, "created_at", store_row_i64(row, 2));
    time_out(t->out, "updated_at", store_row_i64(row, 3));
    return item_end(t, store_row_str(row, 0), CORE_STR(""));
}

static int on_message(void *arg, const struct store_row *row)
{
    struct taking *t = arg;
    struct core_str receipt = store_row_str(row, 6);
    core_json_out_object(t->out, NULL);
    core_json_out_str(t->out, "conversation_id", store_row_str(row, 0));
    core_json_out_str(t->out, "id", store_row_str(row, 1));
    core_json_out_str(t->out, "role", store_row_str(row, 2));
    core_json_out_str(t->out, "text", store_row_str(row, 3));
    time_out(t->out, "created_at", store_row_i64(row, 4));
    if (!store_row_null(row, 5)) {
        core_json_out_bool(t->out, "answered", store_row_i64(row, 5) != 0);
    }
    if (receipt.len > 0) {
        core_json_out_raw(t->out, "receipt", receipt);
    }
    core_json_out_i64(t->out, "vote", store_row_i64(row, 7));
    core_json_out_bool(t->out, "replaced", store_row_i64(row, 8) != 0);
    return item_end(t, store_row_str(row, 0), store_row_str(row, 1));
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
    return item_end(t, store_row_str(row, 0), CORE_STR(""));
}

int ai_owner_export(struct ai *ai, struct core_str owner, enum ai_owner_part part, size_t bytes,
                    char cursor[static AI_OWNER_CURSOR], struct core_json_out *out, bool *ret_more)
{
    static const struct {
        const char *sql;
        int (*on_row)(void *arg, const struct store_row *row);
    } parts[] = {
        [AI_OWNER_CONVERSATIONS] = {"SELECT id, title, created_ms, updated_ms FROM conversation"
                                    " WHERE owner = $1 AND id > $2 ORDER BY id",
                                    on_conversation},
        [AI_OWNER_MESSAGES] = {"SELECT conversation_id, message.id, role, text,"
                               " message.created_ms, answered, receipt, vote, replaced"
                               " FROM conversation JOIN message"
                               " ON conversation_id = conversation.id"
                               " WHERE owner = $1 AND conversation_id || message.id > $2"
                               " ORDER BY conversation_id, message.id",
                               on_message},
        [AI_OWNER_TELEMETRY] = {"SELECT id, route, level, provider, why_stopped, tokens_in,"
                                " tokens_out, cost_microusd, latency_ms, first_token_ms, at_ms,"
                                " answered, confidence FROM telemetry"
                                " WHERE owner = $1 AND id > $2 ORDER BY id",
                                on_telemetry},
    };
    char from[AI_OWNER_CURSOR];
    snprintf(from, sizeof from, "%s", cursor);
    struct taking t = {.out = out, .until = out->buf->len + bytes, .cursor = cursor};
    const struct store_value params[] = {STORE_T(owner), STORE_C(from)};
    int found = store_read(ai->store, parts[part].sql, params, 2, parts[part].on_row, &t);
    if (found >= 0) {
        *ret_more = found == 1;
    }
    return found < 0 ? found : 0;
}
