/*
 * wire.c: frames between the program and its extraction child: bytes under a deadline, and the
 * child's answer, of which nothing is believed that was not checked.
 */
#include "ai/extract/wire.h"

#include "core/err.h"
#include "core/limits.h"
#include "core/mem.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>

/* Between two looks whether to go on. */
#define KEEP_ON_MS 100

/* --- Bytes under a deadline ----------------------------------------------------------------- */

static int wait_for(struct ai_extract_wire *w, short events)
{
    struct pollfd p = {.fd = w->fd, .events = events};
    uint64_t now = core_mono_ms(w->env);
    if (!w->keep_on(w->arg))
        return CORE_ECANCELLED;
    if (now >= w->end_ms)
        return CORE_ETIMEOUT;
    poll(&p, 1, w->end_ms - now < KEEP_ON_MS ? (int)(w->end_ms - now) : KEEP_ON_MS);
    return 0; /* the call that follows and the clock tell what happened */
}

int ai_extract_send(struct ai_extract_wire *w, const void *bytes, size_t len)
{
    for (size_t at = 0; at < len;) {
        ssize_t n = send(w->fd, (const char *)bytes + at, len - at, MSG_NOSIGNAL);
        if (n > 0) {
            at += (size_t)n;
        } else if (errno == EAGAIN) {
            int status = wait_for(w, POLLOUT);
            if (status != 0)
                return status;
        } else if (errno != EINTR) {
            return CORE_ECLOSED;
        }
    }
    return 0;
}

static int receive_all(struct ai_extract_wire *w, void *bytes, size_t len)
{
    for (size_t at = 0; at < len;) {
        ssize_t n = recv(w->fd, (char *)bytes + at, len - at, 0);
        if (n > 0) {
            at += (size_t)n;
        } else if (n == 0) {
            return CORE_ECLOSED;
        } else if (errno == EAGAIN) {
            int status = wait_for(w, POLLIN);
            if (status != 0)
                return status;
        } else if (errno != EINTR) {
            return CORE_ECLOSED;
        }
    }
    return 0;
}

static int receive_buf(struct ai_extract_wire *w, struct core_buf *out, size_t len)
{
    char *room = len > 0 ? core_buf_reserve(out, len) : NULL;
    if (len == 0)
        return 0;
    if (!room)
        return core_buf_error(out);
    int status = receive_all(w, room, len);
    if (status == 0)
        core_buf_grew(out, len);
    return status;
}

/* --- Answers -------------------------------------------------------------------------------- */

static int receive_headings(struct ai_extract_wire *w, const struct ai_extract_answer *a,
                            struct ai_doc *doc)
{
    size_t text_at = 0;
    uint64_t before = 0;
    for (uint32_t i = 0; i < a->headings; i++) {
        struct ai_extract_heading h;
        int status = receive_all(w, &h, sizeof h);
        if (status != 0)
            return status;
        if (h.start < before || h.start >= a->text_bytes || h.level < 1 || h.level > 6 ||
            h.bytes > AI_LIMIT_HEADING_BYTES || h.bytes > a->heading_text_bytes - text_at)
            return CORE_EPROTO;
        doc->headings[i] = (struct ai_doc_heading){(size_t)h.start, h.level, text_at, h.bytes};
        text_at += h.bytes;
        before = h.start;
    }
    doc->heading_count = a->headings;
    return 0;
}

static int receive_tables(struct ai_extract_wire *w, const struct ai_extract_answer *a,
                          struct ai_doc *doc)
{
    uint64_t before = 0;
    for (uint32_t i = 0; i < a->tables; i++) {
        struct ai_extract_table t;
        int status = receive_all(w, &t, sizeof t);
        if (status != 0)
            return status;
        if (t.start < before || t.end <= t.start || t.end > a->text_bytes)
            return CORE_EPROTO;
        doc->tables[i] = (struct ai_doc_table){(size_t)t.start, (size_t)t.end};
        before = t.end;
    }
    doc->table_count = a->tables;
    return 0;
}

static bool answer_in_caps(const struct ai_extract_answer *a)
{
    return a->magic == AI_EXTRACT_MAGIC && a->title_bytes <= AI_LIMIT_HEADING_BYTES &&
           a->kind < AI_DOC_KINDS && a->why_bytes < AI_LIMIT_WHY &&
           a->headings <= AI_LIMIT_HEADINGS && a->tables <= AI_LIMIT_TABLES &&
           a->heading_text_bytes <= a->headings * AI_LIMIT_HEADING_BYTES &&
           a->text_bytes <= AI_LIMIT_DOCUMENT_TEXT && a->status <= 0 &&
           (a->status != 0 || a->text_bytes > 0);
}

static bool is_text(struct core_str s)
{
    return core_utf8_valid(s) && core_str_find_byte(s, '\0') < 0;
}

/* As doc.h promises it to those who cut the text into chunks and keep it. */
static bool document_is_sound(const struct ai_doc *doc)
{
    struct core_str text = core_buf_str(&doc->text);
    if (!is_text(text) || core_str_find_byte(text, '\r') >= 0 ||
        !is_text(core_buf_str(&doc->title)) || !core_utf8_valid(core_str(doc->why)))
        return false;
    for (size_t i = 0; i < doc->heading_count; i++) {
        size_t start = doc->headings[i].start;
        if (core_utf8_cut(text, start) != start || doc->headings[i].text_len == 0 ||
            !is_text(ai_doc_heading_text(doc, i)))
            return false;
    }
    for (size_t i = 0; i < doc->table_count; i++) {
        size_t start = doc->tables[i].start;
        if (core_utf8_cut(text, start) != start)
            return false;
    }
    return true;
}

int ai_extract_receive(struct ai_extract_wire *w, struct ai_doc *doc, int *ret_status)
{
    struct ai_extract_answer a;
    int status = receive_all(w, &a, sizeof a);
    if (status != 0)
        return status;
    if (!answer_in_caps(&a))
        return CORE_EPROTO;
    doc->headings = core_alloc_array(a.headings + 1, sizeof *doc->headings);
    doc->heading_cap = a.headings + 1;
    doc->tables = core_alloc_array(a.tables + 1, sizeof *doc->tables);
    doc->table_cap = a.tables + 1;
    status = receive_headings(w, &a, doc);
    if (status == 0)
        status = receive_tables(w, &a, doc);
    if (status == 0)
        status = receive_buf(w, &doc->title, a.title_bytes);
    if (status == 0)
        status = receive_all(w, doc->why, a.why_bytes);
    if (status == 0)
        status = receive_buf(w, &doc->heading_text, a.heading_text_bytes);
    if (status == 0)
        status = receive_buf(w, &doc->text, (size_t)a.text_bytes);
    if (status == 0) {
        doc->why[a.why_bytes] = 0;
        doc->kind = (enum ai_doc_kind)a.kind;
        if (!document_is_sound(doc))
            status = CORE_EPROTO;
        *ret_status = a.status;
    }
    return status;
}
