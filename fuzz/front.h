/*
 * front.h: the gate with its real routes and handlers, and nothing real before or behind it: one
 * stream in memory instead of a network, services that check what a handler hands them and answer
 * at once. One request at a time, one thread.
 */
#ifndef FUZZ_FRONT_H
#define FUZZ_FRONT_H

#include "gate/route.h"

#define FRONT_TOKEN "sky_token"
#define FRONT_SESSION "session"
/* The only page; its three forms differ. */
#define FRONT_PAGE "<p>page"
#define FRONT_PAGE_GZIP "gzip"
#define FRONT_PAGE_BROTLI "br"
#define FRONT_ETAG "W/\"abc\""

struct front_answer {
    int status;                 /* 0: the client left before there was one */
    struct core_str head, body; /* of sent; a chunked body is put together */
    struct core_buf sent;
    unsigned served;       /* calls of a service */
    struct core_str token; /* what was tried as one, or {NULL, 0} */
    struct core_str session;
};
/* Sends one whole HTTP/1.1 request that ends the connection, and waits for the answer. leave: the
 * client leaves as soon as it has sent. Asserts that what comes back is one well-formed answer. */
void front_ask(struct core_str request, bool leave, struct front_answer *ret);
void front_answer_done(struct front_answer *answer);
/* What the services have for a store. */
struct store *front_store(void);
/* Value of the first such header (lower-case name). */
bool front_header(const struct front_answer *answer, const char *name, struct core_str *ret);

/* For the services: the answer that is being made; counts a call, and checks a string that it
 * got. */
extern struct front_answer *front_now;
void front_serve_str(struct core_str s, size_t min, size_t max);
/* For the parts of the front that lie in files of their
 * own: a service was reached; run this in the next turn. */
void front_served(void);
void front_later(struct core_post *post);

#endif
