/*
 * provider.c: providers in the store: what may be one, reading, saving. Each change makes cascade/remote.c
 * take the whole list again.
 */
#include "ai/cascade/remote.h"

#include "ai/model/key.h"
#include "core/err.h"

#include <stdio.h>
#include <stdlib.h>

/* --- What may be one -------------------------------------------------------------------------- */

static bool name_valid(const char *name)
{
    size_t len = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789.-_");
    return len > 0 && !name[len]; /* it stands in metrics and logs */
}

static bool graphic(const char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text <= 0x20 || *text == 0x7f)
            return false;
    return true;
}

static bool url_valid(const char *url)
{
    const char *host = !strncmp(url, "https://", 8)  ? url + 8
                       : !strncmp(url, "http://", 7) ? url + 7
                                                     : "";
    /* What stands before an @ would be a secret, and a query would swallow the path that is
     * added. */
    return *host && *host != '/' && graphic(url) && !strpbrk(url, "@?#");
}

static int wrong(const char *field, const char *must, const char **ret_field, const char **ret_must)
{
    *ret_field = field;
    *ret_must = must;
    return CORE_EINVAL;
}

static bool model_valid(const struct ai_provider_model *m)
{
    return *m->name && graphic(m->name) && core_utf8_valid(core_str(m->name)) && m->level == 3 &&
           m->price_in >= 0 && m->price_in <= AI_LIMIT_PRICE && m->price_out >= 0 &&
           m->price_out <= AI_LIMIT_PRICE && m->context <= AI_LIMIT_PROVIDER_TOKENS &&
           m->output_max > 0 && m->output_max <= AI_LIMIT_PROVIDER_TOKENS;
}

static int check(struct ai_provider *p, const char **ret_field, const char **ret_must)
{
    size_t len = strlen(p->base_url);
    while (len && p->base_url[len - 1] == '/')
        p->base_url[--len] = '\0';
    if (!name_valid(p->name))
        return wrong("name", "must have 1 to 63 letters a-z, digits, dots, dashes", ret_field,
                     ret_must);
    if (!url_valid(p->base_url) || !core_utf8_valid(core_str(p->base_url)))
        return wrong("base_url",
                     "must be an http:// or https:// address without user, query or fragment",
                     ret_field, ret_must);
    if (!ai_key_valid(core_str(p->key)))
        return wrong("key",
                     "must be env:NAME or file:/path, which name the key; never the key itself",
                     ret_field, ret_must);
    if (!p->model_count)
        return wrong("models", "must hold a model", ret_field, ret_must);
    for (size_t i = 0; i < p->model_count; i++)
        if (!model_valid(&p->models[i]))
            return wrong(
                "models",
                "must have a name, level L3, prices of 0 or more in microusd a million tokens and "
                "an output_max of 1 or more",
                ret_field, ret_must);
    if (!p->first_ms || p->first_ms > AI_LIMIT_PROVIDER_MS || !p->whole_ms ||
        p->whole_ms > AI_LIMIT_PROVIDER_MS)
        return wrong("timeout_first_ms", "and timeout_ms must be 1 to 3600000", ret_field,
                     ret_must);
    if (!p->calls_max || p->calls_max > AI_LIMIT_ASKS)
        return wrong("calls_max", "must be 1 to 256", ret_field, ret_must);
    if (p->stop_tokens < ACCOUNT_UNLIMITED || p->stop_tokens > AI_LIMIT_PROVIDER_TOKENS)
        return wrong("stop_tokens", "must be 0 to 10000000, or null", ret_field, ret_must);
    return 0;
}

void ai_provider_check(const struct ai_provider *p, char *why, size_t why_cap)
{
    ai_key_check(p->key, why, why_cap);
}

/* --- Reading ---------------------------------------------------------------------------------- */

struct reading {
    struct ai_provider *at;
    size_t count, max;
};

static void copy(const struct store_row *row, unsigned column, char *out, size_t cap)
{
    snprintf(out, cap, "%.*s", CORE_STR_ARG(store_row_str(row, column)));
}

static int on_provider(void *arg, const struct store_row *row)
{
    struct reading *r = arg;
    if (r->count == r->max)
        return 1;
    struct ai_provider *p = &r->at[r->count++];
    memset(p, 0, sizeof *p);
    copy(row, 0, p->id, sizeof p->id);
    copy(row, 1, p->name, sizeof p->name);
    copy(row, 2, p->base_url, sizeof p->base_url);
    copy(row, 3, p->key, sizeof p->key);
    p->rank = store_row_i64(row, 4);
    p->enabled = store_row_i64(row, 5) != 0;
    p->first_ms = (unsigned)store_row_i64(row, 6);
    p->whole_ms = (unsigned)store_row_i64(row, 7);
    p->calls_max = (unsigned)store_row_i64(row, 8);
    p->stop_tokens = store_row_i64(row, 9);
    return 0;
}

static int on_model(void *arg, const struct store_row *row)
{
    struct reading *r = arg;
    struct core_str id = store_row_str(row, 0);
    for (size_t i = 0; i < r->count; i++) {
        struct ai_provider *p = &r->at[i];
        if (!core_str_eq_c(id, p->id) || p->model_count == AI_LIMIT_PROVIDER_MODELS)
            continue;
        struct ai_provider_model *m = &p->models[p->model_count++];
        copy(row, 1, m->name, sizeof m->name);
        m->level = (unsigned)store_row_i64(row, 2);
        m->price_in = store_row_i64(row, 3);
        m->price_out = store_row_i64(row, 4);
        m->context = (unsigned)store_row_i64(row, 5);
        m->output_max = (unsigned)store_row_i64(row, 6);
    }
    return 0;
}

struct snapshot {
    struct ai *ai;
    struct reading reading;
};

static int read_all(void *arg)
{
    struct snapshot *s = arg;
    int err = store_read(
        s->ai->store,
        "SELECT id, name, base_url, key, rank, enabled, first_ms, whole_ms, calls_max,"
        " stop_tokens FROM provider ORDER BY rank, name",
        NULL, 0, on_provider, &s->reading);
    if (err >= 0)
        err = store_read(s->ai->store,
                         "SELECT provider_id, name, level, price_in, price_out, context, output_max"
                         " FROM provider_model ORDER BY provider_id, ordinal",
                         NULL, 0, on_model, &s->reading);
    return err < 0 ? err : 0;
}

int ai_providers(struct ai *ai, struct ai_provider *ret, size_t *ret_count)
{
    struct snapshot s = {.ai = ai, .reading = {.at = ret, .max = AI_LIMIT_PROVIDERS}};
    int err = store_snapshot(ai->store, read_all, &s);
    if (!err)
        *ret_count = s.reading.count;
    return err;
}

int ai_provider_read(struct ai *ai, struct core_str id, struct ai_provider *ret)
{
    struct ai_provider *all = core_alloc_array(AI_LIMIT_PROVIDERS, sizeof *all);
    size_t count = 0;
    int err = ai_providers(ai, all, &count);
    if (!err)
        err = CORE_ENOTFOUND;
    for (size_t i = 0; i < count; i++) {
        if (core_str_eq_c(id, all[i].id)) {
            *ret = all[i];
            err = 0;
        }
    }
    free(all);
    return err;
}

/* --- Writing ---------------------------------------------------------------------------------- */

static void put_models(struct store_batch *batch, const struct ai_provider *p)
{
    store_put(batch, STORE_ROWS_ANY, "DELETE FROM provider_model WHERE provider_id = $1",
              STORE_C(p->id));
    for (size_t i = 0; i < p->model_count; i++) {
        const struct ai_provider_model *m = &p->models[i];
        store_put(
            batch, 1,
            "INSERT INTO provider_model (provider_id, ordinal, name, level, price_in, price_out,"
            " context, output_max) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
            STORE_C(p->id), STORE_I((int64_t)i), STORE_C(m->name), STORE_I(m->level),
            STORE_I(m->price_in), STORE_I(m->price_out), STORE_I(m->context),
            STORE_I(m->output_max));
    }
}

/* In the batch of the act: neither is in the store without the other. */
static void put_event(const struct ai *ai, struct store_batch *batch, enum account_act act,
                      const struct account_actor *by, struct core_str id)
{
    account_audit_add(ai->env, batch,
                      &(const struct account_event){.act = act, .by = by, .object = id});
}

int ai_provider_save(struct ai *ai, const struct account_actor *by, struct ai_provider *p,
                     const char **ret_field, const char **ret_must)
{
    int64_t count = 0;
    bool fresh = !p->id[0];
    int err = check(p, ret_field, ret_must);
    if (!err && fresh)
        err = store_read_i64(ai->store, "SELECT count(*) FROM provider", NULL, 0, &count);
    if (!err && count >= AI_LIMIT_PROVIDERS)
        err = CORE_ELIMIT;
    if (err)
        return err;
    struct store_batch *batch = store_batch_new(STORE_DURABLE);
    if (fresh) {
        core_id_new(ai->env, p->id);
        store_put(
            batch, 1,
            "INSERT INTO provider (id, name, base_url, key, rank, enabled, first_ms, whole_ms,"
            " calls_max, changed_ms, stop_tokens)"
            " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
            STORE_C(p->id), STORE_C(p->name), STORE_C(p->base_url), STORE_C(p->key),
            STORE_I(p->rank), STORE_I(p->enabled), STORE_I(p->first_ms), STORE_I(p->whole_ms),
            STORE_I(p->calls_max), STORE_I(core_wall_ms(ai->env)), STORE_I(p->stop_tokens));
    } else {
        store_put(
            batch, 1,
            "UPDATE provider SET name = $2, base_url = $3, key = $4, rank = $5, enabled = $6,"
            " first_ms = $7, whole_ms = $8, calls_max = $9, changed_ms = $10, stop_tokens = $11"
            " WHERE id = $1",
            STORE_C(p->id), STORE_C(p->name), STORE_C(p->base_url), STORE_C(p->key),
            STORE_I(p->rank), STORE_I(p->enabled), STORE_I(p->first_ms), STORE_I(p->whole_ms),
            STORE_I(p->calls_max), STORE_I(core_wall_ms(ai->env)), STORE_I(p->stop_tokens));
    }
    put_models(batch, p);
    put_event(ai, batch, ACCOUNT_ACT_PROVIDER_SET, by, core_str(p->id));
    err = store_write_wait(ai->store, batch);
    if (!err)
        err = ai_remote_reload(ai);
    return err == CORE_EMISMATCH ? CORE_ENOTFOUND : err;
}

int ai_provider_remove(struct ai *ai, const struct account_actor *by, struct core_str id)
{
    struct store_batch *batch = store_batch_new(STORE_DURABLE);
    store_put(batch, 1, "DELETE FROM provider WHERE id = $1", STORE_T(id));
    store_put(batch, STORE_ROWS_ANY, "DELETE FROM provider_model WHERE provider_id = $1",
              STORE_T(id));
    put_event(ai, batch, ACCOUNT_ACT_PROVIDER_REMOVED, by, id);
    int err = store_write_wait(ai->store, batch);
    if (!err)
        err = ai_remote_reload(ai);
    return err == CORE_EMISMATCH ? CORE_ENOTFOUND : err;
}
