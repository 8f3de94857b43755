/*
 * history.c: conversations and their messages, as the owner sees them again. Pool; blocking.
 *
 * Message ids sort in the order of the conversation. An answer that was asked for again is kept
 * with replaced = 1 and not shown.
 */
#include "ai/history.h"

#include "ai/cascade/cache.h"
#include "core/err.h"
#include "core/limits.h"

#include <stdio.h>

/* --- Reading -------------------------------------------------------------------------------- */

struct conversations {
    int (*on_item)(void *arg, const struct ai_conversation *item);
    void *arg;
    bool found;
};

static int on_conversation(void *arg, const struct store_row *row)
{
    struct conversations *c = arg;
    struct ai_conversation item = {.id = store_row_str(row, 0),
                                   .title = store_row_str(row, 1),
                                   .created_ms = store_row_i64(row, 2),
                                   .updated_ms = store_row_i64(row, 3),
                                   .messages = store_row_i64(row, 4)};
    c->found = true;
    return c->on_item(c->arg, &item);
}

/* "<updated_ms>.<id>" */
static int parse_cursor(struct core_str cursor, int64_t *ret_ms, struct core_str *ret_id)
{
    struct core_str ms;
    if (!core_str_split(&cursor, '.', &ms))
        return CORE_EINVAL;
    if (core_str_to_i64(ms, INT64_MIN, INT64_MAX, ret_ms) < 0)
        return CORE_EINVAL;
    if (!core_id_valid(cursor))
        return CORE_EINVAL;
    *ret_id = cursor;
    return 0;
}

int ai_history_conversations(struct ai *ai, struct core_str owner, struct core_str before,
                             unsigned limit,
                             int (*on_item)(void *arg, const struct ai_conversation *item),
                             void *arg)
{
    int64_t ms = INT64_MAX;
    struct core_str id = CORE_STR("");
    if (before.len && parse_cursor(before, &ms, &id) < 0)
        return CORE_EINVAL;
    if (limit > AI_LIMIT_HISTORY_PAGE)
        limit = AI_LIMIT_HISTORY_PAGE;
    struct conversations c = {on_item, arg, false};
    const struct store_value params[] = {STORE_T(owner), STORE_I(ms), STORE_T(id), STORE_I(limit)};
    int e = store_read(ai->store,
                       "SELECT id, title, created_ms, updated_ms, (SELECT COUNT(*) FROM message"
                       " WHERE conversation_id = conversation.id AND replaced = 0)"
                       " FROM conversation WHERE owner = $1 AND (updated_ms < $2 OR"
                       " (updated_ms = $2 AND id < $3)) ORDER BY updated_ms DESC, id DESC LIMIT $4",
                       params, 4, on_conversation, &c);
    return e < 0 ? e : 0;
}

int ai_history_conversation(struct ai *ai, struct core_str owner, struct core_str id,
                            int (*on_item)(void *arg, const struct ai_conversation *item),
                            void *arg)
{
    struct conversations c = {on_item, arg, false};
    const struct store_value params[] = {STORE_T(id), STORE_T(owner)};
    int e = store_read(ai->store,
                       "SELECT id, title, created_ms, updated_ms, (SELECT COUNT(*) FROM message"
                       " WHERE conversation_id = conversation.id AND replaced = 0)"
                       " FROM conversation WHERE id = $1 AND owner = $2",
                       params, 2, on_conversation, &c);
    if (e < 0)
        return e;
    return c.found ? 0 : CORE_ENOTFOUND;
}

static int owned(struct ai *ai, struct core_str owner, struct core_str conversation)
{
    const struct store_value params[] = {STORE_T(conversation), STORE_T(owner)};
    int64_t one;
    return store_read_i64(ai->store, "SELECT 1 FROM conversation WHERE id = $1 AND owner = $2",
                          params, 2, &one);
}

struct messages {
    int (*on_item)(void *arg, const struct ai_history_message *item);
    void *arg;
};

static int on_message(void *arg, const struct store_row *row)
{
    struct messages *m = arg;
    struct ai_history_message item = {
        .id = store_row_str(row, 0),
        .role = store_row_str(row, 1),
        .text = store_row_str(row, 2),
        .created_ms = store_row_i64(row, 3),
        .answered = store_row_null(row, 4) ? -1 : store_row_i64(row, 4) != 0,
        .receipt_json = store_row_str(row, 5),
        .vote = (int)store_row_i64(row, 6)};
    return m->on_item(m->arg, &item);
}

int ai_history_messages(struct ai *ai, struct core_str owner, struct core_str conversation,
                        struct core_str before, unsigned limit,
                        int (*on_item)(void *arg, const struct ai_history_message *item), void *arg)
{
    int e = owned(ai, owner, conversation);
    if (e < 0)
        return e;
    if (before.len && !core_id_valid(before))
        return CORE_EINVAL;
    if (limit > AI_LIMIT_HISTORY_PAGE)
        limit = AI_LIMIT_HISTORY_PAGE;
    struct messages m = {on_item, arg};
    /* '~' sorts behind every id. */
    const struct store_value params[] = {
        STORE_T(conversation), before.len ? STORE_T(before) : STORE_C("~"), STORE_I(limit)};
    e = store_read(ai->store,
                   "SELECT id, role, text, created_ms, answered, receipt, vote FROM"
                   " (SELECT * FROM message WHERE conversation_id = $1 AND id < $2 AND replaced = 0"
                   " ORDER BY id DESC LIMIT $3) AS page ORDER BY id",
                   params, 3, on_message, &m);
    return e < 0 ? e : 0;
}

/* --- Writing -------------------------------------------------------------------------------- */

/* A batch whose first statement must hit one row of the owner. */
static int write_owned(struct ai *ai, struct store_batch *batch)
{
    int e = store_write_wait(ai->store, batch);
    return e == CORE_EMISMATCH ? CORE_ENOTFOUND : e;
}

int ai_history_remove(struct ai *ai, struct core_str owner, struct core_str conversation)
{
    struct store_batch *batch = store_batch_new(STORE_RELAXED);
    store_put(batch, 1, "DELETE FROM conversation WHERE id = $1 AND owner = $2",
              STORE_T(conversation), STORE_T(owner));
    store_put(batch, STORE_ROWS_ANY, "DELETE FROM message WHERE conversation_id = $1",
              STORE_T(conversation));
    return write_owned(ai, batch);
}

int ai_history_rename(struct ai *ai, struct core_str owner, struct core_str conversation,
                      struct core_str title)
{
    title = core_str_trim(title);
    if (!title.len || !core_utf8_valid(title))
        return CORE_EINVAL;
    if (title.len > AI_LIMIT_TITLE)
        return CORE_ETOOBIG;
    struct store_batch *batch = store_batch_new(STORE_RELAXED);
    store_put(batch, 1, "UPDATE conversation SET title = $3 WHERE id = $1 AND owner = $2",
              STORE_T(conversation), STORE_T(owner), STORE_T(title));
    return write_owned(ai, batch);
}

struct voted {
    char cache_id[CORE_ID_SIZE];
    bool found;
};

static int on_voted(void *arg, const struct store_row *row)
{
    struct voted *v = arg;
    v->found = true;
    struct core_json_doc *doc = NULL;
    if (core_json_parse(store_row_str(row, 0), &doc, NULL, 0) < 0)
        return 1;
    struct core_str id;
    if (!core_json_str(core_json_get(core_json_root(doc), "cache_id"), &id) && core_id_valid(id))
        memcpy(v->cache_id, id.ptr, CORE_ID_SIZE - 1);
    core_json_free(doc);
    return 1;
}

int ai_history_vote(struct ai *ai, struct core_str owner, struct core_str message, int vote)
{
    if (vote < -1 || vote > 1)
        return CORE_EINVAL;
    struct voted voted = {.found = false};
    const struct store_value params[] = {STORE_T(message), STORE_T(owner)};
    int e = store_read(ai->store,
                       "SELECT receipt FROM message WHERE id = $1 AND role = 'assistant' AND"
                       " conversation_id IN (SELECT id FROM conversation WHERE owner = $2)",
                       params, 2, on_voted, &voted);
    if (e < 0)
        return e;
    if (!voted.found)
        return CORE_ENOTFOUND;
    struct store_batch *batch = store_batch_new(STORE_RELAXED);
    store_put(batch, 1, "UPDATE message SET vote = $2 WHERE id = $1", STORE_T(message),
              STORE_I(vote));
    if (vote < 0 && voted.cache_id[0])
        ai_cache_drop(batch, core_str(voted.cache_id));
    return write_owned(ai, batch);
}

/* --- For the cascade ------------------------------------------------------------------------ */

struct context {
    struct core_pool *pool;
    struct ai_history_context *out;
};

static int on_context(void *arg, const struct store_row *row)
{
    struct context *c = arg;
    struct ai_history_context *out = c->out;
    struct core_str id = core_pool_str(c->pool, store_row_str(row, 0));
    if (!id.ptr)
        return CORE_ENOMEM;
    if (!out->last_id.len)
        out->last_id = id;
    if (!core_str_eq_c(store_row_str(row, 1), "user"))
        return 0;
    struct ai_history_question *q = &out->questions[out->count++];
    q->id = id;
    q->text = core_pool_str(c->pool, store_row_str(row, 2));
    if (!q->text.ptr)
        return CORE_ENOMEM;
    return out->count == sizeof out->questions / sizeof *out->questions;
}

int ai_history_context(struct ai *ai, struct core_str owner, struct core_str conversation,
                       struct core_str before, struct core_pool *pool,
                       struct ai_history_context *ret)
{
    int e = owned(ai, owner, conversation);
    if (e < 0)
        return e;
    struct ai_history_context found = {.count = 0};
    struct context c = {pool, &found};
    const struct store_value params[] = {STORE_T(conversation),
                                         before.len ? STORE_T(before) : STORE_C("~"),
                                         STORE_I(AI_LIMIT_HISTORY_LOOKBACK)};
    e = store_read(ai->store,
                   "SELECT id, role, text FROM message WHERE conversation_id = $1 AND id < $2"
                   " AND replaced = 0 ORDER BY id DESC LIMIT $3",
                   params, 3, on_context, &c);
    if (e < 0)
        return e;
    *ret = found;
    return 0;
}

void ai_history_begin(struct store_batch *batch, const struct ai_history_turn *turn)
{
    if (turn->is_new)
        store_put(batch, 1,
                  "INSERT INTO conversation (id, owner, title, created_ms, updated_ms)"
                  " VALUES ($1, $2, $3, $4, $4)",
                  STORE_T(turn->conversation), STORE_T(turn->owner), STORE_T(turn->title),
                  STORE_I(turn->at_ms));
    else
        store_put(batch, 1, "UPDATE conversation SET updated_ms = $3 WHERE id = $1 AND owner = $2",
                  STORE_T(turn->conversation), STORE_T(turn->owner), STORE_I(turn->at_ms));
    if (!turn->retry_of.len)
        store_put(batch, 1,
                  "INSERT INTO message (id, conversation_id, role, text, created_ms)"
                  " VALUES ($1, $2, 'user', $3, $4)",
                  STORE_T(turn->user_message), STORE_T(turn->conversation), STORE_T(turn->question),
                  STORE_I(turn->at_ms));
}

void ai_history_end(struct store_batch *batch, const struct ai_history_turn *turn,
                    struct core_str answer, bool answered, struct core_str receipt_json)
{
    /* A conversation that was removed meanwhile stays removed. */
    store_put(batch, STORE_ROWS_ANY,
              "INSERT INTO message (id, conversation_id, role, text, created_ms, answered, receipt)"
              " SELECT $1, id, 'assistant', $3, $4, $5, $6 FROM conversation WHERE id = $2",
              STORE_T(turn->message), STORE_T(turn->conversation), STORE_T(answer),
              STORE_I(turn->at_ms), STORE_I(answered), STORE_T(receipt_json));
    store_put(batch, STORE_ROWS_ANY, "UPDATE conversation SET updated_ms = $2 WHERE id = $1",
              STORE_T(turn->conversation), STORE_I(turn->at_ms));
    if (turn->retry_of.len)
        store_put(batch, STORE_ROWS_ANY,
                  "UPDATE message SET replaced = 1 WHERE id = $1 AND conversation_id = $2",
                  STORE_T(turn->retry_of), STORE_T(turn->conversation));
}

/* --- Ids and titles ------------------------------------------------------------------------- */

static const char base32[] = "0123456789abcdefghjkmnpqrstvwxyz";

/* What the last characters of an id say, as a number. */
enum { TAIL = 5, HEAD = CORE_ID_SIZE - 1 - TAIL };
static uint64_t tail_of(const char *id)
{
    uint64_t tail = 0;
    for (size_t i = HEAD; i < CORE_ID_SIZE - 1; i++) {
        const char *at = memchr(base32, id[i], 32);
        tail = tail * 32 + (at ? (uint64_t)(at - base32) : 0);
    }
    return tail;
}

/* A new id right behind `id`, and before `next` unless that is empty or there is no room. */
static void id_behind(const struct core_env *env, const char *id, const char *next, char *ret)
{
    uint64_t tail = tail_of(id), top = (UINT64_C(1) << (5 * TAIL)) - 1;
    if (next[0] && !memcmp(id, next, HEAD) && tail_of(next) > tail + 1)
        top = tail_of(next) - 1;
    uint32_t random;
    env->random(env->ctx, &random, sizeof random);
    /* At most half of what is left, so that there is room behind for the next one. */
    uint64_t left = top - tail;
    tail = left ? tail + 1 + random % (left / 2 + 1) : top;
    if (tail > top)
        tail = top;
    memcpy(ret, id, HEAD);
    for (size_t i = CORE_ID_SIZE - 1; i-- > HEAD; tail /= 32)
        ret[i] = base32[tail % 32];
    ret[CORE_ID_SIZE - 1] = '\0';
}

void ai_history_id_after(const struct core_env *env, struct core_str last, char *ret)
{
    core_id_new(env, ret);
    if (last.len != CORE_ID_SIZE - 1 || memcmp(ret, last.ptr, last.len) > 0)
        return;
    /* The clock went back, or both were born in one millisecond: stay right behind `last`. */
    id_behind(env, last.ptr, "", ret);
}

static int on_next(void *arg, const struct store_row *row)
{
    struct core_str id = store_row_str(row, 0);
    char *next = arg;
    if (id.len == CORE_ID_SIZE - 1)
        memcpy(next, id.ptr, id.len);
    return 1;
}

int ai_history_id_again(struct ai *ai, struct core_str conversation, struct core_str message,
                        char *ret)
{
    const struct store_value params[] = {STORE_T(message), STORE_T(conversation)};
    char next[CORE_ID_SIZE] = "";
    int64_t one;
    int e = store_read_i64(ai->store,
                           "SELECT 1 FROM message WHERE id = $1 AND conversation_id = $2 AND"
                           " role = 'assistant'",
                           params, 2, &one);
    if (e == 0)
        e = store_read(ai->store,
                       "SELECT id FROM message WHERE id > $1 AND conversation_id = $2"
                       " ORDER BY id LIMIT 1",
                       params, 2, on_next, next);
    if (e < 0)
        return e;
    id_behind(ai->env, message.ptr, next, ret);
    return 0;
}

struct core_str ai_history_title(struct core_str question, char out[static AI_LIMIT_TITLE_AUTO + 8])
{
    size_t n = 0, max = AI_LIMIT_TITLE_AUTO;
    for (size_t i = 0; i < question.len && n < max + 4; i++) {
        char c = (unsigned char)question.ptr[i] <= ' ' ? ' ' : question.ptr[i];
        if (c == ' ' && (!n || out[n - 1] == ' '))
            continue;
        out[n++] = c;
    }
    while (n && out[n - 1] == ' ')
        n--;
    if (n <= max)
        return core_strn(out, n);
    size_t cut = core_utf8_cut(core_strn(out, n), max), word = cut;
    while (word > max / 2 && out[word] != ' ')
        word--;
    if (word > max / 2)
        cut = word;
    while (cut && out[cut - 1] == ' ')
        cut--;
    memcpy(out + cut, "…", 3);
    return core_strn(out, cut + 3);
}
