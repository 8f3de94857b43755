/* test_extract.c: each format from bytes to stored text, and what is refused. */
#include "ai/extract/extract.h"

#include "ai/extract/pdf.h"
#include "ai/extract/roff.h"
#include "core/err.h"
#include "tests/unit/ai/extract/checks.h"
#include "tests/unit/ai/extract/zip_build.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <zlib.h>

static bool installed(const char *program)
{
    const char *paths = getenv("PATH");
    struct core_str rest = core_str(paths ? paths : "");
    struct core_str folder;
    while (core_str_split(&rest, ':', &folder)) {
        char path[4096];
        snprintf(path, sizeof path, "%.*s/%s", CORE_STR_ARG(folder), program);
        if (access(path, X_OK) == 0)
            return true;
    }
    return false;
}

static void html(void **state)
{
    (void)state;
    const struct ai_doc *doc;
    check(
        "x.html",
        "<html><head><title> A  title </title><style>p{}</style></head><body>"
        "<nav><ul><li><a href='/'>Home</a></ul></nav><header><a href=/>Logo</a></header>"
        "<h1>One<a class=headerlink href=#o>\xc2\xb6</a></h1><p>First&nbsp;par\nagraph &amp; more."
        "<script>alert(1)</script></p><ul><li>item <b>bold</b><ul><li>deep</ul><li>two<p>par</ul>"
        "<ol start=3><li>three</ol><dl><dt>-a<dt>--all<dd>All of it.<p>Really.</dl>"
        "<table><tr><th>k<th>v<tr><td>port<td>8080<td></table><pre>\n a = 1\n\n\tb</pre>"
        "<div hidden>secret</div><footer>(c)</footer></body></html>",
        "One\n\nFirst par agraph & more.\n\n- item bold\n  - deep\n- two\n  par\n\n3. three\n\n"
        "-a, --all\n  All of it.\n  Really.\n\nk | v\nport | 8080\n\n     a = 1\n\n            b");
    doc = extract("x", CORE_STR("<!DOCTYPE html><title>T</title><h2>Head</h2>text"), 0);
    assert_string_equal(doc->title.ptr, "T");
    assert_string_equal(ai_doc_mime(doc->kind), "text/html");
    check_heading(doc, 0, 2, "Head");
    doc = extract("x.html",
                  CORE_STR("<body><main><p>Only this counts, as long as it is long enough "
                           "to be what the page is about; a main element that a script "
                           "fills later would be shorter than two hundred bytes of text, and "
                           "then the whole page would be read.</p></main><p>not this</p>"),
                  0);
    assert_null(strstr(doc->text.ptr, "not this"));
}

static void html_is_deep(void **state)
{
    (void)state;
    struct core_buf page;
    core_buf_init(&page, 4 << 20);
    for (unsigned i = 0; i < 4000; i++)
        core_buf_add_c(&page, "<div><ul><li>");
    core_buf_add_c(&page, "bottom");
    extract("deep.html", core_buf_str(&page), 0);
    core_buf_clear(&page);
    for (unsigned i = 0; i < 2000; i++)
        core_buf_add_c(&page, "<table><tr><td>");
    core_buf_add_c(&page, "bottom");
    const struct ai_doc *doc = extract("deep.html", core_buf_str(&page), 0);
    assert_non_null(strstr(doc->text.ptr, "bottom"));
    core_buf_done(&page);
}

static void markdown(void **state)
{
    (void)state;
    check(
        "x.md",
        "---\ntitle: \"From the front\"\n---\n# Head *one* #\n\nText with **bold**, `co_de*`, a\n"
        "[link](http://x/(y)) and ![pic](p.png) snake_case \\*kept\\* &lt;b&gt; <br> <http://a.b>\n\n"
        "Sub\n---\n\n* a\n  goes on\n  1. deep\n* b\n\nPara at margin.\n\n"
        "| a | b |\n|---|:-:|\n| 1 | 2 |\n\n```c\nint *x;\n# no heading\n```\n\n> quoted\n\n"
        "[ref]: http://x\n",
        "Head one\n\nText with bold, co_de*, a link and pic snake_case *kept* <b> <http://a.b>\n\n"
        "Sub\n\n- a goes on\n  1. deep\n- b\n\nPara at margin.\n\na | b\n1 | 2\n\n    int *x;\n"
        "    # no heading\n\nquoted");
    check("x.md", "a <!-- b --> c\n\n<!-- one\n```\n# no\n--> d\n\n```\n<!-- kept\n```\ne\n",
          "a c\n\nd\n\n    <!-- kept\n\ne");
    check("x.md", "Part | Price\n--- | --:\nPump | 64\nFilter | 21\n\na | b\nc\n\n# H\nd | e\n",
          "Part | Price\nPump | 64\nFilter | 21\n\na | b c\n\nH\n\nd | e");
    check("x.md", "See there[^1] and [^a-z].\n\n[^1]: In German.\n[10:30]: the code is 4417",
          "See there and [^a-z].\n\nIn German. [10:30]: the code is 4417");
    check("x.md", "[r]: http://x \"title\"\n[10:30]: the code is 4417\n",
          "[10:30]: the code is 4417");
    const struct ai_doc *doc = extract("x.md", CORE_STR("# Head\n\nx\n\n## Sub ##\n\ny\n"), 0);
    assert_string_equal(doc->title.ptr, "Head");
    check_heading(doc, 0, 1, "Head");
    check_heading(doc, 1, 2, "Sub");
}

/* Signs that emphasise nothing say something. */
static void markdown_signs(void **state)
{
    (void)state;
    check("x.md", "It is 5*3 metres, a 4* hotel is 2 * 3; 7*8*9, x**2 + y**2, f(**kw) or a**b.\n",
          "It is 5*3 metres, a 4* hotel is 2 * 3; 7*8*9, x**2 + y**2, f(**kw) or a**b.");
    check("x.md",
          "*One* and **two *in* it**, ***three***, **P**ortable _a b_ ~~old~~ ~5, **N.** *e*.",
          "One and two in it, three, Portable a b old ~5, N. e.");
    check("x.md", "*.conf and a.*b and /usr/* (*) snake_case_name __main, *open `*` \\* end",
          "*.conf and a.*b and /usr/* (*) snake_case_name __main, *open * * end");
    check("x.md", "(**[a](b)**), \"*\" and \"*\", \u2014*c*\u2014",
          "(a), \"*\" and \"*\", \u2014c\u2014");
    check("x.md", "*a *b* and **** or ``never `\n", "*a b and **** or ``never `");
    check("x.md", "| a | b |\n|---|---|\n| `x\\|y` | 5*3 \\| 2 |\n|| c\\||\n",
          "a | b\nx|y | 5*3 | 2\n| c|");
    struct core_buf text;
    core_buf_init(&text, 4u << 20);
    for (unsigned i = 0; i < 1u << 20; i++)
        core_buf_add_byte(&text, i % 8 ? '*' : ' ');
    for (unsigned i = 0; i < 1u << 20; i++)
        core_buf_add_byte(&text, i < 1u << 19 ? "*`"[i >> 18] : " **a_`~~"[i % 8]);
    extract("x.md", core_buf_str(&text), 0);
    core_buf_done(&text);
}

static void plain_text(void **state)
{
    (void)state;
    check(
        "x.txt",
        "The Title\r\n=========\r\n\r\nThis paragraph is wrapped by its author at some\r\n"
        "column, as people did, with a hy-\r\nphen too.\r\n\r\n  * item one that is long enough to\r\n"
        "    be wrapped\r\n  * two\r\n\r\n--verbose\r\n    Says more while it works on the files.\r\n\r\n"
        "name     value\r\nport     8080\r\n\r\nfor (;;) {\r\n  x = y;\r\n}\r\n\r\n2.1 Numbered part\r\n\r\nEnd.",
        "The Title\n\nThis paragraph is wrapped by its author at some column, as people did, with a "
        "hy-phen too.\n\n- item one that is long enough to be wrapped\n- two\n\n--verbose\n"
        "  Says more while it works on the files.\n\n    name     value\n    port     8080\n\n"
        "    for (;;) {\n      x = y;\n    }\n\n2.1 Numbered part\n\nEnd.");
    const struct ai_doc *doc = extract("x.txt", CORE_STR("A\n1\n\nSECTION TWO\n\ntext here.\n"), 0);
    assert_int_equal(doc->heading_count, 1);
    check_heading(doc, 0, 1, "SECTION TWO");
    doc = extract("x.txt",
                  CORE_STR("\u00a7 2 Ort\nIn Bonn.\n\n\u00a7 5 Kaution\nDer Mieter zahlt sie.\n\n"
                           "\u00a7 5 Abs. 2 gilt entsprechend f\u00fcr alle anderen\nMieter.\n"),
                  0);
    assert_int_equal(doc->heading_count, 2);
    check_heading(doc, 0, 1, "\u00a7 2 Ort");
    check_heading(doc, 1, 1, "\u00a7 5 Kaution");
    /* A table of contents makes no headings. */
    doc = extract(
        "x.txt",
        CORE_STR("1. One\n\n2. Two\n\n3. Three\n\n1. One\n\nText of one.\n\n2. Two\n\nText.\n"), 0);
    assert_int_equal(doc->heading_count, 2);
}

/* A contract, a diary, the head of a letter: wrapped under the second word, or not at all. */
static void paragraphs_of_text(void **state)
{
    (void)state;
    check(
        "x.txt",
        "2.1 The rent is to be paid on the first working day of each month in\n"
        "    advance, without any deduction.\n"
        "2.2 The deposit is 400 pounds.\n"
        "2.3 Repairs that cost less than 50 pounds are paid for by the tenant, all\n"
        "    others by the landlord.\n",
        "2.1 The rent is to be paid on the first working day of each month in advance, without any "
        "deduction.\n2.2 The deposit is 400 pounds.\n2.3 Repairs that cost less than 50 pounds are "
        "paid for by the tenant, all others by the landlord.");
    check(
        "x.txt",
        "Eye doctor on the market square. Glasses needed: left one, right half,\n"
        "  and for reading two of both. New frames.\n\nNext.\n",
        "Eye doctor on the market square. Glasses needed: left one, right half, and for reading two of "
        "both. New frames.\n\nNext.");
    /* A term is no line that goes on. */
    check(
        "x.txt",
        "--check-all-of-the-files-that-there-are-or-may-be\n"
        "    Looks at every file of the folder, one after the other, and at their\n"
        "    sums.\n",
        "--check-all-of-the-files-that-there-are-or-may-be\n  Looks at every file of the folder, one "
        "after the other, and at their sums.");
    check("x.txt",
          "Order number 88-1406, with our best thanks for it\nCustomer number: 50442\n"
          "Handled by: sales, who are there from eight to five\n",
          "Order number 88-1406, with our best thanks for it\nCustomer number: 50442\n"
          "Handled by: sales, who are there from eight to five");
    check("x.txt",
          "It costs so much that nobody wants it any more: for\nversion 3.5 files it is half.\n",
          "It costs so much that nobody wants it any more: for version 3.5 files it is half.");
    /* Notes: each line says something of its own. */
    check(
        "x.txt",
        "Excess: 250 GBP for each claim; 1,000 GBP for subsidence\n"
        "Single articles above 1,500 GBP have to be named in the schedule\nPets are not covered\n",
        "Excess: 250 GBP for each claim; 1,000 GBP for subsidence\n"
        "Single articles above 1,500 GBP have to be named in the schedule\nPets are not covered");
    check("x.txt", "300 Mbit/s down\nSupport line 01706 902 001\nContract until May 2027\n",
          "300 Mbit/s down\nSupport line 01706 902 001\nContract until May 2027");
    check("x.txt",
          "Router: Fritz, address 192.168.178.1\n"
          "Provider: Zen, contract until 31 January 2028, 46.99 a month, 300 Mbit/s down\n"
          "Support line 01706 902 001, customer number Z-330918\nPrinter: Brother\n",
          "Router: Fritz, address 192.168.178.1\n"
          "Provider: Zen, contract until 31 January 2028, 46.99 a month, 300 Mbit/s down\n"
          "Support line 01706 902 001, customer number Z-330918\nPrinter: Brother");
    /* Wrapped, though a capital begins each line. */
    check("x.txt",
          "Der Verein stellt die Boote und die Ruder, und jeder\n"
          "Benutzer hat sie nach der Fahrt zu reinigen und den\n"
          "Schaden zu melden.\n",
          "Der Verein stellt die Boote und die Ruder, und jeder Benutzer hat sie nach der Fahrt zu "
          "reinigen und den Schaden zu melden.");
}

static void csv(void **state)
{
    (void)state;
    check(
        "x.csv",
        "name,room,since\r\n\"Garcia, \"\"Mia\"\"\",3.01,2015\r\nAda,,\r\n\r\n\"two\nlines\",1,2\n",
        "name | room | since\nGarcia, \"Mia\" | 3.01 | 2015\nAda\n\ntwo lines | 1 | 2");
    check("x.CSV", "Article;Price\nOak, 20 mm;48,50\nPine, 20 mm;19,90\n",
          "Article | Price\nOak, 20 mm | 48,50\nPine, 20 mm | 19,90");
    check("x.csv", "sep=|\na|b\n1|2\n", "a | b\n1 | 2");
    check("x.tsv", "month\trevenue\nMay\t41,200\n", "month | revenue\nMay | 41,200");
    /* Never ends, and no table at all: read as it stands. */
    check("x.csv", "a,b\n\"1,2\n3,4", "a | b\n1,2 3,4");
    check("x.csv", "one word\nand another\n", "one word and another");
    check("x.csv", "||\n|a|b\n", "| a | b");
    const struct ai_doc *doc = extract("list/prices.csv", CORE_STR("a,b\n1,2\n"), 0);
    assert_string_equal(doc->title.ptr, "prices.csv");
    assert_string_equal(ai_doc_mime(doc->kind), "text/csv");
}

static const char page[] =
    ".\\\" a comment\n.TH LS 1 2020 GNU \"User Commands\"\n.SH NAME\n"
    "ls \\- list directory contents\n.SH OPTIONS\n.TP\n\\fB\\-a\\fR, \\fB\\-\\-all\\fR\n"
    "do not ignore entries starting with .\n.so /etc/passwd\n.SH AUTHOR\nSomebody.\n";

static void manual_page(void **state)
{
    (void)state;
    if (!installed("mandoc"))
        skip();
    const struct ai_doc *doc = extract("man1/ls.1", core_str(page), 0);
    assert_string_equal(doc->text.ptr,
                        "NAME\n\nls - list directory contents\n\nOPTIONS\n\n-a, --all\n"
                        "  do not ignore entries starting with .\n\nAUTHOR\n\nSomebody.");
    assert_string_equal(doc->title.ptr, "ls - list directory contents");
    assert_string_equal(ai_doc_mime(doc->kind), "text/troff");
    check_heading(doc, 1, 1, "OPTIONS");
    doc = extract("man1/x.1", CORE_STR("'\\\" t\n.so man1/ls.1\n"), 0);
    assert_int_equal(doc->kind, AI_DOC_ROFF_ALIAS);
    assert_string_equal(doc->text.ptr, "man1/ls.1");
}

static void roff_without_formatter(void **state)
{
    (void)state;
    check(
        "paper.ms",
        ".TL\nA \\fIPaper\\fP\n.NH 1\nStart\n.PP\nText \\(em with \\*(xx signs\\s-2 \\e and\n.B bold words\n"
        "to read.\n.de XX\nnothing\n..\n.IP \\(bu\nitem text\n.DS\n  code \\-x\n.DE\n.PP\nLast\\c\n",
        "A Paper\n\nStart\n\nText \u2014 with signs \\ and bold words to read.\n\n- item text\n\n"
        "      code -x\n\nLast");
    struct ai_doc doc;
    ai_doc_init(&doc);
    ai_roff_plain(&doc, core_str(page));
    assert_non_null(strstr(doc.text.ptr, "ls - list directory contents"));
    assert_null(strstr(doc.text.ptr, "passwd"));
    ai_doc_done(&doc);
}

static void compressed(void **state)
{
    (void)state;
    char bytes[4096];
    struct core_str text = CORE_STR("# Packed\n\nInside.\n");
    z_stream z = {.next_in = (unsigned char *)(uintptr_t)text.ptr, .avail_in = (unsigned)text.len};
    z.next_out = (unsigned char *)bytes;
    z.avail_out = sizeof bytes;
    assert_int_equal(deflateInit2(&z, 9, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY), Z_OK);
    assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
    size_t len = sizeof bytes - z.avail_out;
    deflateEnd(&z);
    const struct ai_doc *doc = extract("x.md.gz", core_strn(bytes, len), 0);
    assert_string_equal(doc->text.ptr, "Packed\n\nInside.");
    for (size_t cut = 2; cut < len; cut++)
        extract("x.md.gz", core_strn(bytes, cut), CORE_ECORRUPT);
    /* Two members follow each other; a bomb is stopped at the cap. */
    memcpy(bytes + len, bytes, len);
    doc = extract("x.md.gz", core_strn(bytes, 2 * len), 0);
    assert_string_equal(doc->text.ptr, "Packed\n\nInside.\n\nPacked\n\nInside.");
    size_t bomb_size = 200 << 10;
    char *bomb = malloc(bomb_size);
    char *zeros = calloc(1, 1 << 20);
    assert_non_null(bomb);
    assert_non_null(zeros);
    memset(&z, 0, sizeof z);
    assert_int_equal(deflateInit2(&z, 9, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY), Z_OK);
    z.next_out = (unsigned char *)bomb;
    z.avail_out = (unsigned)bomb_size;
    for (unsigned mb = 0; mb < 80; mb++) {
        z.next_in = (unsigned char *)zeros;
        z.avail_in = 1 << 20;
        assert_int_equal(deflate(&z, mb == 79 ? Z_FINISH : Z_NO_FLUSH),
                         mb == 79 ? Z_STREAM_END : Z_OK);
    }
    deflateEnd(&z);
    doc = extract("bomb.gz", core_strn(bomb, bomb_size - z.avail_out), CORE_ETOOBIG);
    assert_string_equal(doc->why, "it expands to more than 64 MB");
    free(bomb);
    free(zeros);
}

#define W "xmlns:w='http://schemas.openxmlformats.org/wordprocessingml/2006/main'"
static const char document_xml[] =
    "<w:document " W "><w:body>"
    "<w:p><w:pPr><w:pStyle w:val='Nadpis1'/></w:pPr><w:r><w:t>Kapitola</w:t></w:r></w:p>"
    "<w:p><w:r><w:t xml:space='preserve'>First </w:t></w:r><w:ins><w:r><w:t>new</w:t></w:r></w:ins>"
    "<w:del><w:r><w:delText>old</w:delText></w:r></w:del><w:r><w:rPr><w:vanish/></w:rPr>"
    "<w:t>hidden</w:t></w:r><w:r><w:br/><w:t>line</w:t></w:r></w:p>"
    "<w:p><w:pPr><w:numPr><w:ilvl w:val='0'/><w:numId w:val='1'/></w:numPr></w:pPr><w:r><w:t>a</w:t></w:r></w:p>"
    "<w:p><w:pPr><w:numPr><w:ilvl w:val='1'/><w:numId w:val='1'/></w:numPr></w:pPr><w:r><w:t>b</w:t></w:r></w:p>"
    "<w:tbl><w:tr><w:tc><w:p><w:r><w:t>k</w:t></w:r></w:p></w:tc><w:tc><w:p><w:r><w:t>v</w:t></w:r></w:p></w:tc></w:tr></w:tbl>"
    "<w:sdt><w:sdtContent><w:p><w:pPr><w:pStyle w:val='Sub'/></w:pPr><w:r><w:t>Below</w:t></w:r></w:p></w:sdtContent></w:sdt>"
    "<w:p><w:r><w:t>End.</w:t></w:r></w:p></w:body></w:document>";
static const char styles_xml[] =
    "<w:styles " W "><w:style w:styleId='Nadpis1'><w:name w:val='heading 1'/></w:style>"
    "<w:style w:styleId='H2'><w:name w:val='x'/><w:pPr><w:outlineLvl w:val='1'/></w:pPr></w:style>"
    "<w:style w:styleId='Sub'><w:name w:val='y'/><w:basedOn w:val='H2'/></w:style>"
    "<w:style w:styleId='Loop'><w:name w:val='z'/><w:basedOn w:val='Loop'/></w:style></w:styles>";

static void word_document(void **state)
{
    (void)state;
    const struct zip_file files[] = {
        {"word/document.xml", core_str(document_xml)},
        {"word/styles.xml", core_str(styles_xml)},
        {"docProps/core.xml", CORE_STR("<c xmlns:dc='d'><dc:title>Doc title</dc:title></c>")}};
    struct core_buf zip;
    core_buf_init(&zip, 1 << 20);
    zip_build(&zip, files, 3);
    const struct ai_doc *doc = extract("x.docx", core_buf_str(&zip), 0);
    assert_string_equal(doc->text.ptr,
                        "Kapitola\n\nFirst new line\n\n- a\n  - b\n\nk | v\n\nBelow\n\nEnd.");
    assert_string_equal(doc->title.ptr, "Doc title");
    check_heading(doc, 0, 1, "Kapitola");
    check_heading(doc, 1, 2, "Below");
    /* Every truncation and every flipped byte is survived. */
    for (size_t cut = 4; cut < zip.len; cut += 7) {
        struct ai_doc broken;
        ai_doc_init(&broken);
        assert_true(ai_extract_bytes(&broken, CORE_STR("x.docx"), core_strn(zip.ptr, cut)) < 0);
        ai_doc_done(&broken);
    }
    for (size_t at = 0; at < zip.len; at++) {
        struct ai_doc broken;
        ai_doc_init(&broken);
        zip.ptr[at] = (char)(zip.ptr[at] ^ 0x81);
        ai_extract_bytes(&broken, CORE_STR("x.docx"), core_buf_str(&zip));
        zip.ptr[at] = (char)(zip.ptr[at] ^ 0x81);
        ai_doc_done(&broken);
    }
    core_buf_done(&zip);
}

/* A property may be given to say that it is off. */
static void word_properties(void **state)
{
    (void)state;
    static const char styles[] =
        "<w:styles " W "><w:style w:styleId='L'><w:name w:val='x'/><w:pPr><w:numPr><w:numId "
        "w:val='1'/></w:numPr></w:pPr></w:style><w:style w:styleId='P'><w:name w:val='y'/>"
        "<w:basedOn w:val='L'/><w:pPr><w:numPr><w:numId w:val='0'/></w:numPr></w:pPr></w:style>"
        "</w:styles>";
    static const char body[] =
        "<w:document " W "><w:body><w:p><w:pPr><w:pStyle w:val='L'/></w:pPr><w:r><w:rPr><w:vanish "
        "w:val='0'/></w:rPr><w:t>One.</w:t></w:r><w:r><w:rPr><w:vanish w:val='on'/></w:rPr>"
        "<w:t>never</w:t></w:r></w:p><w:p><w:pPr><w:pStyle w:val='P'/></w:pPr><w:r><w:rPr>"
        "<w:vanish w:val='false'/></w:rPr><w:t>Two.</w:t></w:r></w:p></w:body></w:document>";
    const struct zip_file files[] = {{"word/document.xml", core_str(body)},
                                     {"word/styles.xml", core_str(styles)}};
    struct core_buf zip;
    core_buf_init(&zip, 1 << 20);
    zip_build(&zip, files, 2);
    const struct ai_doc *doc = extract("x.docx", core_buf_str(&zip), 0);
    assert_string_equal(doc->text.ptr, "- One.\n\nTwo.");
    core_buf_done(&zip);
}

static const char pdf_bytes[] =
    "%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
    "2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
    "3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 200]/Contents 4 0 R"
    "/Resources<</Font<</F1 5 0 R>>>>>>endobj\n"
    "4 0 obj<</Length 66>>stream\nBT /F1 18 Tf 20 100 Td (The well is nine metres deep.) Tj ET     \n"
    "endstream endobj\n5 0 obj<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>endobj\n"
    "trailer<</Root 1 0 R>>\n%%EOF\n";

/* Cells that are placed one by one, in columns that are read one by one. */
static const char pdf_table[] =
    "%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
    "2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
    "3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 400 200]/Contents 4 0 R"
    "/Resources<</Font<</F1 5 0 R>>>>>>endobj\n"
    "4 0 obj<</Length 224>>stream\n/F1 10 Tf BT 20 150 Td (Part) Tj 120 0 Td (Stock) Tj 120 0 Td "
    "(Price) Tj ET\nBT 20 130 Td (Pump) Tj 120 0 Td (3) Tj 120 0 Td (17.50) Tj ET\n"
    "BT 20 110 Td (Hose) Tj 120 0 Td (12) Tj 120 0 Td (4.00) Tj ET                              \n"
    "endstream endobj\n5 0 obj<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>endobj\n"
    "trailer<</Root 1 0 R>>\n%%EOF\n";

static void pdf(void **state)
{
    (void)state;
    struct ai_doc doc;
    if (installed("pdftotext")) {
        const struct ai_doc *d = extract("x.pdf", core_str(pdf_bytes), 0);
        assert_string_equal(d->text.ptr, "The well is nine metres deep.");
        assert_int_equal(d->heading_count, 1);
        assert_true(core_str_eq_c(ai_doc_heading_text(d, 0), "page 1"));
        extract("x.pdf", CORE_STR("%PDF-1.4\n"), CORE_ECORRUPT);
        check("x.pdf", pdf_table, "Part | Stock | Price\nPump | 3 | 17.50\nHose | 12 | 4.00");
    }
    ai_doc_init(&doc);
    ai_pdf_text(&doc,
                CORE_STR("Running Title\n\nChapter 1. Start\nBroken wo-\nrds are mended.\n\n1\n\f"
                         "Running Title\n\nsecond page text that goes on for a while here.\n\n2\n\f"
                         "Running Title\n\nthird.\n\n3\n\f"
                         "Running Title\n\nContents ........ 4\nfourth.\n\n4\n\f"));
    assert_string_equal(doc.text.ptr,
                        "Chapter 1. Start\n\nBroken words are mended.\n\n"
                        "second page text that goes on for a while here.\n\nthird.\n\nfourth.");
    ai_doc_done(&doc);
}

static void encodings(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        struct core_str bytes;
        const char *text;
    } samples[] = {
        {"bom.txt", CORE_STR("\xEF\xBB\xBFplain"), "plain"},
        {"le.txt", CORE_STR("\xFF\xFEp\0\x59\x01!\0"), "p\u0159!"},
        {"nobom.txt", CORE_STR("\0w\0o\0r\0d\0s\0 \0h\0e\0r\0e"), "words here"},
        {"meta.html", CORE_STR("<meta charset=iso-8859-2><p>p\xF8\xEDkaz"), "p\u0159\u00EDkaz"},
        {"latin2.txt",
         CORE_STR("P\xF8\xEDkaz vyp\xED\xB9"
                  "e v\xB9"
                  "echny bal\xED\xE8ky, kter\xE9 jsou nainstalov\xE1ny."),
         "P\u0159\u00EDkaz vyp\u00ED\u0161e v\u0161echny bal\u00ED\u010Dky, kter\u00E9 jsou nainstalov\u00E1ny."},
        {"cp1250.txt",
         CORE_STR("P\xF8\xEDkaz vyp\xED\x9A"
                  "e v\x9A"
                  "echny bal\xED\xE8ky, kter\xE9 jsou nainstalov\xE1ny."),
         "P\u0159\u00EDkaz vyp\u00ED\u0161e v\u0161echny bal\u00ED\u010Dky, kter\u00E9 jsou nainstalov\u00E1ny."},
        {"latin1.txt",
         CORE_STR("Gr\xF6\xDF"
                  "e \xE4ndern \x96 na\xEFve caf\xE9"),
         "Gr\u00F6\u00DFe \u00E4ndern \u2013 na\u00EFve caf\u00E9"},
        {"roff.txt",
         CORE_STR("-*- coding: latin-2 -*-\nbal\xED\xE8"
                  "ek\n"),
         "-*- coding: latin-2 -*- bal\u00ED\u010Dek"},
        {"odd.txt", CORE_STR("soft\xC2\xADware and\x07 zero\xE2\x80\x8Bwidth letters"),
         "software and zerowidth letters"},
    };
    for (size_t i = 0; i < sizeof samples / sizeof *samples; i++) {
        const struct ai_doc *doc = extract(samples[i].name, samples[i].bytes, 0);
        assert_string_equal(doc->text.ptr, samples[i].text);
    }
}

static void refusals(void **state)
{
    (void)state;
    static const struct {
        struct core_str bytes;
        const char *why;
    } samples[] = {
        {CORE_STR("\x7f"
                  "ELF\2\1\1"),
         "it is not text but a program"},
        {CORE_STR("PK\3\4\x14\0\0\0\0\0"), "it is not text but an archive"},
        {CORE_STR("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"),
         "it is not text but an old Office file (save it as .docx)"},
        {CORE_STR("some\0bytes\0\0"), "it is not text"},
        {CORE_STR(" \n\t"), "it is empty"},
        {CORE_STR("<html><script>x</script></html>"), "it holds no text"},
    };
    for (size_t i = 0; i < sizeof samples / sizeof *samples; i++)
        assert_string_equal(extract("file", samples[i].bytes, CORE_EUNSUPPORTED)->why,
                            samples[i].why);
    assert_string_equal(extract("", core_strn("", 0), CORE_EUNSUPPORTED)->why, "it is empty");
    static const char *const offices[][2] = {
        {"xl/workbook.xml", "it is not text but a workbook (save its sheets as .csv)"},
        {"ppt/presentation.xml", "it is not text but a presentation (save it as .pdf)"},
        {"content.xml", "it is not text but an OpenDocument file (save it as .docx or .pdf)"},
    };
    for (size_t i = 0; i < sizeof offices / sizeof *offices; i++) {
        const struct zip_file part = {offices[i][0], CORE_STR("<x/>")};
        struct core_buf zip;
        core_buf_init(&zip, 1 << 20);
        zip_build(&zip, &part, 1);
        assert_string_equal(extract("file", core_buf_str(&zip), CORE_EUNSUPPORTED)->why,
                            offices[i][1]);
        core_buf_done(&zip);
    }
    /* A text that begins like a program is a text. */
    extract("x.txt", CORE_STR("MZ is a magic number."), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(html),
        cmocka_unit_test(html_is_deep),
        cmocka_unit_test(markdown),
        cmocka_unit_test(markdown_signs),
        cmocka_unit_test(plain_text),
        cmocka_unit_test(paragraphs_of_text),
        cmocka_unit_test(csv),
        cmocka_unit_test(manual_page),
        cmocka_unit_test(roff_without_formatter),
        cmocka_unit_test(compressed),
        cmocka_unit_test(word_document),
        cmocka_unit_test(word_properties),
        cmocka_unit_test(pdf),
        cmocka_unit_test(encodings),
        cmocka_unit_test(refusals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
