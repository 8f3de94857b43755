/* cost.c: see cost.h */
#include "account/cost.h"

#include "account/room.h"

/* --- Importing -------------------------------------------------------------------------------- */

struct importing {
    struct store_batch *batch;
    int64_t number, rows;
    char first_on[11], last_on[11];
};

/* Rows of a file for one day, service and currency add up. */
static int on_cost(void *arg, const struct account_cost_row *row)
{
    struct importing *i = arg;
    if (i->rows++ == 0 || memcmp(row->day.ptr, i->first_on, 10) < 0) {
        memcpy(i->first_on, row->day.ptr, 10);
    }
    if (memcmp(row->day.ptr, i->last_on, 10) > 0) {
        memcpy(i->last_on, row->day.ptr, 10);
    }
    store_put(i->batch, 1,
              "INSERT INTO cost_row (day, service, currency, import, micro)"
              " VALUES ($1, $2, $3, $4, $5) ON CONFLICT (day, service, currency, import)"
              " DO UPDATE SET micro = cost_row.micro + excluded.micro",
              STORE_T(row->day), STORE_T(row->service), STORE_T(row->currency), STORE_I(i->number),
              STORE_I(row->micro));
    return 0;
}

int account_costs_import(struct accounts *a, const struct account *by, struct core_str name,
                         struct core_str csv, char ret_id[static CORE_ID_SIZE],
                         struct account_cost_why *why)
{
    char id[CORE_ID_SIZE];
    struct importing i = {.batch = store_batch_new(STORE_DURABLE)};
    int err = store_read_i64(a->store, "SELECT COALESCE(MAX(number), 0) + 1 FROM cost_import", NULL,
                             0, &i.number);
    if (!err) {
        err = account__cost_csv(csv, on_cost, &i, why);
    }
    if (err) {
        store_batch_free(i.batch);
        return err;
    }
    core_id_new(a->env, id);
    store_put(i.batch, 1,
              "INSERT INTO cost_import (number, id, name, created_by, created_ms, rows, first_on,"
              " last_on) SELECT $1, $2, $3, $4, $5, $6, $7, $8"
              " WHERE (SELECT COUNT(*) FROM cost_import) < $9",
              STORE_I(i.number), STORE_C(id), STORE_T(name), STORE_C(by->id),
              STORE_I(core_wall_ms(a->env)), STORE_I(i.rows), STORE_C(i.first_on),
              STORE_C(i.last_on), STORE_I(ACCOUNT_LIMIT_COST_IMPORTS));
    err = store_write_wait(a->store, i.batch);
    if (!err) {
        memcpy(ret_id, id, sizeof id);
    }
    return err == CORE_EMISMATCH ? CORE_ELIMIT : err == CORE_EEXISTS ? CORE_EMISMATCH : err;
}

int account_costs_undo(struct accounts *a, struct core_str id)
{
    int64_t number;
    const struct store_value param = STORE_T(id);
    int err = store_read_i64(a->store, "SELECT number FROM cost_import WHERE id = $1", &param, 1,
                             &number);
    if (err) {
        return err;
    }
    struct store_batch *batch = store_batch_new(STORE_DURABLE);
    store_put(batch, 1,
              "DELETE FROM cost_import WHERE id = $1"
              " AND number = (SELECT MAX(number) FROM cost_import)",
              STORE_T(id));
    store_put(batch, STORE_ROWS_ANY, "DELETE FROM cost_row WHERE import = $1", STORE_I(number));
    return store_write_wait(a->store, batch);
}

/* --- Reading ---------------------------------------------------------------------------------- */

struct reading {
    int (*on_import)(void *arg, const struct account_cost_import *import);
    int (*on_row)(void *arg, const struct account_cost_row *row);
    void *arg;
};

static int on_import_row(void *arg, const struct store_row *row)
{
    struct reading *r = arg;
    const struct account_cost_import import = {.id = store_row_str(row, 0),
                                               .name = store_row_str(row, 1),
                                               .by = store_row_str(row, 2),
                                               .first_on = store_row_str(row, 3),
                                               .last_on = store_row_str(row, 4),
                                               .at_ms = store_row_i64(row, 5),
                                               .rows = store_row_i64(row, 6),
                                               .newest = store_row_i64(row, 7) != 0};
    return r->on_import(r->arg, &import);
}

int account_cost_imports(struct accounts *a, struct core_str id, unsigned limit,
                         int (*on_import)(void *arg, const struct account_cost_import *import),
                         void *arg)
{
    struct reading r = {.on_import = on_import, .arg = arg};
    const struct store_value params[] = {STORE_T(id), STORE_I(limit)};
    int err = store_read(a->store,
                         "SELECT id, name, created_by, first_on, last_on, created_ms, rows,"
                         " number = (SELECT MAX(number) FROM cost_import) FROM cost_import"
                         " WHERE ($1 = '' OR id = $1) ORDER BY number DESC LIMIT $2",
                         params, 2, on_import_row, &r);
    return err < 0 ? err : 0;
}

static int on_cost_row(void *arg, const struct store_row *row)
{
    struct reading *r = arg;
    const struct account_cost_row cost = {.day = store_row_str(row, 0),
                                          .service = store_row_str(row, 1),
                                          .currency = store_row_str(row, 2),
                                          .micro = store_row_i64(row, 3)};
    return r->on_row(r->arg, &cost);
}

int account_costs(struct accounts *a, struct core_str from, const struct account_cost_row *after,
                  unsigned limit, int (*on_row)(void *arg, const struct account_cost_row *row),
                  void *arg)
{
    struct reading r = {.on_row = on_row, .arg = arg};
    const struct store_value params[] = {STORE_T(from), STORE_T(after->day),
                                         STORE_T(after->service), STORE_T(after->currency),
                                         STORE_I(limit)};
    int err = store_read(
        a->store,
        "SELECT day, service, currency, micro FROM cost_row WHERE day >= $1"
        " AND (day, service, currency) > ($2, $3, $4) AND NOT EXISTS (SELECT 1 FROM cost_row later"
        " WHERE later.day = cost_row.day AND later.service = cost_row.service"
        " AND later.currency = cost_row.currency AND later.import > cost_row.import)"
        " ORDER BY day, service, currency LIMIT $5",
        params, 5, on_cost_row, &r);
    return err < 0 ? err : 0;
}
