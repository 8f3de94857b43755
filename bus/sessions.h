/*
 * sessions.h: the sessions that clients of the API have agreed on: in memory, each bound to an
 * account, for an hour. Loop thread.
 */
#ifndef BUS_SESSIONS_H
#define BUS_SESSIONS_H

#include "bus/handshake.h"

struct bus_sessions;
struct bus_sessions *bus_sessions_new(const struct core_env *env,
                                      const struct bus_identity *identity);
void bus_sessions_free(struct bus_sessions *sessions); /* accepts NULL; wipes */

/* Answers an offer and keeps the session. When the account, or the server, has as many as it may,
 * the one that was not used for longest gives way. Errors: bus_handshake_answer(). */
int bus_sessions_answer(struct bus_sessions *sessions, const char *account, struct core_str offer,
                        char ret_id[static CORE_ID_SIZE],
                        unsigned char ret_reply[static BUS_HANDSHAKE_REPLY_SIZE])
    __attribute__((warn_unused_result));
/* NULL: there is none of that id, it is over, or it
 * is another account's. Valid until the next call. */
struct bus_session *bus_sessions_find(struct bus_sessions *sessions, const char *account,
                                      struct core_str id);

#endif
