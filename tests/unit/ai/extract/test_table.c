/* test_table.c: which tables are known to name their columns, and where they end. */
#include "tests/unit/ai/extract/checks.h"
#include "tests/unit/ai/extract/zip_build.h"

#include <stdio.h>

static void check_columns(const char *name, const char *bytes, const char *const *columns,
                          const char *last)
{
    const struct ai_doc *doc = extract(name, core_str(bytes), 0);
    size_t count = 0;
    for (; columns[count]; count++) {
        assert_true(count < doc->table_count);
        assert_true(core_str_eq_c(ai_doc_table_columns(doc, count), columns[count]));
    }
    assert_int_equal(doc->table_count, count);
    if (count > 0) {
        struct core_str text = core_strn(doc->text.ptr, doc->tables[count - 1].end);
        assert_true(core_str_ends(text, core_str(last)));
    }
}
#define COLUMNS(...) ((const char *const[4]){__VA_ARGS__})

static void columns_have_names(void **state)
{
    (void)state;
    check_columns(
        "x.md",
        "| a | *b* |\n|---|---|\n| 1 | 2 |\n| | |\n| 3 | - |\ntext\n\nc | d\n--|--\n5 | 6\n"
        "\n7 | 8\n",
        COLUMNS("a | b", "c | d"), "5 | 6");
    check_columns("x.md", "| a | b |\n| 1 | 2 |\n| - | - |\n\n| |\n|--|\n| 1 | 2 |\n", COLUMNS(),
                  "");
    check_columns("x.html",
                  "<table><tr><th>a<th>b<tr><td>1<td>2</table><p>x</p>"
                  "<table><tr><td><th>c<th>d<tr><th>e<td>4<td>5<tr><td>6<td>7</table>behind",
                  COLUMNS("a | b", "| c | d"), "6 | 7");
    check_columns("x.html", "<table><tr><td>k<td>v<tr><th>k<td>v<tr><th>one</table>", COLUMNS(),
                  "");
    check_columns("x.csv", "City,2021,2022\nBonn,1,2\n\nKiel,3,4\n\nPart,Price\npump,64\n",
                  COLUMNS("City | 2021 | 2022", "Part | Price"), "pump | 64");
    /* No row of names, and rows that cannot be told from one. */
    check_columns("x.csv", "Bonn;€ 17\nKiel;€ 4\n", COLUMNS(), "");
    check_columns("x.csv", "Name,Town\nAda,Bonn\n\nMia,Kiel\n", COLUMNS("Name | Town"),
                  "Mia | Kiel");
}

#define W "xmlns:w='http://schemas.openxmlformats.org/wordprocessingml/2006/main'"
#define CELL(text) "<w:tc><w:p><w:r><w:t>" text "</w:t></w:r></w:p></w:tc>"
#define LOOK(attributes) "<w:tblPr><w:tblLook " attributes "/></w:tblPr>"

/* The columns of one table, given without its element, and its last row when they have names. */
static void check_word_table(const char *rows, const char *const *columns, const char *last)
{
    struct core_buf xml, zip;
    core_buf_init(&xml, 1 << 16);
    core_buf_init(&zip, 1 << 16);
    core_buf_addf(&xml,
                  "<w:document " W "><w:body><w:tbl>%s</w:tbl><w:p><w:r><w:t>End.</w:t></w:r>"
                  "</w:p></w:body></w:document>",
                  rows);
    const struct zip_file file = {"word/document.xml", core_buf_str(&xml)};
    zip_build(&zip, &file, 1);
    const struct ai_doc *doc = extract("x.docx", core_buf_str(&zip), 0);
    assert_int_equal(doc->table_count, columns[0] != NULL);
    if (columns[0]) {
        assert_true(core_str_eq_c(ai_doc_table_columns(doc, 0), columns[0]));
        assert_true(core_str_ends(core_strn(doc->text.ptr, doc->tables[0].end), core_str(last)));
    }
    core_buf_done(&xml);
    core_buf_done(&zip);
}

static void word_columns_have_names(void **state)
{
    (void)state;
    check_word_table("<w:tr><w:trPr><w:tblHeader/></w:trPr>" CELL("k")
                         CELL("v") "</w:tr><w:tr>" CELL("1") CELL("2") "</w:tr>",
                     COLUMNS("k | v"), "1 | 2");
    static const char three[] = "<w:tr>" CELL("a") CELL("b") CELL("c") "</w:tr><w:tr>" CELL("1")
        CELL("x") CELL("y") "</w:tr>";
    char rows[1024];
    snprintf(rows, sizeof rows, LOOK("w:firstRow='1'") "%s", three);
    check_word_table(rows, COLUMNS("a | b | c"), "1 | x | y");
    snprintf(rows, sizeof rows, LOOK("w:val='04A0'") "%s", three);
    check_word_table(rows, COLUMNS("a | b | c"), "1 | x | y");
    snprintf(rows, sizeof rows, LOOK("w:val='0480'") "%s", three);
    check_word_table(rows, COLUMNS(), "");
    /* Names on the left, and a first row that holds a value. */
    check_word_table(LOOK("w:firstRow='1'") "<w:tr>" CELL("CPU") CELL("fast") "</w:tr>", COLUMNS(),
                     "");
    check_word_table(LOOK("w:firstRow='1'") "<w:tr>" CELL("a") CELL("b") CELL("3 kg") "</w:tr>",
                     COLUMNS(), "");
}

/* Content controls and tracked changes stand between a table and its rows and cells. */
static void word_rows_are_wrapped(void **state)
{
    (void)state;
    static const char rows[] = "<w:customXml><w:sdt><w:sdtPr/><w:sdtContent><w:tr>" CELL(
        "Part") CELL("Price")
        CELL("Unit") "</w:tr></w:sdtContent></w:sdt></w:customXml><w:tr><w:sdt><w:sdtContent>" CELL(
            "pump") "</w:sdtContent></w:sdt>" CELL("64") "<w:ins>" CELL("EUR") "</w:ins></w:tr>"
                                                                               "<w:del><w:tr>" CELL(
                                                                                   "old")
                                                                                   CELL(
                                                                                       "1") "</w:tr></w:del>";
    check_word_table(rows, COLUMNS(), "");
    check_word_table("<w:tr><w:sdt><w:sdtContent>" CELL("alone") "</w:sdtContent></w:sdt></w:tr>",
                     COLUMNS(), "");
    char looks[1024];
    snprintf(looks, sizeof looks, LOOK("w:firstRow='1'") "%s", rows);
    check_word_table(looks, COLUMNS("Part | Price | Unit"), "pump | 64 | EUR");
    check_word_table(
        LOOK("w:firstRow='1'") "<w:tr>" CELL("a") CELL("b")
            CELL("c") "</w:tr><w:tr>"
                      "<w:tc><w:tcPr><w:gridSpan w:val='2'/></w:tcPr><w:p><w:r><w:t>Sum</w:t></w:r>"
                      "</w:p></w:tc>" CELL("76") "</w:tr>",
        COLUMNS("a | b | c"), "Sum | | 76");
    /* It says that the row is not repeated on each page. */
    check_word_table("<w:tr><w:trPr><w:tblHeader w:val='0'/></w:trPr>" CELL("k")
                         CELL("v") "</w:tr>",
                     COLUMNS(), "");
}

/* An empty cell keeps its column, and a cell stands in each column and row that it reaches into. */
static void cells_keep_their_columns(void **state)
{
    (void)state;
    check_columns("x.html",
                  "<table><tr><th></th><th>2022</th><th>2023</th></tr><tr><th>Income</th><td>120"
                  "</td><td>130</td></tr><tr><td></td><td>7</td></tr></table>",
                  COLUMNS("| 2022 | 2023"), "Income | 120 | 130\n| 7");
    check_columns("x.html",
                  "<table><thead><tr><th rowspan=2>Town<th colspan=2>People<th rowspan=9>Note"
                  "<tr><th>2022<th>2023<tbody><tr><td rowspan=2>Alba<td>1<td>2<td>x"
                  "<tr><td colspan=2> 3 <td>y<tr><tr><td>Bor<td rowspan=2>4<tr><td>Ceb</table>",
                  COLUMNS("Town | People | | Note", "Town | 2022 | 2023 | Note"),
                  "Alba | 1 | 2 | x\nAlba | 3 | | y\nBor | 4\nCeb | 4");
    /* A picture beside a box. */
    check("x.html",
          "<table><tr><td><img><td>Mind the gap.<tr><td><th>Note<tr><td><td>a<td>b</table>"
          "<table><tr><th><th>Feet<tr><th>Kelm<td>12</table>",
          "Mind the gap.\nNote\n| a | b\n\n| Feet\nKelm | 12");
    char page[1024];
    snprintf(page, sizeof page, "<table><tr><td rowspan=3>%0*d<td>a<tr><td>b<td>c</table>",
             AI_LIMIT_SPANNED_CELL + 1, 7);
    assert_non_null(strstr(extract("x.html", core_str(page), 0)->text.ptr, "7 | a\n| b | c"));
}

/* Whatever it asks for. */
static void spans_are_capped(void **state)
{
    (void)state;
    struct core_buf page;
    core_buf_init(&page, 1u << 20);
    core_buf_add_c(&page, "<table>");
    for (unsigned i = 0; i < 5000; i++)
        core_buf_add_c(&page, "<tr><td colspan=1000 rowspan=1000>wide<td colspan=9999999999>x");
    const struct ai_doc *doc = extract("x.html", core_buf_str(&page), 0);
    assert_true(doc->text.len < 4u << 20);
    core_buf_done(&page);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(columns_have_names),    cmocka_unit_test(word_columns_have_names),
        cmocka_unit_test(word_rows_are_wrapped), cmocka_unit_test(cells_keep_their_columns),
        cmocka_unit_test(spans_are_capped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
