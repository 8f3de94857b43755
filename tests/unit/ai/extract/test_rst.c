/* test_rst.c: reStructuredText as the reader of the page sees it. */
#include "tests/unit/ai/extract/checks.h"

static void headings(void **state)
{
    (void)state;
    const struct ai_doc *doc = extract(
        "guide.rst",
        CORE_STR(
            ".. _top:\n\n=========\n The *Pump*\n=========\n\nIntro.\n\nParts\n-----\nText,\nin two "
            "lines.\n\nFilter\n~~~~~~\n\nFine.\n\nPrices\n-----\n\nLow...\n\n----\n\nEnd\n...\n"),
        0);
    assert_string_equal(doc->text.ptr,
                        "The Pump\n\nIntro.\n\nParts\n\nText, in two lines.\n\nFilter\n\n"
                        "Fine.\n\nPrices\n\nLow...\n\nEnd");
    assert_string_equal(doc->title.ptr, "The Pump");
    assert_string_equal(ai_doc_mime(doc->kind), "text/x-rst");
    check_heading(doc, 0, 1, "The Pump");
    check_heading(doc, 1, 2, "Parts");
    check_heading(doc, 2, 3, "Filter");
    check_heading(doc, 3, 2, "Prices");
}

static void inline_marks(void **state)
{
    (void)state;
    check(
        "x.rst",
        "A *soft* and **hard** ``li*t_eral`` with :ref:`the text <target>`, :func:`~os.path`,\n"
        "`a page <http://x/y>`_, `other`__, word_ and snake_case, |name|_ 2*3*4, [1]_ and [x],\n"
        "\\*kept\\*, a _`target`, an open *mark and `tick at 10:30:00.\n",
        "A soft and hard li*t_eral with the text, os.path, a page, other, word and snake_case, name "
        "2*3*4, [1] and [x], *kept*, a target, an open *mark and `tick at 10:30:00.");
}

static void blocks(void **state)
{
    (void)state;
    check(
        "x.rst",
        "- one\n  goes on\n\n  second of it\n\n  - deep\n- two\n\n#. three\n4) four\n\nterm\n   Its text,\n"
        "   in two lines.\n\n   More.\n\n-a, --all  All of it,\n           really.\n-b         Bare.\n\n"
        ":Author: Ada\n:Date: today\n\n| a verse\n| of two lines\n\nPlain.\n",
        "- one goes on\n  second of it\n  - deep\n- two\n- three\n4) four\n\nterm\n  Its text, in two lines.\n"
        "  More.\n\n-a, --all\n  All of it, really.\n\n-b\n  Bare.\n\nAuthor: Ada\nDate: today\n"
        "a verse\nof two lines\n\nPlain.");
    check(
        "x.rst",
        "Run::\n\n    sky *serve*\n\n      deeper\n    end\n\nand ::\n\n  more\n\n- in a list::\n\n"
        "    code\n\n  text\n\n::\n\n  alone\n\n>>> 1 + 1\n2\n\nBack.\n",
        "Run:\n\n    sky *serve*\n\n      deeper\n    end\n\nand\n\n    more\n\n- in a list:\n\n    code\n\n"
        "  text\n\n    alone\n\n    >>> 1 + 1\n    2\n\nBack.");
}

static void directives(void **state)
{
    (void)state;
    check(
        "x.rst",
        ".. a comment\n   of two lines\n\n   and more\n\n..\n   another\n\n.. toctree::\n   :maxdepth: 2\n\n"
        "   page\n\n.. image:: x.png\n   :alt: never\n\n.. note:: Mind\n   the gap.\n   :class: x\n\n   "
        "Really.\n\n.. warning::\n\n   Hot.\n\n.. code-block:: c\n   :linenos:\n\n   int x;\n\n     y;\n\n"
        ".. figure:: x.png\n   :width: 3\n\n   The caption.\n\n.. versionadded:: 3.2\n   The flag.\n\n"
        ".. |s| replace:: never\n.. _t: http://x\n__ http://y\n.. [1] The footnote,\n   in two lines.\n\nEnd.\n",
        "Mind the gap.\n\nReally.\n\nHot.\n\n    int x;\n\n      y;\n\nThe caption.\n\n"
        "Added in version 3.2 The flag.\n\n[1] The footnote, in two lines.\n\nEnd.");
    check(
        "x.rst",
        ".. py:function:: open(path, *, mode_)\n   :noindex:\n\n   Opens it.\n\n   :param path: the file\n"
        "   :returns: a number\n\n.. option:: -v\n\n   Says more.\n\nAfter.\n",
        "open(path, *, mode_)\n  Opens it.\n  param path: the file\n  returns: a number\n\n-v\n  Says more.\n\nAfter.");
}

/* What looks like something that is not shown, and is. */
static void kept(void **state)
{
    (void)state;
    check("x.rst", "..\n\n   In a block.\n\nAfter.\n", "In a block.\n\nAfter.");
    check("x.rst", ".. my_note:: Careful\n\n   It bites.\n", "Careful\n\nIt bites.");
    check("x.rst", ".. math:: a = b\n\nThe name __init__ and _x.\n",
          "    a = b\n\nThe name __init__ and _x.");
    check("x.rst", "+---+----+\n| a | -- |\n+---+----+\n| b | 2  |\n\nOpen.\n",
          "a | --\nb | 2\n\nOpen.");
}

/* However often a mark begins. */
static void marks_without_end(void **state)
{
    (void)state;
    struct core_buf text;
    core_buf_init(&text, 1u << 20);
    for (unsigned i = 0; i < 100000; i++)
        core_buf_add_c(&text, i % 2 ? ":a+" : "_");
    for (unsigned i = 0; i < 100000; i++)
        core_buf_add_c(&text, i < 50000 ? ":a+" : "_");
    (void)extract("x.rst", core_buf_str(&text), 0);
    core_buf_done(&text);
}

static void tables(void **state)
{
    (void)state;
    const struct ai_doc *doc = extract(
        "x.rst",
        CORE_STR(
            "Before:\n\n+------+--------+\n| Part | Price  |\n+======+========+\n| p\u016fl | 64     |\n"
            "| **x**| euros  |\n+------+--------+\n|      | 21     |\n+------+--------+\n\n"
            "=====  =====  ====\nPart   Price  Note\n=====  =====  ====\np\u016flka  64     `a`\n"
            "              more\nfilter 21\n=====  =====  ====\n\n== ==\n1  2\n== ==\n\n== ==\nopen\n"),
        0);
    assert_string_equal(
        doc->text.ptr,
        "Before:\n\nPart | Price\np\u016fl x | 64 euros\n| 21\n\nPart | Price | Note\n"
        "p\u016flka | 64 | a more\nfilter | 21\n\n1 | 2\n\n== == open");
    assert_int_equal(doc->table_count, 2);
    assert_true(core_str_eq_c(ai_doc_table_columns(doc, 0), "Part | Price"));
    assert_true(core_str_eq_c(ai_doc_table_columns(doc, 1), "Part | Price | Note"));
}

static void tables_with_spans(void **state)
{
    (void)state;
    const struct ai_doc *doc = extract(
        "x.rst",
        CORE_STR("+-----------+---+\n| Head      | N |\n+-----+-----+---+\n| a   | b   |   |\n"
                 "+=====+=====+===+\n| c   | x|y | 1 |\n|     +-----+---+\n| d   | z   | \u00fc |\n"
                 "+-----+-----+   |\n| two cells |   |\n+-----------+---+\n\n"
                 "+---+----+\n| e +----+\n|   | 9 |\n+---+----+\n"),
        0);
    assert_string_equal(doc->text.ptr,
                        "Head | | N\na | b\nc | x|y | 1\nc d | z | \u00fc\ntwo cells | | \u00fc\n\n"
                        "e\ne | 9");
    assert_true(core_str_eq_c(ai_doc_table_columns(doc, 0), "a | b"));
}

static void tables_of_fields(void **state)
{
    (void)state;
    const struct ai_doc *doc = extract(
        "x.rst",
        CORE_STR(
            ".. csv-table:: Prices\n   :header: \"Part\", \"*Price*\"\n   :widths: 1, 2\n\n"
            "   \"pump, big\", 64\n   hose,\n   , 9\n\n   \"in two\n   lines\",``x``\n\n"
            "After.\n\n.. csv-table::\n   :header-rows: 1\n   :delim: ;\n\n   k;v\n   1,5;2\n"),
        0);
    assert_string_equal(doc->text.ptr,
                        "Prices\n\nPart | Price\npump, big | 64\nhose\n| 9\nin two lines | x\n\n"
                        "After.\n\nk | v\n1,5 | 2");
    assert_int_equal(doc->table_count, 2);
    assert_true(core_str_eq_c(ai_doc_table_columns(doc, 0), "Part | Price"));
    assert_true(core_str_eq_c(ai_doc_table_columns(doc, 1), "k | v"));
}

static void names_are_replaced(void **state)
{
    (void)state;
    check("x.rst",
          "Pump |v|\n========\n\nUse |v|_ or |other|, |a b|.\n\n.. |v| replace:: *3.2* |w|\n"
          ".. |a b| replace::\n   two\n   lines\n.. |w| image:: x.png\n.. |v| replace:: never\n\n"
          "+-----+---+\n| |v| | x |\n+-----+---+\n",
          "Pump 3.2 w\n\nUse 3.2 w or other, two lines.\n\n3.2 w | x");
    struct core_buf text;
    core_buf_init(&text, 1u << 20);
    core_buf_add_c(&text, "|n1| |n9999|\n\n");
    for (unsigned i = 0; i < 10000; i++)
        core_buf_addf(&text, ".. |n%u| replace:: text%u\n", i, i);
    assert_string_equal(extract("x.rst", core_buf_str(&text), 0)->text.ptr, "text1 n9999");
    core_buf_done(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(headings),
        cmocka_unit_test(inline_marks),
        cmocka_unit_test(blocks),
        cmocka_unit_test(directives),
        cmocka_unit_test(tables),
        cmocka_unit_test(tables_with_spans),
        cmocka_unit_test(tables_of_fields),
        cmocka_unit_test(names_are_replaced),
        cmocka_unit_test(kept),
        cmocka_unit_test(marks_without_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
