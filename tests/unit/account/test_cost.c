/* test_cost.c: files of costs are read as they are meant, count once, and can be undone. */
#include "account/room.h"
#include "tests/unit/account/helper.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

/* --- Reading files ---------------------------------------------------------------------------- */

static int on_amount(void *arg, const struct account_cost_row *row)
{
    char *out = arg;
    size_t len = strlen(out);
    snprintf(out + len, 500 - len, "%.*s %.*s %lld %.*s;", CORE_STR_ARG(row->day),
             CORE_STR_ARG(row->service), (long long)row->micro, CORE_STR_ARG(row->currency));
    return 0;
}

/* What is read, or why not. */
static const char *read_file(const char *csv)
{
    static char out[500];
    struct account_cost_why why = {""};
    *out = '\0';
    int err = account__cost_csv(core_str(csv), on_amount, out, &why);
    if (err)
        snprintf(out, sizeof out, "%s", why.text);
    assert_true(!err || err == CORE_EINVAL);
    return out;
}

static void both_shapes_are_read(void **state)
{
    static const char *const cases[][2] = {
        {"date,service,amount,currency\n2026-01-31,S3,0.25,USD\n2026-02-28,\"EC2, small\",-1e1,EUR\n",
         "2026-01-31 S3 250000 USD;2026-02-28 EC2, small -10000000 EUR;"},
        {"Amount,Date,note,Service\n12.3456789,2026-01-31,x,S3\n,2026-01-31,x,S4\n\n",
         "2026-01-31 S3 12345679 USD;"},
        {"\"Service\",\"EC2-Instances($)\",\"S3(EUR)\",\"Total costs($)\"\r\n"
         "\"Service total\",\"31.0\",\"0.5\",\"31.5\"\r\n"
         "\"2024-02-29\",\"1.0000001\",\"\",\"1.25\"\r\n\"2024-03-01\",\"0\",\"3\",\"3\"\r\n",
         "2024-02-29 EC2-Instances 1000000 USD;2024-03-01 EC2-Instances 0 USD;"
         "2024-03-01 S3 3000000 EUR;"},
        {"date,service,amount\n2026-01-31,S3,nan\n", "line 2: the amount must be a number such as "
                                                     "12.50, at most 100000000"},
        {"date,service,amount\n2026-01-31,S3,1e9\n", "line 2: the amount must be a number such as "
                                                     "12.50, at most 100000000"},
        {"date,service,amount\n2025-02-29,S3,1\n",
         "line 2: the date must be a day such as 2026-01-31"},
        {"date,service,amount\n31.1.2026,S3,1\n",
         "line 2: the date must be a day such as 2026-01-31"},
        {"date,service,amount\n2026-01-31,,1\n",
         "line 2: the service must be text of at most 256 bytes"},
        {"date,service,amount\n2026-01-31,\xff,1\n",
         "line 2: the service must be text of at most 256 bytes"},
        {"date,service,amount,currency\n2026-01-31,S3,1,usd\n",
         "line 2: the currency must have three letters, such as USD"},
        {"date,service,amount\n2026-01-31,S3\n", "line 2: there are fewer fields than columns"},
        {"date,service,amount\n2026-01-31,S3,1,2", "line 2: there are more fields than columns"},
        {"date,service,amount,amount\n",
         "line 1: date, service and amount must each be one column"},
        {"date,amount\n2026-01-31,1\n", "line 1: date, service and amount must each be one column"},
        {"date,service,amount\n", "line 2: there is no amount in the file"},
        {"date,service,amount\n2026-01-31,\"S3,1\n",
         "line 2: this is not CSV: look at the quotation marks"},
        {"", "line 1: the first line must name the columns: date, service, amount, currency; or a "
             "table with a column for each service"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_string_equal(read_file(cases[i][0]), cases[i][1]);
}

/* --- Importing -------------------------------------------------------------------------------- */

static const struct account owner = {.id = "owner", .name = "Owner", .role = "owner"};

static int import(struct house *h, const char *csv, char id[static CORE_ID_SIZE])
{
    struct account_cost_why why = {""};
    return account_costs_import(h->accounts, &owner, CORE_STR("a.csv"), core_str(csv), id, &why);
}

static const char *counted(struct house *h, const char *from)
{
    static char out[500];
    const struct account_cost_row start = {
        .day = CORE_STR(""), .service = CORE_STR(""), .currency = CORE_STR("")};
    *out = '\0';
    assert_int_equal(account_costs(h->accounts, core_str(from), &start, 100, on_amount, out), 0);
    return out;
}

static void the_last_import_counts(void **state)
{
    struct house *h = *state;
    char first[CORE_ID_SIZE], second[CORE_ID_SIZE];
    const char *csv = "date,service,amount\n2026-01-01,A,1\n2026-01-01,A,2\n2026-01-02,B,5\n";
    assert_int_equal(import(h, csv, first), 0);
    assert_string_equal(counted(h, ""), "2026-01-01 A 3000000 USD;2026-01-02 B 5000000 USD;");
    assert_int_equal(import(h, csv, second), 0);
    assert_string_equal(counted(h, ""), "2026-01-01 A 3000000 USD;2026-01-02 B 5000000 USD;");
    assert_int_equal(account_costs_undo(h->accounts, core_str(first)), CORE_EMISMATCH);
    assert_int_equal(import(h, "date,service,amount\n2026-01-02,B,7\n2026-01-03,C,1\n", second), 0);
    assert_string_equal(counted(h, "2026-01-02"),
                        "2026-01-02 B 7000000 USD;2026-01-03 C 1000000 USD;");
    assert_int_equal(account_costs_undo(h->accounts, core_str(second)), 0);
    assert_string_equal(counted(h, "2026-01-02"), "2026-01-02 B 5000000 USD;");
    assert_int_equal(account_costs_undo(h->accounts, core_str(second)), CORE_ENOTFOUND);
}

static void a_bad_file_leaves_nothing(void **state)
{
    struct house *h = *state;
    char id[CORE_ID_SIZE];
    int64_t count;
    assert_int_equal(import(h, "date,service,amount\n2026-01-01,A,1\n2026-01-02,B,x\n", id),
                     CORE_EINVAL);
    assert_string_equal(counted(h, ""), "");
    assert_int_equal(store_read_i64(h->store, "SELECT COUNT(*) FROM cost_import", NULL, 0, &count),
                     0);
    assert_int_equal(count, 0);
}

static void pages_meet(void **state)
{
    struct house *h = *state;
    char id[CORE_ID_SIZE], out[500] = "";
    const char *csv = "date,service,amount,currency\n2026-01-01,A,1,EUR\n2026-01-01,A,2,USD\n"
                      "2026-01-01,B,3,USD\n2026-01-02,A,4,USD\n";
    assert_int_equal(import(h, csv, id), 0);
    const struct account_cost_row after = {
        .day = CORE_STR("2026-01-01"), .service = CORE_STR("A"), .currency = CORE_STR("EUR")};
    assert_int_equal(account_costs(h->accounts, CORE_STR(""), &after, 2, on_amount, out), 0);
    assert_string_equal(out, "2026-01-01 A 2000000 USD;2026-01-01 B 3000000 USD;");
}

static int on_import(void *arg, const struct account_cost_import *import)
{
    char *out = arg;
    size_t len = strlen(out);
    snprintf(out + len, 200 - len, "%.*s %lld %.*s %.*s %d;", CORE_STR_ARG(import->name),
             (long long)import->rows, CORE_STR_ARG(import->first_on), CORE_STR_ARG(import->last_on),
             import->newest);
    return 0;
}

static void imports_are_listed(void **state)
{
    struct house *h = *state;
    char id[CORE_ID_SIZE], out[200] = "";
    assert_int_equal(import(h, "date,service,amount\n2026-01-05,A,1\n2026-01-01,A,1\n", id), 0);
    assert_int_equal(import(h, "date,service,amount\n2026-02-05,A,1\n", id), 0);
    assert_int_equal(account_cost_imports(h->accounts, CORE_STR(""), 10, on_import, out), 0);
    assert_string_equal(out, "a.csv 1 2026-02-05 2026-02-05 1;a.csv 2 2026-01-01 2026-01-05 0;");
    *out = '\0';
    assert_int_equal(account_cost_imports(h->accounts, core_str(id), 1, on_import, out), 0);
    assert_string_equal(out, "a.csv 1 2026-02-05 2026-02-05 1;");
}

static void too_many_rows_are_refused(void **state)
{
    struct house *h = *state;
    char id[CORE_ID_SIZE];
    struct account_cost_why why = {""};
    struct core_buf b;
    core_buf_init(&b, ACCOUNT_LIMIT_COST_FILE);
    core_buf_add_c(&b, "date,service,amount\n");
    for (unsigned i = 0; i < ACCOUNT_LIMIT_COST_ROWS; i++)
        core_buf_addf(&b, "2026-01-01,S%u,1\n", i);
    assert_int_equal(
        account_costs_import(h->accounts, &owner, CORE_STR(""), core_buf_str(&b), id, &why), 0);
    core_buf_add_c(&b, "2026-01-01,S,1\n");
    assert_int_equal(
        account_costs_import(h->accounts, &owner, CORE_STR(""), core_buf_str(&b), id, &why),
        CORE_ETOOBIG);
    assert_non_null(strstr(why.text, "in parts"));
    core_buf_done(&b);
}

#define IN_A_HOUSE(test) cmocka_unit_test_setup_teardown(test, helper_setup, helper_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_shapes_are_read), IN_A_HOUSE(the_last_import_counts),
        IN_A_HOUSE(a_bad_file_leaves_nothing),  IN_A_HOUSE(pages_meet),
        IN_A_HOUSE(imports_are_listed),         IN_A_HOUSE(too_many_rows_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
