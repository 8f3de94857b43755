/* test_pdf_page.c: pages with the tables as they look and the text as it is read. */
#include "ai/extract/pdf_page.h"

#include "ai/extract/pdf.h"
#include "tests/unit/ai/extract/checks.h"

static void check_page(const char *read, const char *layout, const char *want)
{
    struct core_buf out;
    core_buf_init(&out, 1 << 16);
    ai_pdf_page(core_str(read), core_str(layout), &out);
    assert_string_equal(out.ptr ? out.ptr : "", want);
    core_buf_done(&out);
}

static const char table[] =
    "Invoice\n\n\nPart            Stock   Price\nPump              3   17.50\n"
    "Seal kit for     12    4.00\nthe pres-\nsure pump\nHose              1    "
    "9.00\n\nGoods remain ours.\n";

static void tables_replace_what_is_read(void **state)
{
    (void)state;
    check_page(
        "Invoice\nPart\nPump\nSeal kit for\nthe pressure pump\nHose\n\nStock\n3\n12\n1\n\nPrice\n"
        "17.50\n4.00\n9.00\n\nGoods remain ours.\n",
        table,
        "Invoice\n\n Part            Stock   Price\n Pump              3   17.50\n"
        " Seal kit for     12    4.00\n the pres-\n sure pump\n Hose              1    9.00\n\n"
        "\n\n\nGoods remain ours.\n");
}

/* A letter of the table is not in the page: nothing is put together from both. */
static void what_differs_is_read(void **state)
{
    (void)state;
    static const char read[] =
        "Invoice\nPart\nPump\nHose\n\nStock\n3\n12\n1\n\nPrice\n17.50\n4.00\n9.01\n";
    check_page(read, table,
               "Invoice\nPart\nPump\nHose\n\nStock\n3\n12\n1\n\nPrice\n17.50\n4.00\n9.01\n");
    check_page(read, "",
               "Invoice\nPart\nPump\nHose\n\nStock\n3\n12\n1\n\nPrice\n17.50\n4.00\n9.01\n");
    check_page("", table, "");
}

/* Lines of text in columns are no rows, and a table inside a column is not parted by the other. */
static void columns_of_text(void **state)
{
    (void)state;
    static const char left[] = "the boiler has to be\nserviced once a year\nby a registered\n"
                               "engineer who is on a\nlist of engineers:\n";
    static const char right[] = "tenants pay the rent\non the first day of\neach month, by a\n"
                                "standing order to the\naccount of the house\nso that nobody has\n"
                                "to ask for the money\nor to wait for it.\n";
    static const char layout[] = "the boiler has to be     tenants pay the rent\n"
                                 "serviced once a year     on the first day of\n"
                                 "by a registered          each month, by a\n"
                                 "engineer who is on a     standing order to the\n"
                                 "list of engineers:       account of the house\n"
                                 "Name     Fee    Town     so that nobody has\n"
                                 "Ada       64    Bonn     to ask for the money\n"
                                 "Mia       70    Kiel     or to wait for it.\n";
    struct core_buf read, want;
    core_buf_init(&read, 1 << 12);
    core_buf_init(&want, 1 << 12);
    core_buf_addf(&read, "%sName\n\nAda\nMia\n\nFee\n64\n70\n\nTown\nBonn\nKiel\n\n%s", left,
                  right);
    core_buf_addf(
        &want,
        "%s\n Name     Fee    Town\n Ada       64    Bonn\n Mia       70    Kiel\n\n\n\n\n\n%s",
        left, right);
    check_page(read.ptr, layout, want.ptr);
    core_buf_done(&read);
    core_buf_done(&want);
}

/* Rows stay where a running title or a line of contents would leave. */
static void rows_are_no_titles(void **state)
{
    (void)state;
    struct core_buf read, layout, text;
    struct ai_doc doc;
    core_buf_init(&read, 1 << 12);
    core_buf_init(&layout, 1 << 12);
    core_buf_init(&text, 1 << 12);
    for (unsigned i = 0; i < 5; i++) {
        core_buf_addf(&read, "Part\n\nPrice\n\nPump\n\n1%u.50\n\nHose\n\n4.00\n\f", i);
        core_buf_addf(&layout, "Part     Price\nPump     1%u.50\nHose      4.00\n\f", i);
    }
    ai_doc_init(&doc);
    ai_pdf_join(core_buf_str(&read), core_buf_str(&layout), &text);
    ai_pdf_text(&doc, core_buf_str(&text));
    assert_true(
        core_str_starts(core_buf_str(&doc.text),
                        CORE_STR("Part | Price\nPump | 10.50\nHose | 4.00\n\nPart | Price\n")));
    assert_int_equal(doc.table_count, 5);
    ai_doc_done(&doc);
    core_buf_done(&read);
    core_buf_done(&layout);
    core_buf_done(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tables_replace_what_is_read),
        cmocka_unit_test(what_differs_is_read),
        cmocka_unit_test(columns_of_text),
        cmocka_unit_test(rows_are_no_titles),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
