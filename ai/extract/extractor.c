/*
 * extractor.c: the parent's end of extraction: keeps one child, feeds it documents, checks what
 * comes back, and replaces it when it dies, hangs or talks nonsense.
 */
#include "ai/child.h"
#include "ai/extract/extract.h"

#include "core/err.h"
#include "core/limits.h"
#include "core/mem.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>

/* Between two looks whether to go on. */
#define KEEP_ON_MS 100

struct ai_extractor {
    const struct core_env *env;
    char *program;
    struct ai_child child;
    /* Of the document that is being read. */
    uint64_t end_ms;
    bool (*keep_on)(void *arg);
    void *arg;
};

struct ai_extractor *ai_extractor_new(const struct core_env *env, const char *program)
{
    struct ai_extractor *e = core_alloc(sizeof *e);
    e->env = env;
    e->program = core_strdup(core_str(program));
    return e;
}

void ai_extractor_rest(struct ai_extractor *e)
{
    ai_child_kill(&e->child);
}

void ai_extractor_free(struct ai_extractor *e)
{
    if (!e)
        return;
    ai_extractor_rest(e);
    free(e->program);
    free(e);
}

/* --- Bytes under a deadline ----------------------------------------------------------------- */

static int wait_for(struct ai_extractor *e, short events)
{
    struct pollfd p = {.fd = e->child.fd, .events = events};
    uint64_t now = core_mono_ms(e->env);
    if (!e->keep_on(e->arg))
        return CORE_ECANCELLED;
    if (now >= e->end_ms)
        return CORE_ETIMEOUT;
    poll(&p, 1, e->end_ms - now < KEEP_ON_MS ? (int)(e->end_ms - now) : KEEP_ON_MS);
    return 0; /* the call that follows and the clock tell what happened */
}

static int send_all(struct ai_extractor *e, const void *bytes, size_t len)
{
    for (size_t at = 0; at < len;) {
        ssize_t n = send(e->child.fd, (const char *)bytes + at, len - at, MSG_NOSIGNAL);
        if (n > 0) {
            at += (size_t)n;
        } else if (errno == EAGAIN) {
            int status = wait_for(e, POLLOUT);
            if (status != 0)
                return status;
        } else if (errno != EINTR) {
            return CORE_ECLOSED;
        }
    }
    return 0;
}

static int receive_all(struct ai_extractor *e, void *bytes, size_t len)
{
    for (size_t at = 0; at < len;) {
        ssize_t n = recv(e->child.fd, (char *)bytes + at, len - at, 0);
        if (n > 0) {
            at += (size_t)n;
        } else if (n == 0) {
            return CORE_ECLOSED;
        } else if (errno == EAGAIN) {
            int status = wait_for(e, POLLIN);
            if (status != 0)
                return status;
        } else if (errno != EINTR) {
            return CORE_ECLOSED;
        }
    }
    return 0;
}

static int receive_buf(struct ai_extractor *e, struct core_buf *out, size_t len)
{
    char *room = len > 0 ? core_buf_reserve(out, len) : NULL;
    if (len == 0)
        return 0;
    if (!room)
        return core_buf_error(out);
    int status = receive_all(e, room, len);
    if (status == 0)
        core_buf_grew(out, len);
    return status;
}

/* --- Answers -------------------------------------------------------------------------------- */

/* The static string for a mime type that came over the socket. */
static const char *mime_of(struct core_str mime)
{
    static const char *const known[] = {
        "text/plain",
        "text/markdown",
        "text/html",
        "text/troff",
        AI_EXTRACT_ALIAS,
        "application/pdf",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document"};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (core_str_eq_c(mime, known[i]))
            return known[i];
    }
    return NULL;
}

static int receive_headings(struct ai_extractor *e, const struct ai_extract_answer *a,
                            struct ai_doc *doc)
{
    size_t text_at = 0;
    uint64_t before = 0;
    for (uint32_t i = 0; i < a->headings; i++) {
        struct ai_extract_heading h;
        int status = receive_all(e, &h, sizeof h);
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

static bool answer_in_caps(const struct ai_extract_answer *a)
{
    return a->magic == AI_EXTRACT_MAGIC && a->title_bytes <= AI_LIMIT_HEADING_BYTES &&
           a->mime_bytes <= 100 && a->why_bytes < AI_LIMIT_WHY &&
           a->headings <= AI_LIMIT_HEADINGS &&
           a->heading_text_bytes <= a->headings * AI_LIMIT_HEADING_BYTES &&
           a->text_bytes <= AI_LIMIT_DOCUMENT_TEXT && a->status <= 0 &&
           (a->status != 0 || a->text_bytes > 0);
}

/* 0: an answer came, its own status is in *ret_status. Else the child is of no use any more. */
static int receive_answer(struct ai_extractor *e, struct ai_doc *doc, int *ret_status)
{
    struct ai_extract_answer a;
    struct core_buf mime;
    int status = receive_all(e, &a, sizeof a);
    if (status != 0)
        return status;
    if (!answer_in_caps(&a))
        return CORE_EPROTO;
    core_buf_init(&mime, 128);
    doc->headings = core_alloc_array(a.headings + 1, sizeof *doc->headings);
    doc->heading_cap = a.headings + 1;
    status = receive_headings(e, &a, doc);
    if (status == 0)
        status = receive_buf(e, &doc->title, a.title_bytes);
    if (status == 0)
        status = receive_buf(e, &mime, a.mime_bytes);
    if (status == 0)
        status = receive_all(e, doc->why, a.why_bytes);
    if (status == 0)
        status = receive_buf(e, &doc->heading_text, a.heading_text_bytes);
    if (status == 0)
        status = receive_buf(e, &doc->text, (size_t)a.text_bytes);
    if (status == 0) {
        doc->why[a.why_bytes] = 0;
        doc->mime = mime_of(core_buf_str(&mime));
        bool valid = core_utf8_valid(core_buf_str(&doc->text)) &&
                     core_utf8_valid(core_buf_str(&doc->heading_text)) &&
                     core_utf8_valid(core_buf_str(&doc->title)) &&
                     core_utf8_valid(core_str(doc->why));
        if (!valid || (a.status == 0 && !doc->mime))
            status = CORE_EPROTO;
        *ret_status = a.status;
    }
    core_buf_done(&mime);
    return status;
}

int ai_extractor_run(struct ai_extractor *e, struct core_str name, struct core_str bytes,
                     bool (*keep_on)(void *arg), void *arg, struct ai_doc *doc)
{
    if (name.len > AI_LIMIT_NAME) {
        name.ptr += name.len - AI_LIMIT_NAME; /* the suffix matters */
        name.len = AI_LIMIT_NAME;
    }
    if (bytes.len > AI_LIMIT_DOCUMENT_BYTES)
        return ai_doc_fail(doc, CORE_ETOOBIG, "it is larger than %u MB",
                           AI_LIMIT_DOCUMENT_BYTES >> 20);
    const char *const argv[] = {e->program, "extract-worker", NULL};
    if (e->child.pid == 0 && ai_child_start(argv, &e->child) != 0)
        return ai_doc_fail(doc, CORE_EIO, "the extraction process does not start: %s", e->program);
    struct ai_extract_request request = {AI_EXTRACT_MAGIC, (uint32_t)name.len, bytes.len};
    e->end_ms = core_mono_ms(e->env) + AI_LIMIT_EXTRACT_MS;
    e->keep_on = keep_on;
    e->arg = arg;
    int said = 0;
    int status = send_all(e, &request, sizeof request);
    if (status == 0)
        status = send_all(e, name.ptr, name.len);
    if (status == 0)
        status = send_all(e, bytes.ptr, bytes.len);
    if (status == 0)
        status = receive_answer(e, doc, &said);
    if (status == 0)
        return said;
    ai_extractor_rest(e);
    ai_doc_clear(doc);
    if (status == CORE_ECANCELLED)
        return status;
    if (status == CORE_ETIMEOUT)
        return ai_doc_fail(doc, status, "reading it took longer than %d s",
                           AI_LIMIT_EXTRACT_MS / 1000);
    return ai_doc_fail(doc, CORE_ECORRUPT, "reading it failed: the file is damaged or too complex");
}
