/*
 * extractor.c: the parent's end of extraction: keeps one child, feeds it documents and replaces it
 * when it dies, hangs or talks nonsense (which wire.c tells).
 */
#include "ai/child.h"
#include "ai/extract/extract.h"
#include "ai/extract/wire.h"

#include "core/err.h"
#include "core/limits.h"
#include "core/mem.h"

#include <stdlib.h>

struct ai_extractor {
    char *program;
    struct ai_child child;
    struct ai_extract_wire wire; /* to the child, while there is one */
};

struct ai_extractor *ai_extractor_new(const struct core_env *env, const char *program)
{
    struct ai_extractor *e = core_alloc(sizeof *e);
    e->program = core_strdup(core_str(program));
    e->wire = (struct ai_extract_wire){.env = env, .fd = -1};
    return e;
}

void ai_extractor_rest(struct ai_extractor *e)
{
    ai_child_kill(&e->child);
    e->wire.fd = -1;
}

void ai_extractor_free(struct ai_extractor *e)
{
    if (!e)
        return;
    ai_extractor_rest(e);
    free(e->program);
    free(e);
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
    e->wire.fd = e->child.fd;
    struct ai_extract_request request = {AI_EXTRACT_MAGIC, (uint32_t)name.len, bytes.len};
    struct ai_extract_wire *wire = &e->wire;
    wire->end_ms = core_mono_ms(wire->env) + AI_LIMIT_EXTRACT_MS;
    wire->keep_on = keep_on;
    wire->arg = arg;
    int said = 0;
    int status = ai_extract_send(wire, &request, sizeof request);
    if (status == 0)
        status = ai_extract_send(wire, name.ptr, name.len);
    if (status == 0)
        status = ai_extract_send(wire, bytes.ptr, bytes.len);
    if (status == 0)
        status = ai_extract_receive(wire, doc, &said);
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
