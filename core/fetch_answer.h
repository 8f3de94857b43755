/*
 * fetch_answer.h: the answers of HTTP/1.1 servers, sans-I/O
 * (llhttp behind a face). For the fetch files of core.
 *
 * One core__answer reads one answer. Interim ones (1xx) are read and forgotten; 101 was not asked
 * for and is an error. Nothing is lenient: who breaks the protocol is not understood.
 */
#ifndef CORE_FETCH_ANSWER_H
#define CORE_FETCH_ANSWER_H

#include "core/str.h"

#include <llhttp.h>

struct core__answer {
    int status; /* 0 until the head is whole; then also the next two are */
    char content_type[128];
    char retry_after[64];
    bool whole; /* nothing of it is missing */
    bool keep;  /* when whole: the connection may carry another request */
    /* Private. */
    llhttp_t parser;
    bool bodyless;
    size_t head_len; /* of fields, those behind the body included */
    char name[16];
    size_t name_len;
    char *value; /* where the value of the current field goes, or NULL */
    size_t value_len, value_cap;
    char *body;
};

/* bodyless: the request was a HEAD. */
void core__answer_init(struct core__answer *answer, bool bodyless);
/* What belongs to the body is moved to the front of `bytes`: *ret_body of them,
 * also when the rest is an error. CORE_EPROTO, CORE_ETOOBIG (the head). What
 * stands behind a whole answer is not read, and ends `keep`. */
int core__answer_feed(struct core__answer *answer, char *bytes, size_t len, size_t *ret_body);
/* The server ended the connection: 0 when this makes the answer whole, else CORE_EPROTO. */
int core__answer_end(struct core__answer *answer);

#endif
