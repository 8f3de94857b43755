/*
 * prompt.c: the system prompt, version by version, and what a token of a local model costs. Both
 * are in the store; what is in force is also in memory, where questions take it from as they start.
 */
#include "ai/cascade/prompt.h"

#include "core/err.h"

static const char own_text[] =
    "You answer questions from the given passages. Use only what they say. Answer in one short "
    "sentence.";

/* --- In force: loop, or before it runs -------------------------------------------------------- */

void ai_prompt_apply(struct ai *ai, const struct ai_prompt *prompt)
{
    /* Two were saved, and the acknowledgement of the later one came first. */
    if (prompt->version < ai->prompt.version)
        return;
    ai->prompt = *prompt;
}

void ai_prompt_now(const struct ai *ai, struct ai_prompt *ret)
{
    *ret = ai->prompt;
}

static void set_text(struct ai_prompt *p, struct core_str text)
{
    if (!text.len)
        text = core_strn(own_text, sizeof own_text - 1);
    size_t len = core_utf8_cut(text, sizeof p->text - 1);
    memcpy(p->text, text.ptr, len);
    p->text[len] = '\0';
}

static int on_newest(void *arg, const struct store_row *row)
{
    struct ai_prompt *p = arg;
    p->version = store_row_i64(row, 0);
    set_text(p, store_row_str(row, 1));
    return 1;
}

int ai__prompt_load(struct ai *ai)
{
    struct ai_prompt prompt = {0};
    set_text(&prompt, CORE_STR(""));
    int e = store_read(ai->store,
                       "SELECT version, text FROM prompt_version ORDER BY version DESC LIMIT 1",
                       NULL, 0, on_newest, &prompt);
    if (e < 0)
        return e;
    ai->prompt = prompt;
    return 0;
}

/* --- Versions: pool --------------------------------------------------------------------------- */

const char *ai_prompt_wrong(struct core_str text)
{
    if (text.len > AI_LIMIT_PROMPT || !core_str_trim(text).len)
        return "must be text of at most 512 bytes, so that the passages find room beside it";
    if (core_str_find(text, CORE_STR("{{")) >= 0)
        return "must not hold {{: there is nothing that could be put in; passages and the question "
               "follow by themselves";
    return NULL;
}

/* The new version is the one after `base`: that its number is free says that nobody else saved. */
static int save(struct ai *ai, const struct account_actor *by, struct core_str text,
                struct core_str note, int64_t base, struct ai_prompt *ret)
{
    struct ai_prompt prompt = {.version = base + 1};
    char version[CORE_I64_SIZE];
    struct store_batch *batch = store_batch_new(STORE_DURABLE);
    set_text(&prompt, text);
    store_put(batch, 1,
              "INSERT INTO prompt_version (version, text, note, created_by, created_ms)"
              " SELECT $1, $2, $3, $4, $5"
              " WHERE COALESCE((SELECT MAX(version) FROM prompt_version), 0) = $6",
              STORE_I(prompt.version), STORE_T(text), STORE_T(note), STORE_T(by->id),
              STORE_I(core_wall_ms(ai->env)), STORE_I(base));
    account_audit_add(
        ai->env, batch,
        &(const struct account_event){
            .act = ACCOUNT_ACT_PROMPT_CHANGED,
            .by = by,
            .object = core_strn(version, core_str_from_i64(prompt.version, version))});
    int e = store_write_wait(ai->store, batch);
    if (!e)
        *ret = prompt;
    return e;
}

int ai_prompt_save(struct ai *ai, const struct account_actor *by, struct core_str text,
                   struct core_str note, int64_t base, struct ai_prompt *ret)
{
    return ai_prompt_wrong(text) ? CORE_EINVAL : save(ai, by, text, note, base, ret);
}

struct old {
    char text[AI_LIMIT_PROMPT + 1];
    size_t len;
    bool found;
};

static int on_old(void *arg, const struct store_row *row)
{
    struct old *old = arg;
    struct core_str text = store_row_str(row, 0);
    old->found = text.len < sizeof old->text;
    if (old->found)
        memcpy(old->text, text.ptr, old->len = text.len);
    return 1;
}

int ai_prompt_restore(struct ai *ai, const struct account_actor *by, int64_t version, int64_t base,
                      struct ai_prompt *ret)
{
    struct old old = {.found = version == 0};
    char note[48];
    const struct store_value param = STORE_I(version);
    int e = store_read(ai->store, "SELECT text FROM prompt_version WHERE version = $1", &param, 1,
                       on_old, &old);
    if (e < 0)
        return e;
    if (!old.found)
        return CORE_ENOTFOUND;
    memcpy(note, "Version ", 8);
    size_t len = 8 + core_str_from_i64(version, note + 8);
    memcpy(note + len, " again", 6);
    return save(ai, by, core_strn(old.text, old.len), core_strn(note, len + 6), base, ret);
}

struct versions {
    int (*on_version)(void *arg, const struct ai_prompt_version *version);
    void *arg;
};

static int on_version_row(void *arg, const struct store_row *row)
{
    const struct versions *v = arg;
    struct core_str text = store_row_str(row, 1);
    const struct ai_prompt_version version = {
        .version = store_row_i64(row, 0),
        .text = text.len ? text : core_strn(own_text, sizeof own_text - 1),
        .note = store_row_str(row, 2),
        .by = store_row_str(row, 3),
        .at_ms = store_row_i64(row, 4)};
    return v->on_version(v->arg, &version);
}

int ai_prompt_versions(struct ai *ai, int64_t before, unsigned limit,
                       int (*on_version)(void *arg, const struct ai_prompt_version *version),
                       void *arg)
{
    struct versions v = {on_version, arg};
    const struct store_value params[] = {STORE_I(before), STORE_I(limit)};
    /* The program's own text is older than all. */
    int e = store_read(ai->store,
                       "SELECT version, text, note, created_by, created_ms FROM prompt_version"
                       " WHERE version < $1 UNION ALL SELECT 0, '', '', '', 0 WHERE $1 > 0"
                       " ORDER BY version DESC LIMIT $2",
                       params, 2, on_version_row, &v);
    return e < 0 ? e : 0;
}

/* --- Prices ----------------------------------------------------------------------------------- */

static const char *local_model(const struct ai *ai)
{
    return ai->model ? ai->model->ops->provider(ai->model) : "";
}

struct prices {
    int (*on_price)(void *arg, const struct ai_price *price);
    void *arg;
    const char *local;
    bool seen;
};

static int on_price_row(void *arg, const struct store_row *row)
{
    struct prices *p = arg;
    const struct ai_price price = {.model = store_row_str(row, 0),
                                   .in_microusd = store_row_i64(row, 1),
                                   .out_microusd = store_row_i64(row, 2),
                                   .in_use = core_str_eq_c(store_row_str(row, 0), p->local)};
    p->seen |= price.in_use;
    return p->on_price(p->arg, &price);
}

int ai_prices(struct ai *ai, int (*on_price)(void *arg, const struct ai_price *price), void *arg)
{
    struct prices p = {on_price, arg, local_model(ai), false};
    int e = store_read(ai->store,
                       "SELECT model, in_microusd, out_microusd FROM price ORDER BY model", NULL, 0,
                       on_price_row, &p);
    if (e)
        return e < 0 ? e : 0;
    const struct ai_price free = {.model = core_str(p.local), .in_use = true};
    if (!p.seen && free.model.len)
        on_price(arg, &free);
    return 0;
}

int ai_price_set(struct ai *ai, const struct account_actor *by, const struct ai_price *price)
{
    if (!core_str_starts(price->model, CORE_STR("local:")))
        return CORE_EINVAL;
    struct store_batch *batch = store_batch_new(STORE_DURABLE);
    store_put(batch, 1,
              "INSERT INTO price (model, in_microusd, out_microusd, changed_ms)"
              " SELECT $1, $2, $3, $4 WHERE (SELECT COUNT(*) FROM price WHERE model <> $1) < $5"
              " ON CONFLICT (model) DO UPDATE SET in_microusd = excluded.in_microusd,"
              " out_microusd = excluded.out_microusd, changed_ms = excluded.changed_ms",
              STORE_T(price->model), STORE_I(price->in_microusd), STORE_I(price->out_microusd),
              STORE_I(core_wall_ms(ai->env)), STORE_I(AI_LIMIT_PRICES));
    account_audit_add(ai->env, batch,
                      &(const struct account_event){
                          .act = ACCOUNT_ACT_PRICE_SET, .by = by, .object = price->model});
    int e = store_write_wait(ai->store, batch);
    return e == CORE_EMISMATCH ? CORE_ELIMIT : e;
}

void ai_price_apply(struct ai *ai, const struct ai_price *price)
{
    if (!core_str_eq_c(price->model, local_model(ai)))
        return;
    ai->price = (struct ai_local_price){price->in_microusd, price->out_microusd};
}

static int on_load(void *arg, const struct ai_price *price)
{
    ai_price_apply(arg, price);
    return 0;
}

int ai__price_load(struct ai *ai)
{
    return ai_prices(ai, on_load, ai);
}

int64_t ai__price_of(struct ai_local_price price, unsigned tokens_in, unsigned tokens_out)
{
    return (price.in * tokens_in + price.out * tokens_out + 500000) / 1000000;
}
