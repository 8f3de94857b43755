/* test_columns.c: what is drawn with spaces is a table, and what only looks like one is not. */
#include "ai/extract/columns.h"

#include "tests/unit/ai/extract/checks.h"

#include <stdio.h>

static void rows(void **state)
{
    (void)state;
    const struct ai_doc *doc = extract(
        "manual.txt",
        CORE_STR("Programmes:\n"
                 "Programme         Temperature   Duration\n"
                 "---------         -----------   --------\n"
                 "Intensive 70          70 C       2 h 35\n"
                 "P\u0159edm\u00fdt\u00ed                          0 h 12\n"
                 "Eco                 45-65 C      1 h 50\n"
                 "Ask for the spare parts list when the machine is older than that, please.\n"),
        0);
    assert_string_equal(
        doc->text.ptr, "Programmes:\n\nProgramme | Temperature | Duration\n"
                       "Intensive 70 | 70 C | 2 h 35\nP\u0159edm\u00fdt\u00ed | | 0 h 12\n"
                       "Eco | 45-65 C | 1 h 50\n\n"
                       "Ask for the spare parts list when the machine is older than that, please.");
    assert_int_equal(doc->table_count, 1);
    assert_true(core_str_eq_c(ai_doc_table_columns(doc, 0), "Programme | Temperature | Duration"));
    check("x.txt",
          "        Monday    Tuesday   Wednesday\n8:00    Maths     English   Maths\n"
          "9:00    Physics             Art\n10:00   Sport     Sport     Music\n",
          "| Monday | Tuesday | Wednesday\n8:00 | Maths | English | Maths\n9:00 | Physics | | Art\n"
          "10:00 | Sport | Sport | Music");
    check("x.txt", "Part\tStock\nPump\t3\nHose\t12\nSeal\t40\n",
          "Part | Stock\nPump | 3\nHose | 12\nSeal | 40");
}

static void a_table_is_named_by_its_file(void **state)
{
    static const char rows[] = "Article        Unit     Price\n"
                               "Linseed oil    litre    14.25\n"
                               "Pine board     m2       19.90\n";
    char text[256];
    (void)state;
    const struct ai_doc *doc = extract("house/prices.txt", core_str(rows), 0);
    assert_int_equal(doc->table_count, 1);
    assert_true(core_str_eq_c(core_buf_str(&doc->title), "prices.txt"));
    snprintf(text, sizeof text, "What things cost\n\n%s", rows);
    doc = extract("house/prices.txt", core_str(text), 0);
    assert_int_equal(doc->table_count, 1);
    assert_true(core_str_eq_c(core_buf_str(&doc->title), "What things cost"));
}

/* Cells of several lines are one, words that are broken in them too; amounts are not. */
static void cells_go_on(void **state)
{
    (void)state;
    check(
        "x.txt",
        "Code   Meaning                Remedy\n"
        "F.22   Low water pressure,    Top up to 1.5 bar, check the pres-\n"
        "       heating circuit        sure after a day\n"
        "F.28   No flame               Press reset\n"
        "                       Net    20.00\n"
        "Deposit of 4 May 2026         11.50\n",
        "Code | Meaning | Remedy\n"
        "F.22 | Low water pressure, heating circuit | Top up to 1.5 bar, check the pressure after a "
        "day\nF.28 | No flame | Press reset\nNet | 20.00\nDeposit of 4 May 2026 | | 11.50");
}

/* Cells in the middle of their rows. */
static void cells_are_centred(void **state)
{
    (void)state;
    check(
        "x.txt",
        "Cover               Limit    Remarks\n"
        "                             Including the search for the leak\n"
        "                             and the repair of the walls that\n"
        "Water damage        20,000\n"
        "                             had to be opened for it, up to the\n"
        "                             limit\n"
        "Fire                80,000   All of it\n"
        "                             Only when locked to a fixed\n"
        "Theft of bicycles   1,500    object between six and ten at\n"
        "                             night\n"
        "                     1,500   99.50\n"
        "                       VAT   11.50\n",
        "Cover | Limit | Remarks\n"
        "Water damage | 20,000 | Including the search for the leak and the repair of the walls that "
        "had to be opened for it, up to the limit\nFire | 80,000 | All of it\n"
        "Theft of bicycles | 1,500 | Only when locked to a fixed object between six and ten at "
        "night\n| 1,500 | 99.50\nVAT | 11.50");
}

static void labels(void **state)
{
    (void)state;
    check("x.txt",
          "Policy number:   AM-4471             Since:   2024\n"
          "Holder:          Julia Weber         Until:   2027\n"
          "Payable:         monthly             By:      debit\n",
          "Policy number: AM-4471 | Since: 2024\nHolder: Julia Weber | Until: 2027\n"
          "Payable: monthly | By: debit");
    check("x.txt",
          "Payable:  in ten instalments of 61.24 pounds, by debit on the 5th of\n"
          "each month\nHolder:   Julia Weber\nSince:    2024\n",
          "Payable: in ten instalments of 61.24 pounds, by debit on the 5th of each month\n"
          "Holder: Julia Weber\nSince: 2024");
}

/* Names that stand closer than their columns. */
static void close_names(void **state)
{
    (void)state;
    const struct ai_doc *doc = extract("x.txt",
                                       CORE_STR("   Programme Time            Water\n"
                                                "   Intensive 70   2 h 35      14 l\n"
                                                "   Auto           1 h 50    9-13 l\n"
                                                "    Eco 50         3 h 55     9.5 l\n"),
                                       0);
    assert_string_equal(doc->text.ptr, "Programme | Time | Water\nIntensive 70 | 2 h 35 | 14 l\n"
                                       "Auto | 1 h 50 | 9-13 l\nEco 50 | 3 h 55 | 9.5 l");
    assert_int_equal(doc->table_count, 1);
}

/* What stands between spaces counts, also where no letter is in it. */
static void names_without_letters(void **state)
{
    (void)state;
    struct core_buf text;
    core_buf_init(&text, 4096);
    core_buf_add_c(&text, "Part Stock ");
    for (unsigned i = 0; i < 40; i++)
        core_buf_add_c(&text, "\xe2\x80\x8b ");
    core_buf_add_c(&text, " Price\npump   12    64.00\nvalve  7     12.50\nhose   300   3.20\n");
    const struct ai_doc *doc = extract("x.txt", core_buf_str(&text), 0);
    assert_non_null(strstr(doc->text.ptr, "valve | 7 | 12.50"));
    core_buf_done(&text);
    doc = extract("x.txt",
                  CORE_STR("Part Stock \xe3\x80\x80 Price  Total\npump   12    64.00    9\n"
                           "valve  7     12.50    8\nhose   300   3.20     7\n"),
                  0);
    assert_non_null(strstr(doc->text.ptr, "Total"));
}

static void no_tables(void **state)
{
    (void)state;
    static const char *const texts[] = {
        /* Running text in columns, */
        "The boiler has to be     Tenants pay the rent\n"
        "serviced once a year     on the first day of\n"
        "by a registered          each month by standing\n"
        "engineer. The book is    order to the account\n",
        /* two addresses, */
        "Harbour Joinery Ltd                    St Mary's School\n"
        "Unit 6, Albert Works                   Redcliffe Parade\n"
        "Bristol BS2 0UU                        Bristol BS1 6QF\n",
        /* code, */
        "int x;        /* foo */\nchar *name;   /* bar */\nlong y;       /* baz */\n",
        /* a list, a table of contents. */
        "1.   Fill the tank\n2.   Start the pump\n3.   Wait for an hour\n",
        "Fill the tank ............   3\nStart the pump ...........   4\nWait ............   5\n",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        const struct ai_doc *doc = extract("x.txt", core_str(texts[i]), 0);
        assert_int_equal(core_str_find(core_buf_str(&doc->text), CORE_STR(" | ")), -1);
    }
}

/* However long, what is no table is looked through once. */
static void long_texts(void **state)
{
    enum { LINES = 40000 };
    (void)state;
    struct core_buf text;
    core_buf_init(&text, LINES * 64);
    for (unsigned i = 0; i < LINES; i++)
        core_buf_addf(&text, "{x%u}   = [%u];   // and so on\n", i % 7, i % 5);
    const struct ai_doc *doc = extract("x.txt", core_buf_str(&text), 0);
    assert_int_equal(core_str_find(core_buf_str(&doc->text), CORE_STR(" | ")), -1);
    core_buf_done(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows),
        cmocka_unit_test(a_table_is_named_by_its_file),
        cmocka_unit_test(cells_go_on),
        cmocka_unit_test(cells_are_centred),
        cmocka_unit_test(labels),
        cmocka_unit_test(close_names),
        cmocka_unit_test(names_without_letters),
        cmocka_unit_test(no_tables),
        cmocka_unit_test(long_texts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
