/*
 * view.c: what the loop knows of the store without asking
 * it: API keys, tiers, and which account has which tier.
 *
 *     pool   change ─► store ─► read all ─► push ─┐
 *     loop                                        └─► take all, keep the newest ─► ask it
 *
 * A view is read whole after each change and never changed by the pool again, so the loop asks it
 * without a lock. Two that are read at once may arrive in any order: a serial number drawn before
 * reading says which knows more. Where reading failed, the one that the loop has is stale until
 * there is one with a serial number as high.
 */
#include "account/room.h"

#include "core/log.h"

#include <stdio.h>

void account__view_free(struct account_view *v)
{
    if (!v) {
        return;
    }
    if (v->keys) {
        core_wipe(v->keys, v->key_count * sizeof *v->keys);
    }
    free(v->keys);
    free(v->key_slots);
    free(v->tiered);
    free(v->tiered_slots);
    free(v);
}

/* --- Reading ---------------------------------------------------------------------------------- */

static void copy(const struct store_row *row, unsigned column, char *out, size_t cap)
{
    struct core_str value = store_row_str(row, column);
    snprintf(out, cap, "%.*s", CORE_STR_ARG(value));
}

static int on_tier(void *arg, const struct store_row *row)
{
    struct account_view *v = arg;
    if (v->tier_count == ACCOUNT_LIMIT_TIERS) {
        return 0;
    }
    account__tier_read(row, &v->tiers[v->tier_count++]);
    return 0;
}

static int on_key(void *arg, const struct store_row *row)
{
    struct account_view *v = arg;
    struct core_str hash = store_row_str(row, 2);
    int err = core_grow((void **)&v->keys, &v->key_cap, v->key_count, sizeof *v->keys,
                        ACCOUNT_LIMIT_APIKEYS);
    if (err || hash.len != CORE_SHA256_SIZE) {
        return err == CORE_ETOOBIG ? 0 : err;
    }
    struct account_apikey *k = &v->keys[v->key_count++];
    copy(row, 0, k->id, sizeof k->id);
    copy(row, 1, k->account, sizeof k->account);
    memcpy(k->hash, hash.ptr, sizeof k->hash);
    k->scopes = (unsigned)store_row_i64(row, 3);
    k->minute = store_row_i64(row, 4);
    k->expires_ms = store_row_i64(row, 5);
    k->used_ms = store_row_i64(row, 6);
    copy(row, 7, k->name, sizeof k->name);
    copy(row, 8, k->role, sizeof k->role);
    k->totp = store_row_i64(row, 9) != 0;
    return 0;
}

static int on_tiered(void *arg, const struct store_row *row)
{
    struct account_view *v = arg;
    char tier[sizeof v->tiers->name];
    int err = core_grow((void **)&v->tiered, &v->tiered_cap, v->tiered_count, sizeof *v->tiered,
                        ACCOUNT_LIMIT_TIERED);
    if (err) {
        return err == CORE_ETOOBIG ? 0 : err; /* those beyond have the first tier */
    }
    copy(row, 1, tier, sizeof tier);
    for (size_t i = 0; i < v->tier_count; i++) {
        if (strcmp(v->tiers[i].name, tier) == 0) {
            struct account_tiered *t = &v->tiered[v->tiered_count++];
            copy(row, 0, t->id, sizeof t->id);
            t->tier = (uint8_t)i;
        }
    }
    return 0;
}

struct reading {
    struct accounts *a;
    struct account_view *view;
};

/* The owner may have keys before there is an account. */
static int read_all(void *arg)
{
    const struct reading *r = arg;
    int err = store_read(r->a->store, "SELECT " ACCOUNT_TIER_COLUMNS " FROM tier ORDER BY name",
                         NULL, 0, on_tier, r->view);
    if (!err) {
        err = store_read(
            r->a->store,
            "SELECT k.id, k.account_id, k.token_hash, k.scopes, k.minute, k.expires_ms, k.used_ms, "
            "coalesce(a.name, 'owner'), coalesce(a.role, 'owner'), coalesce(a.totp_on, 1) "
            "FROM api_key k LEFT JOIN account a ON a.id = k.account_id "
            "WHERE coalesce(a.disabled, 0) = 0 AND (a.id IS NOT NULL OR k.account_id = 'owner')",
            NULL, 0, on_key, r->view);
    }
    if (!err) {
        err = store_read(r->a->store, "SELECT id, tier FROM account WHERE tier <> 'free'", NULL, 0,
                         on_tiered, r->view);
    }
    return err;
}

/* --- Tables by id ----------------------------------------------------------------------------- */

/* A table twice as large as what it holds; ids are at the front of what `items` holds. */
static uint32_t *index_by_id(const void *items, size_t count, size_t size, size_t *ret_mask)
{
    size_t slots = 8;
    while (slots < 2 * count) {
        slots *= 2;
    }
    uint32_t *table = core_alloc_array(slots, sizeof *table);
    for (size_t i = 0; i < count; i++) {
        size_t at = core_str_hash(core_str((const char *)items + i * size)) & (slots - 1);
        while (table[at]) {
            at = (at + 1) & (slots - 1);
        }
        table[at] = (uint32_t)(i + 1);
    }
    *ret_mask = slots - 1;
    return table;
}

static void *find_by_id(void *items, size_t size, const uint32_t *table, size_t mask,
                        struct core_str id)
{
    for (size_t at = core_str_hash(id) & mask; table[at]; at = (at + 1) & mask) {
        char *item = (char *)items + (table[at] - 1) * size;
        if (core_str_eq_c(id, item)) {
            return item;
        }
    }
    return NULL;
}

struct account_apikey *account__view_key(const struct account_view *v, struct core_str id)
{
    return find_by_id(v->keys, sizeof *v->keys, v->key_slots, v->key_mask, id);
}

/* Of whom nothing else is known it is 'free', of the owner
 * 'owner'; both always are, or next to nothing is allowed. */
const struct account_tier *account__view_tier(const struct account_view *v, struct core_str id)
{
    static const struct account_tier nothing = {
        .name = "none", .ask_minute = 1, .read_minute = 1, .write_minute = 1};
    const struct account_tiered *t = find_by_id(v->tiered, sizeof *v->tiered, v->tiered_slots,
                                                v->tiered_mask, id);
    if (t) {
        return &v->tiers[t->tier];
    }
    const char *name = core_str_eq_c(id, "owner") ? "owner" : "free";
    for (size_t i = 0; i < v->tier_count; i++) {
        if (strcmp(v->tiers[i].name, name) == 0) {
            return &v->tiers[i];
        }
    }
    return &nothing;
}

/* --- From the pool to the loop ---------------------------------------------------------------- */

static void want(struct accounts *a, uint64_t serial)
{
    uint64_t wanted = atomic_load(&a->view_wanted);
    while (wanted < serial && !atomic_compare_exchange_weak(&a->view_wanted, &wanted, serial)) {
        continue;
    }
}

int account__view_load(struct accounts *a)
{
    struct account_view *v = core_alloc(sizeof *v);
    struct reading reading = {a, v};
    account__spend_changed(a);
    v->serial = atomic_fetch_add(&a->view_serial, 1) + 1;
    int err = store_snapshot(a->store, read_all, &reading);
    if (err) {
        want(a, v->serial);
        account__view_free(v);
        return err;
    }
    v->key_slots = index_by_id(v->keys, v->key_count, sizeof *v->keys, &v->key_mask);
    v->tiered_slots = index_by_id(v->tiered, v->tiered_count, sizeof *v->tiered, &v->tiered_mask);
    v->next = atomic_load(&a->views);
    while (!atomic_compare_exchange_weak(&a->views, &v->next, v)) {
        continue;
    }
    return 0;
}

int accounts_reload(struct accounts *a)
{
    return account__view_load(a);
}

void account__view_renew(struct accounts *a)
{
    int err = account__view_load(a);
    if (err) {
        core_log(CORE_LOG_WARN, "account.stale", {"error", CORE_LOG_C(core_err_text(err))});
    }
}

int account__view_write(struct accounts *a, struct store_batch *batch)
{
    int err = store_write_wait(a->store, batch);
    if (account__written(err)) {
        account__view_renew(a);
    }
    return err;
}

struct account_view *account__view(struct accounts *a)
{
    if (!atomic_load_explicit(&a->views, memory_order_relaxed)) {
        return a->view;
    }
    struct account_view *v = atomic_exchange(&a->views, NULL), *next;
    for (; v; v = next) {
        next = v->next;
        bool newer = !a->view || v->serial > a->view->serial;
        account__view_free(newer ? a->view : v);
        a->view = newer ? v : a->view;
    }
    return a->view;
}

bool accounts_stale(struct accounts *a)
{
    return account__view(a)->serial < atomic_load(&a->view_wanted);
}

const struct account_tier *account_tier(struct accounts *a, const struct account *account)
{
    return account__view_tier(account__view(a), core_str(account->id));
}
