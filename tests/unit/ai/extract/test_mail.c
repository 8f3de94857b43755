/* test_mail.c: messages from bytes to stored text: heads, codings, parts, and what is damaged. */
#include "ai/extract/mail_code.h"
#include "ai/extract/mail_head.h"
#include "core/err.h"
#include "core/limits.h"
#include "tests/unit/ai/extract/checks.h"

#include <stdio.h>

static void check_words(const char *header, const char *text)
{
    struct core_buf out;
    core_buf_init(&out, 4096);
    ai_mail_words(core_str(header), &out);
    assert_string_equal(out.ptr ? out.ptr : "", text);
    core_buf_done(&out);
}

static void encoded_words(void **state)
{
    (void)state;
    check_words("plain", "plain");
    check_words("=?utf-8?Q?P=C5=99=C3=ADkaz_k_=C3=BAhrad=C4=9B?=", "Příkaz k úhradě");
    check_words("=?iso-8859-2?b?u2x1u2916Gv9?= <a@b.cz>", "ťluťoučký <a@b.cz>");
    check_words("Re: =?windows-1250?Q?=8Alap=E1n=ED?= now", "Re: Šlapání now");
    /* White space goes between two words only, and a character may be parted by it. */
    check_words("=?utf-8?Q?a?= =?utf-8?Q?b?= c =?utf-8*cs?Q?d?=", "ab c d");
    check_words("=?utf-8?B?xZk=?= =?utf-8?B?xQ==?=\t=?utf-8?B?mQ==?=", "řř");
    /* Damaged, or no word at all. */
    check_words("=?utf-8?Q?open", "=?utf-8?Q?open");
    check_words("=?utf-8?X?a?= =? =?=", "=?utf-8?X?a?= =? =?=");
    check_words("a =?no-such-charset?Q?=41?= b", "a A b");
    /* No charset said. */
    check_words("Gr\xfc\xdf"
                "e",
                "Grüße");
}

static void check_code(void (*decode)(struct core_str, struct core_buf *), const char *in,
                       const char *want)
{
    struct core_buf out;
    core_buf_init(&out, 4096);
    decode(core_str(in), &out);
    assert_string_equal(out.ptr ? out.ptr : "", want);
    core_buf_done(&out);
}

static void body(struct core_str text, struct core_buf *out)
{
    ai_mail_quoted_printable(text, false, out);
}

static void codings(void **state)
{
    (void)state;
    check_code(body, "a=3Db=\r\nc= \n_d=zz =4", "a=bc_d=zz =4");
    check_code(ai_mail_base64, "YWJj\r\nZGU=\r\nZg==", "abcdef");
    check_code(ai_mail_base64, "YW!Jj*", "abc");
    check_code(ai_mail_percent, "a%20b%2", "a b%2");
}

static void check_parameter(const char *field, const char *name, const char *want)
{
    struct core_buf out;
    core_buf_init(&out, 4096);
    assert_int_equal(ai_mail_parameter(core_str(field), name, &out), want != NULL);
    assert_string_equal(out.ptr ? out.ptr : "", want ? want : "");
    core_buf_done(&out);
}

static void parameters(void **state)
{
    (void)state;
    check_parameter("text/plain; charset=us-ascii", "charset", "us-ascii");
    check_parameter("text/plain; a=\"x; charset=no\"; CharSet = \"utf-8\"", "charset", "utf-8");
    check_parameter("x; filename=\"a \\\"b\\\".pdf\"", "filename", "a \"b\".pdf");
    check_parameter("x; filename==?utf-8?Q?=C4=8D.pdf?=", "filename", "č.pdf");
    check_parameter("x; filename=no; filename*=iso-8859-2''%E8%20b.pdf", "filename", "č b.pdf");
    check_parameter("x; n*0*=utf-8''%C4; n*1*=%8D; n*2=\".p\"; n*3=df; n*5=no", "n", "č.pdf");
    check_parameter("x; n*=bare%20word", "n", "bare word");
    check_parameter("x; name=\"open", "name", "open");
    check_parameter("name=a; b=c", "name", NULL);
}

static void one_part(void **state)
{
    (void)state;
    const struct ai_doc *doc = extract(
        "inbox/9.eml",
        CORE_STR(
            "Received: from x\r\n\tby y\r\nSubject: =?utf-8?Q?Schl=C3=BCssel?= for the\r\n shed\r\n"
            "FROM: \"Nov\xc3\xa1k, Petr\" <petr@example.org>\r\nTo: =?utf-8?Q?Eva?= <eva@example.org>\r\n"
            "Date: Mon, 3 Mar 2025 10:00:00 +0100\r\n"
            "Content-Type: text/plain;\r\n charset=\"iso-8859-2\"; format=flowed\r\n"
            "Content-Transfer-Encoding: Quoted-Printable\r\n\r\n"
            "The key hangs behind the st=F9l in the=\r\n hall.\r\n\r\n"
            "On Sunday Eva wrote:\r\n> Where does it\r\n> hang?\r\n>> It was lost.\r\n\r\n-- \r\nPetr\r\n"),
        0);
    assert_string_equal(doc->text.ptr,
                        "Schlüssel for the shed\n\nFrom: \"Novák, Petr\" <petr@example.org>\n"
                        "To: Eva <eva@example.org>\nDate: Mon, 3 Mar 2025 10:00:00 +0100\n"
                        "Subject: Schlüssel for the shed\n\n"
                        "The key hangs behind the stůl in the hall.\n\nOn Sunday Eva wrote:\n\n"
                        "Where does it hang?\n\nIt was lost.\n\nPetr");
    assert_string_equal(doc->title.ptr, "Schlüssel for the shed");
    assert_string_equal(ai_doc_mime(doc->kind), "message/rfc822");
    check_heading(doc, 0, 1, "Schlüssel for the shed");
    /* From a mailbox; without a subject; without a body. */
    check("x.eml", "From a@b Mon Mar  3\nFrom: a@b\n\nHello there.\n", "From: a@b\n\nHello there.");
    check("x.eml", "From: a@b\nX: y", "From: a@b");
    /* No message, whatever its name. */
    check("x.eml", "Hello: this is\n\nno mail.\n", "Hello: this is\n\nno mail.");
    check("x.eml", "Just text.\nFrom: a\n", "Just text. From: a");
}

static void mailboxes(void **state)
{
    (void)state;
    const struct ai_doc *doc = extract(
        "mail/Inbox.mbox",
        CORE_STR("From eva@example.org Mon Mar  3 10:00:00 2025\r\nFrom: eva@example.org\r\n"
                 "Subject: The shed\r\n\r\nWhere is the key?\r\n\r\n"
                 "From here on it is dark.\r\n\r\n>From the hall it is not far.\r\n\r\n"
                 "From petr@example.org Mon Mar  3 11:00:00 2025\r\nFrom: petr@example.org\r\n"
                 "Subject: Re: The shed\r\nContent-Type: text/html\r\n\r\n"
                 "<p>Behind the stool.</p>\r\n\r\n\r\n"
                 "From x Mon Mar  3 12:00:00 2025\r\nSubject: Empty\r\n"),
        0);
    assert_string_equal(
        doc->text.ptr,
        "The shed\n\nFrom: eva@example.org\nSubject: The shed\n\nWhere is the key?\n\n"
        "From here on it is dark.\n\nFrom the hall it is not far.\n\n"
        "Re: The shed\n\nFrom: petr@example.org\nSubject: Re: The shed\n\nBehind the stool.\n\nEmpty\n\nSubject: Empty");
    assert_string_equal(doc->title.ptr, "Inbox.mbox");
    assert_string_equal(ai_doc_mime(doc->kind), "application/mbox");
    check_heading(doc, 0, 1, "The shed");
    check_heading(doc, 1, 1, "Re: The shed");
    /* Of one message. */
    doc = extract("a.mbox", CORE_STR("From x\nSubject: Alone\n\n>>From y\n"), 0);
    assert_string_equal(doc->text.ptr, "Alone\n\nSubject: Alone\n\nFrom y");
    assert_string_equal(doc->title.ptr, "Alone");
    /* None. */
    check("x.mbox", "From here on\n\nit is text.\n", "From here on\n\nit is text.");
}

#define HEAD "From: a@b\nSubject: S\nMIME-Version: 1.0\n"
#define TEXT "S\n\nFrom: a@b\nSubject: S\n\n"

static void several_parts(void **state)
{
    (void)state;
    check(
        "x.eml",
        HEAD
        "Content-Type: multipart/mixed; boundary=out\n\nFor old programs.\n--out\n"
        "Content-Type: multipart/alternative; boundary=\"out-in\"\n\n"
        "--out-in\nContent-Type: text/plain\n\nPlain words.\n"
        "--out-in\nContent-Type: text/html\n\n<p>Rich words.\n"
        "--out-in--\nend\n"
        "--out \nContent-Type: application/pdf; name=\"a.pdf\"\n"
        "Content-Transfer-Encoding: base64\n\nSGlkZGVu\n"
        "--out\nContent-Type: text/plain\nContent-Disposition: attachment; filename=b.txt\n\nhidden\n"
        "--out\nContent-Type: image/png; name=logo.png\nContent-Disposition: inline\n\nx\n"
        "--out\n\nA part without a head.\n--out--\nBehind it all.\n",
        TEXT "Plain words.\n\nA part without a head.\n\nAttachments: a.pdf, b.txt");
}

static void alternatives(void **state)
{
    (void)state;
    /* The plain one is empty: HTML, in its own charset, which it says itself. */
    check("x.eml",
          HEAD
          "Content-Type: multipart/alternative; boundary=b\n\n--b\nContent-Type: text/plain\n\n \n"
          "--b\nContent-Type: text/html\n\n"
          "<html><head><meta charset=windows-1250><title>T</title></head>"
          "<body><h2>Rent</h2><p>The \x9e"
          "eh.</body></html>\n--b--\n",
          TEXT "Rent\n\nThe žeh.");
    /* Beside a picture, as a part of parts; what is attached in the other one is named. */
    check("x.eml",
          HEAD "Content-Type: multipart/alternative; boundary=b\n\n"
               "--b\nContent-Type: text/calendar; name=invite.ics\n\nBEGIN:VCALENDAR\n"
               "--b\nContent-Type: multipart/related; boundary=c\n\n"
               "--c\nContent-Type: text/html\n\n<p>Inside.\n--c--\n--b--\n",
          TEXT "Inside.\n\nAttachments: invite.ics");
    check("x.eml",
          HEAD "Content-Type: multipart/alternative; boundary=b\n\n--b\n\nPlain.\n"
               "--b\nContent-Type: multipart/mixed; boundary=c\n\n"
               "--c\nContent-Type: text/html\n\n<p>Rich.\n"
               "--c\nContent-Type: application/pdf; name=plan.pdf\n\nx\n--c--\n--b--\n",
          TEXT "Plain.\n\nAttachments: plan.pdf");
}

static void forwarded(void **state)
{
    (void)state;
    const struct ai_doc *doc = extract(
        "x.eml",
        CORE_STR(HEAD "Content-Type: multipart/mixed; boundary=b\n\n--b\n\nSee below.\n"
                      "--b\nContent-Type: application/pdf; name=a.pdf\n\nx\n"
                      "--b\nContent-Type: message/rfc822\n\nFrom: c@d\nSubject: Inner\n"
                      "Content-Type: multipart/mixed; boundary=i\n\n--i\n\nInner words.\n"
                      "--i\nContent-Type: image/gif; name=i.gif\n\nx\n--i--\n--b--\n"),
        0);
    assert_string_equal(doc->text.ptr,
                        TEXT "See below.\n\nInner\n\nFrom: c@d\nSubject: Inner\n\nInner words.\n\n"
                             "Attachments: i.gif\n\nAttachments: a.pdf");
    assert_string_equal(doc->title.ptr, "S");
    check_heading(doc, 1, 3, "Inner");
}

static void digests(void **state)
{
    (void)state;
    check("x.eml",
          HEAD
          "Content-Type: multipart/digest; boundary=b\n\n--b\n\nFrom: c@d\nSubject: One\n\nFirst.\n"
          "--b\n\nFrom: e@f\nSubject: Two\n\nSecond.\n--b--\n",
          TEXT
          "One\n\nFrom: c@d\nSubject: One\n\nFirst.\n\nTwo\n\nFrom: e@f\nSubject: Two\n\nSecond.");
}

/* Kinds of text that nobody knows are plain; escapes of seven bits are no ASCII. */
static void other_kinds_of_text(void **state)
{
    (void)state;
    check("x.eml", HEAD "Content-Type: text/markdown\n\nSome text.\n", TEXT "Some text.");
    check("x.eml", HEAD "Content-Type: text\n\nSome text.\n", TEXT "Some text.");
    check("x.eml", HEAD "Content-Type: text/plain; charset=iso-2022-jp\n\n\x1b$B$3$s\x1b(B\n",
          TEXT "\xe3\x81\x93\xe3\x82\x93");
    /* An alternative that is only blank when decoded says nothing. */
    check("x.eml",
          HEAD "Content-Type: multipart/alternative; boundary=b\n\n--b\nContent-Type: text/plain\n"
               "Content-Transfer-Encoding: base64\n\nICAK\n--b\nContent-Type: text/html\n\n"
               "<p>Said.</p>\n--b--\n",
          TEXT "Said.");
}

static void damaged(void **state)
{
    (void)state;
    /* Cut off, without a border, binary. */
    check("x.eml", HEAD "Content-Type: multipart/mixed; boundary=b\n\n--b\n\nCut", TEXT "Cut");
    check("x.eml", HEAD "Content-Type: multipart/mixed; boundary=b\n\nnothing\n", TEXT "nothing");
    check("x.eml", HEAD "Content-Type: multipart/mixed\n\nnothing\n", TEXT "nothing");
    check("x.eml", HEAD "Content-Transfer-Encoding: base64\n\nAAECAwQFBgcIAA==\n",
          "S\n\nFrom: a@b\nSubject: S");
}

/* Parts inside of parts, and one beside the other, up to the caps and not beyond. */
static void caps(void **state)
{
    struct core_buf mail;
    (void)state;
    core_buf_init(&mail, 1 << 20);
    core_buf_add_c(&mail, HEAD);
    for (unsigned i = 0; i < 2 * AI_LIMIT_MAIL_DEPTH; i++)
        core_buf_addf(
            &mail, "Content-Type: multipart/mixed; boundary=b%u.\n\n--b%u.\n\nlevel %u\n--b%u.\n",
            i, i, i, i);
    const struct ai_doc *doc = extract("x.eml", core_buf_str(&mail), 0);
    char last[32];
    snprintf(last, sizeof last, "level %d\n\n", AI_LIMIT_MAIL_DEPTH - 3);
    assert_non_null(strstr(doc->text.ptr, last));
    snprintf(last, sizeof last, "level %d", AI_LIMIT_MAIL_DEPTH - 1);
    assert_null(strstr(doc->text.ptr, last));
    core_buf_clear(&mail);
    core_buf_add_c(&mail, HEAD "Content-Type: multipart/mixed; boundary=b\n\n");
    for (unsigned i = 1; i <= AI_LIMIT_MAIL_PARTS; i++)
        core_buf_addf(&mail, "--b\n\npart %u.\n", i);
    doc = extract("x.eml", core_buf_str(&mail), 0);
    snprintf(last, sizeof last, "part %d.", AI_LIMIT_MAIL_PARTS - 1);
    assert_non_null(strstr(doc->text.ptr, last));
    snprintf(last, sizeof last, "part %d.", AI_LIMIT_MAIL_PARTS);
    assert_null(strstr(doc->text.ptr, last));
    /* A field that never ends. */
    core_buf_clear(&mail);
    core_buf_add_c(&mail, HEAD "To: x");
    for (unsigned i = 0; i < 2 * AI_LIMIT_MAIL_FIELD; i += 8)
        core_buf_add_c(&mail, "\n a@b.cz,");
    doc = extract("x.eml", core_buf_str(&mail), 0);
    assert_true(doc->text.len > AI_LIMIT_MAIL_FIELD / 2);
    assert_true(doc->text.len < AI_LIMIT_MAIL_FIELD + 100);
    core_buf_done(&mail);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(encoded_words), cmocka_unit_test(codings),
        cmocka_unit_test(parameters),    cmocka_unit_test(one_part),
        cmocka_unit_test(mailboxes),     cmocka_unit_test(several_parts),
        cmocka_unit_test(alternatives),  cmocka_unit_test(forwarded),
        cmocka_unit_test(digests),       cmocka_unit_test(other_kinds_of_text),
        cmocka_unit_test(damaged),       cmocka_unit_test(caps),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
