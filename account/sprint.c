/*
 * sprint.c: see sprint.h
 *
 * An item stands where its `position` says. One that is put in front of
 * another takes that one's position, and all from there on move up: numbers
 * only grow, so no two need to be told apart by fractions.
 */
#include "account/sprint.h"

#include "account/room.h"

#define SPRINT                                                                                     \
    "SELECT id, name, goal, starts_on, ends_on, version, changed_ms,"                              \
    " (SELECT COUNT(*) FROM sprint_item WHERE sprint_id = sprint.id AND status <> 'dropped'),"     \
    " (SELECT COUNT(*) FROM sprint_item WHERE sprint_id = sprint.id AND status = 'done')"          \
    " FROM sprint "
#define ITEM                                                                                       \
    "SELECT id, sprint_id, title, assignee, starts_on, ends_on, status, version, changed_ms"       \
    " FROM sprint_item "

/* --- Reading ---------------------------------------------------------------------------------- */

struct reading {
    int (*on_sprint)(void *arg, const struct account_sprint *sprint);
    int (*on_item)(void *arg, const struct account_sprint_item *item);
    void *arg;
    size_t count;
};

static int on_sprint_row(void *arg, const struct store_row *row)
{
    struct reading *r = arg;
    const struct account_sprint sprint = {.id = store_row_str(row, 0),
                                          .name = store_row_str(row, 1),
                                          .goal = store_row_str(row, 2),
                                          .starts_on = store_row_str(row, 3),
                                          .ends_on = store_row_str(row, 4),
                                          .version = store_row_i64(row, 5),
                                          .changed_ms = store_row_i64(row, 6),
                                          .items = store_row_i64(row, 7),
                                          .done = store_row_i64(row, 8)};
    r->count++;
    return r->on_sprint(r->arg, &sprint);
}

static int on_item_row(void *arg, const struct store_row *row)
{
    struct reading *r = arg;
    const struct account_sprint_item item = {.id = store_row_str(row, 0),
                                             .sprint = store_row_str(row, 1),
                                             .title = store_row_str(row, 2),
                                             .assignee = store_row_str(row, 3),
                                             .starts_on = store_row_str(row, 4),
                                             .ends_on = store_row_str(row, 5),
                                             .status = store_row_str(row, 6),
                                             .version = store_row_i64(row, 7),
                                             .changed_ms = store_row_i64(row, 8)};
    r->count++;
    return r->on_item(r->arg, &item);
}

int account_sprints(struct accounts *a, struct core_str after, unsigned limit,
                    int (*on_sprint)(void *arg, const struct account_sprint *sprint), void *arg)
{
    struct reading r = {.on_sprint = on_sprint, .arg = arg};
    const struct store_value params[] = {STORE_T(after), STORE_I(limit)};
    int err = store_read(a->store, SPRINT "WHERE ($1 = '' OR id < $1) ORDER BY id DESC LIMIT $2",
                         params, 2, on_sprint_row, &r);
    return err < 0 ? err : 0;
}

int account_sprint_read(struct accounts *a, struct core_str id,
                        int (*on_sprint)(void *arg, const struct account_sprint *sprint), void *arg)
{
    struct reading r = {.on_sprint = on_sprint, .arg = arg};
    const struct store_value param = STORE_T(id);
    int err = store_read(a->store, SPRINT "WHERE id = $1", &param, 1, on_sprint_row, &r);
    return err < 0 ? err : r.count == 0 ? CORE_ENOTFOUND : 0;
}

int account_sprint_items(struct accounts *a, struct core_str sprint,
                         int (*on_item)(void *arg, const struct account_sprint_item *item),
                         void *arg)
{
    struct reading r = {.on_item = on_item, .arg = arg};
    const struct store_value param = STORE_T(sprint);
    int err = store_read(a->store, ITEM "WHERE sprint_id = $1 ORDER BY position, id", &param, 1,
                         on_item_row, &r);
    return err < 0 ? err : 0;
}

int account_item_read(struct accounts *a, struct core_str id,
                      int (*on_item)(void *arg, const struct account_sprint_item *item), void *arg)
{
    struct reading r = {.on_item = on_item, .arg = arg};
    const struct store_value param = STORE_T(id);
    int err = store_read(a->store, ITEM "WHERE id = $1", &param, 1, on_item_row, &r);
    return err < 0 ? err : r.count == 0 ? CORE_ENOTFOUND : 0;
}

/* --- What people type ------------------------------------------------------------------------- */

static int dates_crossed(struct account_why *why)
{
    return account__wrong(why, "ends_on", "must not be before starts_on");
}

/* Of one date alone the statement finds out: it knows the other one. */
static int dates_read(struct core_str starts_on, struct core_str ends_on, struct account_why *why)
{
    if (starts_on.len > 0 && !account__date_valid(starts_on)) {
        return account__wrong(why, "starts_on", "must be a day such as 2026-01-31, or empty");
    }
    if (ends_on.len > 0 && !account__date_valid(ends_on)) {
        return account__wrong(why, "ends_on", "must be a day such as 2026-01-31, or empty");
    }
    if (starts_on.len > 0 && ends_on.len > 0 && memcmp(starts_on.ptr, ends_on.ptr, 10) > 0) {
        return dates_crossed(why);
    }
    return 0;
}

/* Text that is given must be some. */
static bool is_blank(struct core_str text, bool needed)
{
    return (needed || text.ptr) && core_str_trim(text).len == 0;
}

static int status_read(struct core_str status, struct account_why *why)
{
    static const char *const known[] = {"planned", "doing", "done", "dropped"};
    if (!status.ptr) {
        return 0;
    }
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (core_str_eq_c(status, known[i])) {
            return 0;
        }
    }
    return account__wrong(why, "status", "must be one of planned, doing, done, dropped");
}

static int sprint_form_read(const struct account_sprint_form *form, bool is_new,
                            struct account_why *why)
{
    if (is_blank(form->name, is_new)) {
        return account__wrong(why, "name", "must hold more than white space");
    }
    return dates_read(form->starts_on, form->ends_on, why);
}

static int item_form_read(const struct account_item_form *form, bool is_new,
                          struct account_why *why)
{
    if (is_blank(form->title, is_new)) {
        return account__wrong(why, "title", "must hold more than white space");
    }
    int err = status_read(form->status, why);
    return err ? err : dates_read(form->starts_on, form->ends_on, why);
}

static struct store_value or_null(struct core_str text)
{
    return text.ptr ? STORE_T(text) : STORE_N();
}

static struct store_value or_empty(struct core_str text)
{
    return STORE_T(text.ptr ? text : CORE_STR(""));
}

/* Why a statement about one row changed none: it is
 * gone, it was changed, or its dates would cross. */
static int missed(struct accounts *a, const char *version_of, struct core_str id, int64_t version,
                  struct account_why *why)
{
    int64_t now = 0;
    const struct store_value param = STORE_T(id);
    int err = store_read_i64(a->store, version_of, &param, 1, &now);
    return err ? err : now != version || !why ? CORE_EMISMATCH : dates_crossed(why);
}

#define SPRINT_VERSION "SELECT version FROM sprint WHERE id = $1"
#define ITEM_VERSION "SELECT version FROM sprint_item WHERE id = $1"

/* --- Sprints ---------------------------------------------------------------------------------- */

int account_sprint_add(struct accounts *a, const struct account_sprint_form *form,
                       char ret_id[static CORE_ID_SIZE], struct account_why *why)
{
    char id[CORE_ID_SIZE];
    int err = sprint_form_read(form, true, why);
    if (err) {
        return err;
    }
    core_id_new(a->env, id);
    struct store_batch *batch = store_batch_new(STORE_DURABLE);
    store_put(batch, 1,
              "INSERT INTO sprint (id, name, goal, starts_on, ends_on, version, changed_ms)"
              " SELECT $1, $2, $3, $4, $5, 1, $6 WHERE (SELECT COUNT(*) FROM sprint) < $7",
              STORE_C(id), STORE_T(form->name), or_empty(form->goal), or_empty(form->starts_on),
              or_empty(form->ends_on), STORE_I(core_wall_ms(a->env)),
              STORE_I(ACCOUNT_LIMIT_SPRINTS));
    err = store_write_wait(a->store, batch);
    if (!err) {
        memcpy(ret_id, id, sizeof id);
    }
    return err == CORE_EMISMATCH ? CORE_ELIMIT : err;
}

int account_sprint_change(struct accounts *a, struct core_str id, int64_t version,
                          const struct account_sprint_form *form, struct account_why *why)
{
    int err = sprint_form_read(form, false, why);
    if (err) {
        return err;
    }
    struct store_batch *batch = store_batch_new(STORE_DURABLE);
    store_put(batch, 1,
              "UPDATE sprint SET name = COALESCE($3, name), goal = COALESCE($4, goal),"
              " starts_on = COALESCE($5, starts_on), ends_on = COALESCE($6, ends_on),"
              " version = version + 1, changed_ms = $7 WHERE id = $1 AND version = $2"
              " AND (COALESCE($5, starts_on) = '' OR COALESCE($6, ends_on) = ''"
              " OR COALESCE($5, starts_on) <= COALESCE($6, ends_on))",
              STORE_T(id), STORE_I(version), or_null(form->name), or_null(form->goal),
              or_null(form->starts_on), or_null(form->ends_on), STORE_I(core_wall_ms(a->env)));
    err = store_write_wait(a->store, batch);
    return err == CORE_EMISMATCH ? missed(a, SPRINT_VERSION, id, version, why) : err;
}

int account_sprint_remove(struct accounts *a, struct core_str id, int64_t version)
{
    struct store_batch *batch = store_batch_new(STORE_DURABLE);
    store_put(batch, 1, "DELETE FROM sprint WHERE id = $1 AND version = $2", STORE_T(id),
              STORE_I(version));
    store_put(batch, STORE_ROWS_ANY, "DELETE FROM sprint_item WHERE sprint_id = $1", STORE_T(id));
    int err = store_write_wait(a->store, batch);
    return err == CORE_EMISMATCH ? missed(a, SPRINT_VERSION, id, version, NULL) : err;
}

/* --- Items ------------------------------------------------------------------------------------ */

/* Makes room in front of `before`, or finds it behind all; what is put there has the position. */
static int place_item(struct accounts *a, struct store_batch *batch, struct core_str sprint,
                      struct core_str before, int64_t *ret_position)
{
    const struct store_value params[] = {STORE_T(sprint), STORE_T(before)};
    if (before.len == 0) {
        return store_read_i64(
            a->store, "SELECT COALESCE(MAX(position), 0) + 1 FROM sprint_item WHERE sprint_id = $1",
            params, 1, ret_position);
    }
    int err = store_read_i64(a->store,
                             "SELECT position FROM sprint_item WHERE sprint_id = $1 AND id = $2",
                             params, 2, ret_position);
    if (!err) {
        store_put(batch, STORE_ROWS_ANY,
                  "UPDATE sprint_item SET position = position + 1"
                  " WHERE sprint_id = $1 AND position >= $2",
                  STORE_T(sprint), STORE_I(*ret_position));
    }
    return err;
}

static int item_insert(struct accounts *a, struct core_str sprint,
                       const struct account_item_form *form, const char *id, int64_t position,
                       struct store_batch *batch)
{
    store_put(batch, 1, "SELECT 1 FROM sprint WHERE id = $1", STORE_T(sprint));
    store_put(batch, 1,
              "INSERT INTO sprint_item (id, sprint_id, title, status, assignee, starts_on, ends_on,"
              " position, version, changed_ms) SELECT $1, $2, $3, $4, $5, $6, $7, $8, 1, $9"
              " WHERE (SELECT COUNT(*) FROM sprint_item WHERE sprint_id = $2) < $10",
              STORE_C(id), STORE_T(sprint), STORE_T(form->title),
              STORE_T(form->status.ptr ? form->status : CORE_STR("planned")),
              or_empty(form->assignee), or_empty(form->starts_on), or_empty(form->ends_on),
              STORE_I(position), STORE_I(core_wall_ms(a->env)), STORE_I(ACCOUNT_LIMIT_ITEMS));
    return store_write_wait(a->store, batch);
}

int account_item_add(struct accounts *a, struct core_str sprint,
                     const struct account_item_form *form, char ret_id[static CORE_ID_SIZE],
                     struct account_why *why)
{
    char id[CORE_ID_SIZE];
    int64_t position = 0, one;
    int err = item_form_read(form, true, why);
    if (err) {
        return err;
    }
    const struct store_value param = STORE_T(sprint);
    err = store_read_i64(a->store, "SELECT 1 FROM sprint WHERE id = $1", &param, 1, &one);
    if (err) {
        return err;
    }
    core_id_new(a->env, id);
    struct store_batch *batch = store_batch_new(STORE_DURABLE);
    err = place_item(a, batch, sprint, form->before, &position);
    if (err) {
        store_batch_free(batch);
        return err == CORE_ENOTFOUND
                   ? account__wrong(why, "before", "must be an item of the sprint")
                   : err;
    }
    err = item_insert(a, sprint, form, id, position, batch);
    if (!err) {
        memcpy(ret_id, id, sizeof id);
    }
    return err == CORE_EMISMATCH ? CORE_ELIMIT : err;
}

static int on_sprint_id(void *arg, const struct store_row *row)
{
    struct core_str id = store_row_str(row, 0);
    memcpy(arg, id.ptr, id.len < CORE_ID_SIZE ? id.len : 0);
    return 0;
}

/* Where the item goes, if it moves: *ret is its position, or null. */
static int move_item(struct accounts *a, struct store_batch *batch, struct core_str id,
                     struct core_str before, struct store_value *ret)
{
    char sprint[CORE_ID_SIZE] = "";
    int64_t position = 0;
    const struct store_value param = STORE_T(id);
    *ret = STORE_N();
    if (!before.ptr || core_str_eq(before, id)) {
        return 0;
    }
    int err = store_read(a->store, "SELECT sprint_id FROM sprint_item WHERE id = $1", &param, 1,
                         on_sprint_id, sprint);
    if (!err && !*sprint) {
        return 0; /* the statement that changes it finds out */
    }
    if (!err) {
        err = place_item(a, batch, core_str(sprint), before, &position);
    }
    if (!err) {
        *ret = STORE_I(position);
    }
    return err;
}

int account_item_change(struct accounts *a, struct core_str id, int64_t version,
                        const struct account_item_form *form, struct account_why *why)
{
    struct store_value position;
    int err = item_form_read(form, false, why);
    if (err) {
        return err;
    }
    struct store_batch *batch = store_batch_new(STORE_DURABLE);
    err = move_item(a, batch, id, form->before, &position);
    if (err) {
        store_batch_free(batch);
        return err == CORE_ENOTFOUND
                   ? account__wrong(why, "before", "must be an item of the sprint")
                   : err;
    }
    store_put(batch, 1,
              "UPDATE sprint_item SET title = COALESCE($3, title), status = COALESCE($4, status),"
              " assignee = COALESCE($5, assignee), starts_on = COALESCE($6, starts_on),"
              " ends_on = COALESCE($7, ends_on), position = COALESCE($8, position),"
              " version = version + 1, changed_ms = $9 WHERE id = $1 AND version = $2"
              " AND (COALESCE($6, starts_on) = '' OR COALESCE($7, ends_on) = ''"
              " OR COALESCE($6, starts_on) <= COALESCE($7, ends_on))",
              STORE_T(id), STORE_I(version), or_null(form->title), or_null(form->status),
              or_null(form->assignee), or_null(form->starts_on), or_null(form->ends_on), position,
              STORE_I(core_wall_ms(a->env)));
    err = store_write_wait(a->store, batch);
    return err == CORE_EMISMATCH ? missed(a, ITEM_VERSION, id, version, why) : err;
}

int account_item_remove(struct accounts *a, struct core_str id, int64_t version)
{
    struct store_batch *batch = store_batch_new(STORE_DURABLE);
    store_put(batch, 1, "DELETE FROM sprint_item WHERE id = $1 AND version = $2", STORE_T(id),
              STORE_I(version));
    int err = store_write_wait(a->store, batch);
    return err == CORE_EMISMATCH ? missed(a, ITEM_VERSION, id, version, NULL) : err;
}
