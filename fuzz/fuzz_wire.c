/*
 * fuzz_wire.c: any bytes as the answer of an extraction child: a document that keeps its promises,
 * a refusal with a reason, or an error. If the first byte is odd, the numbers of the head are made
 * to fit the bytes that follow, so that these are looked at.
 */
#include "ai/extract/wire.h"
#include "core/err.h"
#include "fuzz/doc_check.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What a socket takes at once; longer answers add nothing. */
#define INPUT_MAX 16384

static bool keep_on(void *arg)
{
    (void)arg;
    return true;
}

static void fit(struct ai_extract_answer *a, size_t rest)
{
    a->magic = AI_EXTRACT_MAGIC;
    a->status = a->status % 2 ? CORE_EUNSUPPORTED : 0;
    a->headings %= 4;
    a->tables %= 4;
    a->title_bytes %= 8;
    a->kind %= AI_DOC_KINDS;
    a->why_bytes %= 8;
    a->heading_text_bytes %= 16;
    size_t used = a->headings * sizeof(struct ai_extract_heading) +
                  a->tables * sizeof(struct ai_extract_table) + a->title_bytes + a->why_bytes +
                  +a->heading_text_bytes;
    a->text_bytes = rest > used ? rest - used : 1;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ai_extract_answer head;
    int ends[2], said = 1;
    if (size < 1 || size > INPUT_MAX || socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0)
        return 0;
    const uint8_t *rest = data + 1;
    size_t len = size - 1;
    if (data[0] & 1 && len >= sizeof head) {
        memcpy(&head, rest, sizeof head);
        rest += sizeof head;
        len -= sizeof head;
        fit(&head, len);
        assert(send(ends[1], &head, sizeof head, 0) == sizeof head);
    }
    assert(send(ends[1], rest, len, 0) == (ssize_t)len);
    close(ends[1]);
    fcntl(ends[0], F_SETFL, O_NONBLOCK);
    struct ai_extract_wire wire = {
        .env = core_env_real(), .fd = ends[0], .end_ms = UINT64_MAX, .keep_on = keep_on};
    struct ai_doc doc;
    ai_doc_init(&doc);
    int status = ai_extract_receive(&wire, &doc, &said);
    assert(status == 0 || status == CORE_EPROTO || status == CORE_ECLOSED);
    if (status == 0) {
        assert(said <= 0 && core_utf8_valid(core_str(doc.why)));
        if (said == 0) {
            assert(doc.text.len > 0 && ai_doc_mime(doc.kind));
            doc_check(&doc, true);
            doc_check_chunks(&doc);
        }
    }
    ai_doc_done(&doc);
    close(ends[0]);
    return 0;
}
