/*
 * head.h: the head of an HTTP request, the same for both versions of the protocol.
 *
 * All text lies in one buffer; names and values are spans of it, so that a head is filled piece by
 * piece, grows, and is used again for the next request without an allocation:
 *
 *     text    GET/api/status?x=1localhost:8080acceptapplication/json…
 *             └┬┘└──────┬───────┘└─────┬──────┘└─┬──┘└──────┬───────┘
 *           method    target       authority   name       value
 *
 * Names are lower-case. Values have no spaces around them. Bytes are the client's: valid by the
 * grammar of HTTP, nothing more. A core_str from here lives until the head changes.
 */
#ifndef BUS_HEAD_H
#define BUS_HEAD_H

#include "core/buf.h"
#include "core/limits.h"

struct bus_span {
    uint32_t at, len;
};
struct bus_field {
    struct bus_span name, value;
};
struct bus_head {
    struct core_buf text;
    struct bus_span method, target, authority;
    struct bus_field fields[BUS_LIMIT_FIELDS];
    unsigned count;
    int64_t content_length; /* −1: not said */
    bool chunked;           /* a body of unknown length follows (HTTP/1.1) */
    bool old;               /* HTTP/1.0 */
    bool keep;              /* the connection may be used again after it (HTTP/1) */
    bool expect;            /* waits for "100 Continue" before it sends the body */
};

/* Allocates nothing. */
void bus_head_init(struct bus_head *head);
void bus_head_done(struct bus_head *head);
/* Ready for another request; keeps BUS_LIMIT_HEAD_KEEP of memory. */
void bus_head_clear(struct bus_head *head);

static inline struct core_str bus_head_str(const struct bus_head *head, struct bus_span span)
{
    return core_strn(span.len > 0 ? head->text.ptr + span.at : "", span.len);
}
/* Value of the first field of that lower-case name; false when there is none. */
bool bus_head_find(const struct bus_head *head, struct core_str name, struct core_str *ret);

/* Appends bytes to the text: as they are, or in lower case. The span starts at the old end.
 * CORE_ETOOBIG past BUS_LIMIT_HEAD, CORE_ENOMEM. */
int bus_head_add(struct bus_head *head, struct core_str bytes);
int bus_head_add_lower(struct bus_head *head, struct core_str bytes);
/* Appends a whole field; CORE_ETOOBIG also past BUS_LIMIT_FIELDS. */
int bus_head_add_field(struct bus_head *head, struct core_str name, struct core_str value);

#endif
