/*
 * h1.h: HTTP/1.1 as a server sees it, sans I/O: bytes in, events out (llhttp behind a face), and
 * the bytes of answers.
 *
 *     while (bytes left)
 *         switch (bus_h1_feed(h1, &head, bytes, &used)) …
 *
 * One message at a time: after END the parser takes nothing more until bus_h1_next(), so that
 * requests sent ahead stay where they are until the one before is answered. Strict: what two
 * servers could read in two ways (both lengths, a length twice, bad chunks, folded lines, spaces
 * before a colon, bare line feeds, no or several Host) is an error, after which the connection must
 * be closed.
 */
#ifndef BUS_H1_H
#define BUS_H1_H

#include "bus/head.h"

struct bus_h1;

enum bus_h1_event {
    BUS_H1_MORE, /* all taken, the message goes on */
    BUS_H1_HEAD, /* the head is whole; call again for the body (also when there is none) */
    BUS_H1_END,  /* the message is whole */
    BUS_H1_ERROR /* bus_h1_error() tells; feeding again gives the same */
};

/* on_body gets each piece of the body during bus_h1_feed(). */
struct bus_h1 *bus_h1_new(void (*on_body)(void *arg, struct core_str piece), void *arg);
void bus_h1_free(struct bus_h1 *h1); /* accepts NULL */

/* Takes bytes up to the next event. `head` must be the same, cleared before, for one message; it is
 * whole from HEAD on. ret_used ≤ bytes.len. */
enum bus_h1_event bus_h1_feed(struct bus_h1 *h1, struct bus_head *head, struct core_str bytes,
                              size_t *ret_used);
/* Ready for the next message. */
void bus_h1_next(struct bus_h1 *h1);
/* A first byte of the message came. */
bool bus_h1_begun(const struct bus_h1 *h1);

struct bus_h1_error {
    int status;       /* what to answer: 400, 414, 431, 501, 505 */
    const char *text; /* for people; static */
};
struct bus_h1_error bus_h1_error(const struct bus_h1 *h1);

/* --- Answers; errors stick in the buffer ------------------------------------------------------ */

/* "HTTP/1.1 200 OK\r\n" */
void bus_h1_put_status(struct core_buf *out, int status);
/* "name: value\r\n"; both must be clean. Inline: most names are literals. */
static inline void bus_h1_put_field(struct core_buf *out, struct core_str name,
                                    struct core_str value)
{
    size_t len = name.len + value.len + 4;
    char *to = core_buf_reserve(out, len);
    if (!to)
        return;
    to = mempcpy(to, name.ptr, name.len);
    to = mempcpy(to, ": ", 2);
    to = mempcpy(to, value.ptr, value.len);
    memcpy(to, "\r\n", 2);
    core_buf_grew(out, len);
}
void bus_h1_put_length(struct core_buf *out, uint64_t length);
/* One chunk; an empty one would end the body and is left out. */
void bus_h1_put_chunk(struct core_buf *out, struct core_str bytes);
void bus_h1_put_last_chunk(struct core_buf *out);
/* "Not Found"; "" for a status nobody registered. */
const char *bus_h1_reason(int status);

#endif
