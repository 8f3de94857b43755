/* test_subtitle.c: what is said in subtitles, without times, numbers and marks. */
#include "tests/unit/ai/extract/checks.h"

static void subrip(void **state)
{
    (void)state;
    const struct ai_doc *doc = extract(
        "film/harbour.srt",
        CORE_STR(
            "\xef\xbb\xbf"
            "1\r\n00:00:01,000 --> 00:00:02,500 X1:40 Y1:20\r\n{\\an8}<i>The harbour master</i>\r\n"
            "keeps the\r\n\r\n2\r\n00:00:02,600 --> 00:00:04,000\r\n<font color=\"#fff\">red key.</font>\r\n\r\n"
            "1984\r\n\r\n3\r\n00:00:07,000 --> 00:00:09,000\r\n- Since when?\r\n- Since a < b & c.\r\n\r\n"
            "4\r\n01:00:00,000 --> 01:00:01,000\r\n42\r\n"),
        0);
    assert_string_equal(doc->text.ptr,
                        "The harbour master keeps the red key. 1984\n\n- Since when?\n\n"
                        "- Since a < b & c.\n\n42");
    assert_string_equal(doc->title.ptr, "harbour.srt");
    assert_string_equal(ai_doc_mime(doc->kind), "application/x-subrip");
    /* Not subtitles, whatever the name. */
    check("x.srt", "one --> two\n00:01 --> 00:02\n", "    one --> two\n    00:01 --> 00:02");
}

/* Three seconds of silence part paragraphs, less does not. */
static void silence(void **state)
{
    (void)state;
    check("x.srt",
          "1\n00:59:57,000 --> 00:59:58,000\nOne\n\n2\n01:00:00,999 --> 01:00:02,000\ntwo.\n\n"
          "3\n01:00:05,000 --> 01:00:06,000\nThree.\n",
          "One two.\n\nThree.");
}

static void webvtt(void **state)
{
    (void)state;
    const struct ai_doc *doc = extract(
        "talk",
        CORE_STR(
            "WEBVTT - The talk\nKind: captions\n\nSTYLE\n::cue { color: red }\n\nNOTE never shown\n\n"
            "intro\n00:01.000 --> 00:04.000 align:start\n<v.loud Ada>The pump &amp; the\n<c.x>filter</c></v>\n\n"
            "00:04.100 --> 00:06.000\n<v Ada>cost <00:05.000>64 euros.\n\n"
            "00:06.100 --> 00:08.000\n<v Bob>Really?\n\n00:06.100 --> 00:08.000\nReally?\nYes, &lt;really&gt;."),
        0);
    assert_string_equal(doc->text.ptr, "Ada: The pump & the filter cost 64 euros.\n\n"
                                       "Bob: Really? Yes, <really>.");
    assert_string_equal(doc->title.ptr, "The talk");
    assert_string_equal(ai_doc_mime(doc->kind), "text/vtt");
    doc = extract("x.vtt", CORE_STR("WEBVTT\n\n00:00.000 --> 00:01.000\nHello.\n"), 0);
    assert_string_equal(doc->title.ptr, "x.vtt");
    check("x", "WEBVTTS\n\n00:00.000 --> 00:01.000\nHi.\n",
          "WEBVTTS\n\n00:00.000 --> 00:01.000 Hi.");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(subrip),
        cmocka_unit_test(silence),
        cmocka_unit_test(webvtt),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
