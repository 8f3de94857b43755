/*
 * wire.h: the parent's side of the frames that extract.h draws. Room only; one thread.
 */
#ifndef AI_EXTRACT_WIRE_H
#define AI_EXTRACT_WIRE_H

#include "ai/extract/extract.h"

struct ai_extract_wire {
    const struct core_env *env;
    int fd; /* a socket that does not block */
    /* Of the document that is being read. */
    uint64_t end_ms;
    bool (*keep_on)(void *arg);
    void *arg;
};
/* 0, CORE_ECLOSED, CORE_ETIMEOUT, CORE_ECANCELLED. */
int ai_extract_send(struct ai_extract_wire *wire, const void *bytes, size_t len);
/* 0: an answer came; its own status is in *ret_status, and if that is 0 the document is in doc,
 * which was empty. Else (the codes above, CORE_EPROTO for an answer that breaks its own rules) doc
 * holds rubbish, and the child is of no use any more. */
int ai_extract_receive(struct ai_extract_wire *wire, struct ai_doc *doc, int *ret_status);

#endif
