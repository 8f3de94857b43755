/* test_sprint.c: sprints and items: their order, their versions, what may not be written. */
#include "account/account.h"
#include "tests/unit/account/helper.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

static struct account_why why;

static int on_item(void *arg, const struct account_sprint_item *item)
{
    char *out = arg;
    size_t len = strlen(out);
    snprintf(out + len, 400 - len, "%.*s/%.*s/%lld ", CORE_STR_ARG(item->title),
             CORE_STR_ARG(item->status), (long long)item->version);
    return 0;
}

static const char *board(struct house *h, const char *sprint)
{
    static char out[400];
    *out = '\0';
    assert_int_equal(account_sprint_items(h->accounts, core_str(sprint), on_item, out), 0);
    return out;
}

static int on_sprint(void *arg, const struct account_sprint *sprint)
{
    char *out = arg;
    size_t len = strlen(out);
    snprintf(out + len, 400 - len, "%.*s %.*s-%.*s v%lld %lld/%lld;", CORE_STR_ARG(sprint->name),
             CORE_STR_ARG(sprint->starts_on), CORE_STR_ARG(sprint->ends_on),
             (long long)sprint->version, (long long)sprint->done, (long long)sprint->items);
    return 0;
}

static void sprint_add(struct house *h, const char *name, char id[static CORE_ID_SIZE])
{
    const struct account_sprint_form form = {.name = core_str(name)};
    assert_int_equal(account_sprint_add(h->accounts, &form, id, &why), 0);
}

static void item_add(struct house *h, const char *sprint, const char *title, const char *before,
                     char id[static CORE_ID_SIZE])
{
    const struct account_item_form form = {.title = core_str(title), .before = core_str(before)};
    assert_int_equal(account_item_add(h->accounts, core_str(sprint), &form, id, &why), 0);
}

static void items_keep_their_order(void **state)
{
    struct house *h = *state;
    char sprint[CORE_ID_SIZE], a[CORE_ID_SIZE], b[CORE_ID_SIZE], c[CORE_ID_SIZE];
    sprint_add(h, "One", sprint);
    item_add(h, sprint, "a", "", a);
    item_add(h, sprint, "b", "", b);
    item_add(h, sprint, "c", a, c);
    assert_string_equal(board(h, sprint), "c/planned/1 a/planned/1 b/planned/1 ");
    struct account_item_form move = {.status = CORE_STR("done"), .before = core_str(a)};
    assert_int_equal(account_item_change(h->accounts, core_str(b), 1, &move, &why), 0);
    assert_string_equal(board(h, sprint), "c/planned/1 b/done/2 a/planned/1 ");
    move = (struct account_item_form){.before = CORE_STR("")};
    assert_int_equal(account_item_change(h->accounts, core_str(c), 1, &move, &why), 0);
    assert_string_equal(board(h, sprint), "b/done/2 a/planned/1 c/planned/2 ");
    move = (struct account_item_form){.before = core_str(c)}; /* in front of itself */
    assert_int_equal(account_item_change(h->accounts, core_str(c), 2, &move, &why), 0);
    assert_string_equal(board(h, sprint), "b/done/2 a/planned/1 c/planned/3 ");
    move = (struct account_item_form){.before = core_str(sprint)};
    assert_int_equal(account_item_change(h->accounts, core_str(c), 3, &move, &why), CORE_EINVAL);
    assert_string_equal(why.field, "before");
    assert_int_equal(account_item_remove(h->accounts, core_str(a), 1), 0);
    assert_string_equal(board(h, sprint), "b/done/2 c/planned/3 ");
}

static void who_saw_an_old_version_is_told(void **state)
{
    struct house *h = *state;
    char sprint[CORE_ID_SIZE], item[CORE_ID_SIZE], out[400] = "";
    sprint_add(h, "One", sprint);
    item_add(h, sprint, "a", "", item);
    const struct account_sprint_form name = {.name = CORE_STR("Two")};
    const struct account_item_form title = {.title = CORE_STR("b")};
    assert_int_equal(account_sprint_change(h->accounts, core_str(sprint), 1, &name, &why), 0);
    assert_int_equal(account_sprint_change(h->accounts, core_str(sprint), 1, &name, &why),
                     CORE_EMISMATCH);
    assert_int_equal(account_item_change(h->accounts, core_str(item), 7, &title, &why),
                     CORE_EMISMATCH);
    assert_int_equal(account_sprint_remove(h->accounts, core_str(sprint), 1), CORE_EMISMATCH);
    assert_int_equal(account_item_remove(h->accounts, core_str(item), 2), CORE_EMISMATCH);
    assert_int_equal(account_sprint_change(h->accounts, CORE_STR("x"), 1, &name, &why),
                     CORE_ENOTFOUND);
    assert_int_equal(account_item_change(h->accounts, CORE_STR("x"), 1, &title, &why),
                     CORE_ENOTFOUND);
    assert_int_equal(account_sprint_read(h->accounts, core_str(sprint), on_sprint, out), 0);
    assert_string_equal(out, "Two - v2 0/1;");
    assert_int_equal(account_sprint_remove(h->accounts, core_str(sprint), 2), 0);
    assert_int_equal(account_sprint_remove(h->accounts, core_str(sprint), 2), CORE_ENOTFOUND);
    assert_int_equal(account_item_remove(h->accounts, core_str(item), 1), CORE_ENOTFOUND);
}

static void forms_are_checked(void **state)
{
    struct house *h = *state;
    char sprint[CORE_ID_SIZE], item[CORE_ID_SIZE];
    sprint_add(h, "One", sprint);
    item_add(h, sprint, "a", "", item);
    static const struct {
        struct account_item_form form;
        const char *field;
    } cases[] = {
        {{.title = CORE_STR(" ")}, "title"},
        {{.status = CORE_STR("Done")}, "status"},
        {{.starts_on = CORE_STR("2026-02-30")}, "starts_on"},
        {{.ends_on = CORE_STR("2026-2-3")}, "ends_on"},
        {{.starts_on = CORE_STR("2026-02-02"), .ends_on = CORE_STR("2026-02-01")}, "ends_on"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(account_item_change(h->accounts, core_str(item), 1, &cases[i].form, &why),
                         CORE_EINVAL);
        assert_string_equal(why.field, cases[i].field);
    }
    /* Dates that come one after the other. */
    struct account_sprint_form dates = {.ends_on = CORE_STR("2026-02-01")};
    assert_int_equal(account_sprint_change(h->accounts, core_str(sprint), 1, &dates, &why), 0);
    dates = (struct account_sprint_form){.starts_on = CORE_STR("2026-02-02")};
    assert_int_equal(account_sprint_change(h->accounts, core_str(sprint), 2, &dates, &why),
                     CORE_EINVAL);
    assert_string_equal(why.field, "ends_on");
    dates.ends_on = CORE_STR("");
    assert_int_equal(account_sprint_change(h->accounts, core_str(sprint), 2, &dates, &why), 0);
    assert_int_equal(account_item_add(h->accounts, core_str(sprint), &cases[0].form, item, &why),
                     CORE_EINVAL);
    const struct account_item_form good = {.title = CORE_STR("x")};
    assert_int_equal(account_item_add(h->accounts, CORE_STR("none"), &good, item, &why),
                     CORE_ENOTFOUND);
}

static void a_sprint_has_a_most(void **state)
{
    struct house *h = *state;
    char sprint[CORE_ID_SIZE], item[CORE_ID_SIZE];
    const struct account_item_form form = {.title = CORE_STR("x"), .before = CORE_STR("")};
    sprint_add(h, "One", sprint);
    for (unsigned i = 0; i < ACCOUNT_LIMIT_ITEMS; i++)
        item_add(h, sprint, "x", "", item);
    assert_int_equal(account_item_add(h->accounts, core_str(sprint), &form, item, &why),
                     CORE_ELIMIT);
}

static void sprints_come_in_pages(void **state)
{
    struct house *h = *state;
    char ids[3][CORE_ID_SIZE], out[400] = "";
    for (unsigned i = 0; i < 3; i++) {
        helper_wall_shift_ms += 10;
        sprint_add(h, (const char *[]){"a", "b", "c"}[i], ids[i]);
    }
    assert_int_equal(account_sprints(h->accounts, CORE_STR(""), 2, on_sprint, out), 0);
    assert_int_equal(account_sprints(h->accounts, core_str(ids[1]), 2, on_sprint, out), 0);
    assert_string_equal(out, "c - v1 0/0;b - v1 0/0;a - v1 0/0;");
}

#define IN_A_HOUSE(test) cmocka_unit_test_setup_teardown(test, helper_setup, helper_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_A_HOUSE(items_keep_their_order), IN_A_HOUSE(who_saw_an_old_version_is_told),
        IN_A_HOUSE(forms_are_checked),      IN_A_HOUSE(a_sprint_has_a_most),
        IN_A_HOUSE(sprints_come_in_pages),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
