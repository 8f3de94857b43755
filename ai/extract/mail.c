/*
 * mail.c: walks the messages of a mailbox and the parts of a message in order. Of alternatives one
 * is read and the others are only walked for the names of attachments, which some programs put
 * inside of one.
 */
#include "ai/extract/mail.h"

#include "ai/extract/charset.h"
#include "ai/extract/html.h"
#include "ai/extract/mail_box.h"
#include "ai/extract/mail_code.h"
#include "ai/extract/mail_head.h"
#include "ai/extract/txt.h"
#include "core/err.h"
#include "core/limits.h"

/* Signs before a line that was quoted again and again. */
#define QUOTES_MAX 32
/* What a part is that does not say it: in a digest a message, else text. */
#define TEXT "text/plain"
#define MESSAGE "message/rfc822"

struct mail {
    struct ai_doc *doc;
    struct core_buf attachments; /* of the innermost message so far, by name */
    unsigned parts, depth;
    bool silent; /* only names of attachments are wanted */
};

/* A part as its head describes it. */
struct part {
    struct core_str head, body;
    struct core_buf type; /* the field, with the usual type where there is none */
    struct core_str kind; /* its value */
};

static int message_read(struct mail *m, struct core_str bytes);
static int part_read(struct mail *m, struct core_str bytes, const char *usual);

/* --- Parts ---------------------------------------------------------------------------------- */

static void part_init(struct part *p, struct core_str bytes, const char *usual)
{
    ai_mail_split(bytes, &p->head, &p->body);
    core_buf_init(&p->type, AI_LIMIT_MAIL_FIELD + 16);
    ai_mail_field(p->head, "Content-Type", &p->type);
    p->kind = ai_mail_value(core_buf_str(&p->type));
    if (p->kind.len == 0) {
        core_buf_clear(&p->type);
        core_buf_add_c(&p->type, usual);
        p->kind = core_buf_str(&p->type);
    }
}

static void part_done(struct part *p)
{
    core_buf_done(&p->type);
}

static bool part_is(const struct part *p, const char *kind)
{
    return core_str_ieq(p->kind, core_str(kind));
}

static bool part_is_multi(const struct part *p)
{
    struct core_str multi = CORE_STR("multipart/");
    return p->kind.len > multi.len && core_str_istarts(p->kind, multi);
}

/* Unknown kinds of text are read as plain (RFC 2046, 4.1.4). */
static bool part_is_text(const struct part *p)
{
    return (part_is(p, "text") || core_str_istarts(p->kind, CORE_STR("text/"))) &&
           !part_is(p, "text/calendar");
}

static bool part_is_disposed(const struct part *p, const char *how)
{
    struct core_buf field;
    core_buf_init(&field, AI_LIMIT_MAIL_FIELD);
    ai_mail_field(p->head, "Content-Disposition", &field);
    bool is = core_str_ieq(ai_mail_value(core_buf_str(&field)), core_str(how));
    core_buf_done(&field);
    return is;
}

/* What the part says, in UTF-8 by lines. CORE_EUNSUPPORTED: it is no text. */
static int part_text(const struct part *p, struct core_buf *out)
{
    struct core_buf field, bytes, charset;
    struct core_str raw = p->body;
    core_buf_init(&field, AI_LIMIT_MAIL_FIELD);
    core_buf_init(&bytes, AI_LIMIT_DOCUMENT_BYTES);
    core_buf_init(&charset, AI_LIMIT_MAIL_FIELD);
    ai_mail_field(p->head, "Content-Transfer-Encoding", &field);
    struct core_str coding = ai_mail_value(core_buf_str(&field));
    bool base64 = core_str_ieq(coding, CORE_STR("base64"));
    bool printable = core_str_ieq(coding, CORE_STR("quoted-printable"));
    if (base64)
        ai_mail_base64(raw, &bytes);
    else if (printable)
        ai_mail_quoted_printable(raw, false, &bytes);
    if (base64 || printable)
        raw = core_buf_str(&bytes);
    if (!ai_mail_parameter(core_buf_str(&p->type), "charset", &charset) && part_is(p, "text/html"))
        core_buf_add_str(&charset, ai_charset_of_markup(raw));
    int status = core_buf_error(&bytes);
    if (status == 0)
        status = ai_charset_decode(raw, core_buf_str(&charset), out);
    if (status == 0)
        ai_charset_normalise(out);
    core_buf_done(&field);
    core_buf_done(&bytes);
    core_buf_done(&charset);
    return status;
}

/* --- Text ----------------------------------------------------------------------------------- */

/* Takes "> > " off the line; how many. */
static unsigned unquote(struct core_str *line)
{
    unsigned quotes = 0;
    size_t at = 0;
    for (size_t i = 0; i < line->len && quotes < QUOTES_MAX; i++) {
        if (line->ptr[i] == '>') {
            quotes++;
            at = i + 1;
        } else if (line->ptr[i] != ' ' || quotes == 0) {
            break;
        }
    }
    at += quotes > 0 && at < line->len && line->ptr[at] == ' ';
    *line = core_strn(line->ptr + at, line->len - at);
    return quotes;
}

/* An answer below what it answers, without the signs of quoting: they would stand in the middle of
 * the paragraphs that are made of the lines. */
static int put_plain(struct ai_doc *doc, struct core_str text)
{
    struct core_buf plain;
    struct core_str line;
    unsigned before = 0;
    core_buf_init(&plain, 2 * (size_t)AI_LIMIT_DOCUMENT_BYTES);
    while (core_str_split(&text, '\n', &line)) {
        unsigned quotes = unquote(&line);
        if (quotes != before)
            core_buf_add_byte(&plain, '\n');
        /* "-- " only parts the signature. */
        if (!core_str_eq(line, CORE_STR("-- ")))
            core_buf_add_str(&plain, line);
        core_buf_add_byte(&plain, '\n');
        before = quotes;
    }
    int status = core_buf_error(&plain);
    ai_doc_gap(doc);
    if (status == 0)
        ai_txt_extract(doc, core_buf_str(&plain), AI_TXT_NO_TITLE);
    core_buf_done(&plain);
    return status ? status : ai_doc_error(doc);
}

static int text_read(struct mail *m, const struct part *p)
{
    struct core_buf text;
    core_buf_init(&text, 2 * (size_t)AI_LIMIT_DOCUMENT_BYTES);
    int status = part_text(p, &text);
    if (status == CORE_EUNSUPPORTED)
        status = 0; /* the other parts may be fine */
    else if (status == 0 && part_is(p, "text/html"))
        status = ai_html_extract(m->doc, core_buf_str(&text));
    else if (status == 0)
        status = put_plain(m->doc, core_buf_str(&text));
    core_buf_done(&text);
    return status;
}

/* --- Attachments ---------------------------------------------------------------------------- */

static void attachment_add(struct mail *m, const struct part *p)
{
    struct core_buf field, name;
    core_buf_init(&field, AI_LIMIT_MAIL_FIELD);
    core_buf_init(&name, 4 * AI_LIMIT_MAIL_FIELD);
    ai_mail_field(p->head, "Content-Disposition", &field);
    if (!ai_mail_parameter(core_buf_str(&field), "filename", &name))
        ai_mail_parameter(core_buf_str(&p->type), "name", &name);
    /* Pictures that a page shows, and signatures of programs, have no name. */
    if (name.len > 0) {
        if (m->attachments.len > 0)
            core_buf_add_c(&m->attachments, ", ");
        core_buf_add_str(&m->attachments, core_buf_str(&name));
    }
    core_buf_done(&field);
    core_buf_done(&name);
}

static void attachments_put(struct mail *m)
{
    struct core_buf line;
    if (m->attachments.len == 0)
        return;
    core_buf_init(&line, AI_LIMIT_DOCUMENT_TEXT);
    core_buf_add_c(&line, "Attachments: ");
    core_buf_add_str(&line, core_buf_str(&m->attachments));
    ai_doc_gap(m->doc);
    ai_doc_line(m->doc, 0, "", core_buf_str(&line));
    ai_doc_gap(m->doc);
    core_buf_done(&line);
}

/* --- Several parts -------------------------------------------------------------------------- */

/* Is the line a border between parts, or the last one? */
static bool is_border(struct core_str line, struct core_str boundary, bool *ret_last)
{
    if (line.len < boundary.len + 2 || line.ptr[0] != '-' || line.ptr[1] != '-' ||
        memcmp(line.ptr + 2, boundary.ptr, boundary.len) != 0)
        return false;
    struct core_str rest = core_str_trim(
        core_strn(line.ptr + boundary.len + 2, line.len - boundary.len - 2));
    *ret_last = core_str_eq(rest, CORE_STR("--"));
    return *ret_last || rest.len == 0;
}

/* Takes the next part off *rest, which begins behind a border, or before the first one. */
static bool next_part(struct core_str *rest, struct core_str boundary, struct core_str *ret)
{
    struct core_str left = *rest, line;
    bool last = false;
    while (core_str_split(&left, '\n', &line)) {
        if (!is_border(line, boundary, &last))
            continue;
        *ret = core_strn(rest->ptr, (size_t)(line.ptr - rest->ptr));
        *rest = last ? core_strn(left.ptr, 0) : left;
        return true;
    }
    *ret = *rest;
    *rest = left;
    return ret->len > 0; /* it was cut off */
}

static bool part_says(const struct part *p)
{
    struct core_buf text;
    core_buf_init(&text, 2 * (size_t)AI_LIMIT_DOCUMENT_BYTES);
    bool says = part_text(p, &text) == 0 && core_str_trim(core_buf_str(&text)).len > 0;
    core_buf_done(&text);
    return says;
}

/* Which of the alternatives is read: the first plain one that says something, else the last one
 * that can be read, which is the best in the eyes of the sender. */
static size_t choose(struct core_str rest, struct core_str boundary)
{
    struct core_str bytes;
    size_t best = 0;
    bool plain = false;
    for (size_t i = 0; i < AI_LIMIT_MAIL_PARTS && !plain && next_part(&rest, boundary, &bytes);
         i++) {
        struct part p;
        part_init(&p, bytes, TEXT);
        plain = part_is(&p, TEXT) && !part_is_disposed(&p, "attachment") && part_says(&p);
        if (plain || part_is(&p, "text/html") || part_is_multi(&p))
            best = i;
        part_done(&p);
    }
    return best;
}

static int parts_read(struct mail *m, const struct part *p, struct core_str boundary)
{
    struct core_str rest = p->body, bytes;
    bool silent = m->silent, one = part_is(p, "multipart/alternative");
    int status = 0;
    if (!next_part(&rest, boundary, &bytes))
        return 0;
    if (bytes.len == p->body.len)
        return silent ? 0 : text_read(m, p); /* no border at all */
    /* What stands before the first border is for programs without MIME. */
    size_t best = one ? choose(rest, boundary) : 0;
    for (size_t i = 0;
         status == 0 && m->parts < AI_LIMIT_MAIL_PARTS && next_part(&rest, boundary, &bytes); i++) {
        m->silent = silent || (one && i != best);
        status = part_read(m, bytes, part_is(p, "multipart/digest") ? MESSAGE : TEXT);
    }
    m->silent = silent;
    return status;
}

static int part_read(struct mail *m, struct core_str bytes, const char *usual)
{
    struct core_buf boundary;
    struct part p;
    int status = 0;
    if (m->parts >= AI_LIMIT_MAIL_PARTS || m->depth >= AI_LIMIT_MAIL_DEPTH)
        return 0;
    m->parts++;
    m->depth++;
    core_buf_init(&boundary, 4 * AI_LIMIT_MAIL_FIELD);
    part_init(&p, bytes, usual);
    bool attached = part_is_disposed(&p, "attachment");
    if (part_is_multi(&p) && ai_mail_parameter(core_buf_str(&p.type), "boundary", &boundary) &&
        boundary.len > 0)
        status = parts_read(m, &p, core_buf_str(&boundary));
    else if (part_is(&p, MESSAGE) && !attached)
        status = m->silent ? 0 : message_read(m, p.body);
    else if ((part_is_text(&p) || part_is_multi(&p)) && !attached)
        status = m->silent ? 0 : text_read(m, &p);
    else if (attached || !part_is_disposed(&p, "inline") ||
             !core_str_starts(p.kind, CORE_STR("image/")))
        attachment_add(m, &p);
    part_done(&p);
    core_buf_done(&boundary);
    m->depth--;
    return status;
}

/* --- Messages ------------------------------------------------------------------------------- */

static void field_put(struct mail *m, struct core_str head, const char *name)
{
    struct core_buf raw, line;
    core_buf_init(&raw, AI_LIMIT_MAIL_FIELD);
    core_buf_init(&line, AI_LIMIT_DOCUMENT_TEXT);
    ai_mail_field(head, name, &raw);
    if (core_str_trim(core_buf_str(&raw)).len > 0) {
        core_buf_addf(&line, "%s: ", name);
        ai_mail_words(core_buf_str(&raw), &line);
        ai_doc_line(m->doc, 0, "", core_buf_str(&line));
    }
    core_buf_done(&raw);
    core_buf_done(&line);
}

static int message_read(struct mail *m, struct core_str bytes)
{
    static const char *const fields[] = {"From", "To", "Cc", "Date", "Subject"};
    struct core_buf raw, subject, outer = m->attachments;
    struct core_str head, body;
    ai_mail_split(bytes, &head, &body);
    core_buf_init(&m->attachments, AI_LIMIT_DOCUMENT_TEXT);
    core_buf_init(&raw, AI_LIMIT_MAIL_FIELD);
    core_buf_init(&subject, 4 * AI_LIMIT_MAIL_FIELD);
    ai_mail_field(head, "Subject", &raw);
    ai_mail_words(core_buf_str(&raw), &subject);
    ai_doc_title(m->doc, core_buf_str(&subject));
    ai_doc_heading(m->doc, m->depth + 1, core_buf_str(&subject));
    ai_doc_gap(m->doc);
    core_buf_done(&raw);
    core_buf_done(&subject);
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        field_put(m, head, fields[i]);
    ai_doc_gap(m->doc);
    int status = part_read(m, bytes, TEXT);
    attachments_put(m);
    core_buf_done(&m->attachments);
    m->attachments = outer;
    return status;
}

bool ai_mail_looks(struct core_str bytes)
{
    static const char *const telling[] = {"From", "Date", "Subject", "Received", "Return-Path"};
    struct core_str head, body, line, rest;
    struct core_buf field;
    bool told = false;
    if (ai_mail_box_looks(bytes))
        core_str_split(&bytes, '\n', &line);
    ai_mail_split(bytes, &head, &body);
    rest = head;
    if (!core_str_split(&rest, '\n', &line) || !ai_mail_is_field(line))
        return false;
    core_buf_init(&field, AI_LIMIT_MAIL_FIELD);
    for (size_t i = 0; i < sizeof telling / sizeof *telling && !told; i++)
        told = ai_mail_field(head, telling[i], &field);
    core_buf_done(&field);
    return told;
}

static int box_read(struct mail *m, struct core_str bytes, size_t *ret_count)
{
    struct core_buf text;
    struct core_str message;
    size_t count = 0;
    int status = 0;
    core_buf_init(&text, 2 * (size_t)AI_LIMIT_DOCUMENT_BYTES);
    for (; status == 0 && ai_mail_box_next(&bytes, &message); count++) {
        core_buf_clear(&text);
        ai_mail_box_unquote(message, &text);
        m->parts = 0;
        status = core_buf_error(&text);
        if (status == 0)
            status = message_read(m, core_buf_str(&text));
    }
    core_buf_done(&text);
    *ret_count = count;
    return status;
}

int ai_mail_extract(struct ai_doc *doc, struct core_str bytes)
{
    struct mail m = {.doc = doc};
    size_t count = 1;
    int status = ai_mail_box_looks(bytes) ? box_read(&m, bytes, &count) : message_read(&m, bytes);
    doc->kind = count > 1 ? AI_DOC_MAILBOX : AI_DOC_MAIL;
    if (count > 1)
        core_buf_clear(&doc->title); /* none of them names it */
    return status ? status : ai_doc_error(doc);
}
