/*
 * sessions.c: a small table, looked through from one end to the other: a session is made by a
 * handshake that costs a thousand times as much.
 */
#include "bus/sessions.h"

#include "core/limits.h"
#include "core/mem.h"

#include <stdio.h>

struct entry {
    struct bus_session *session; /* NULL: free */
    char id[CORE_ID_SIZE];
    char account[CORE_ID_SIZE];
    int64_t ends_ms;
    uint64_t used; /* by the table's own count of uses */
};

struct bus_sessions {
    const struct core_env *env;
    const struct bus_identity *identity;
    uint64_t uses;
    struct entry entries[BUS_LIMIT_SESSIONS];
};

struct bus_sessions *bus_sessions_new(const struct core_env *env,
                                      const struct bus_identity *identity)
{
    struct bus_sessions *t = core_alloc(sizeof *t);
    t->env = env;
    t->identity = identity;
    return t;
}

static void end(struct entry *e)
{
    bus_session_free(e->session);
    core_wipe(e, sizeof *e);
}

void bus_sessions_free(struct bus_sessions *t)
{
    if (!t)
        return;
    for (unsigned i = 0; i < BUS_LIMIT_SESSIONS; i++)
        end(&t->entries[i]);
    free(t);
}

/* A place: a free one, or that of the longest unused
 * session of the account if it has enough, else of all. */
static struct entry *claim(struct bus_sessions *t, const char *account)
{
    struct entry *oldest = NULL, *oldest_own = NULL, *place = NULL;
    unsigned own = 0;
    int64_t now = core_wall_ms(t->env);
    for (unsigned i = 0; i < BUS_LIMIT_SESSIONS; i++) {
        struct entry *e = &t->entries[i];
        if (e->session && e->ends_ms <= now)
            end(e);
        if (!e->session) {
            place = place ? place : e;
            continue;
        }
        if (!oldest || e->used < oldest->used)
            oldest = e;
        if (strcmp(e->account, account) != 0)
            continue;
        own++;
        if (!oldest_own || e->used < oldest_own->used)
            oldest_own = e;
    }
    struct entry *gives_way = own >= BUS_LIMIT_SESSIONS_ACCOUNT ? oldest_own
                              : place                           ? NULL
                                                                : oldest;
    if (!gives_way)
        return place;
    end(gives_way);
    return gives_way;
}

int bus_sessions_answer(struct bus_sessions *t, const char *account, struct core_str offer,
                        char ret_id[static CORE_ID_SIZE],
                        unsigned char ret_reply[static BUS_HANDSHAKE_REPLY_SIZE])
{
    struct bus_session *session = NULL;
    int err = bus_handshake_answer(t->env, t->identity, offer, ret_reply, &session);
    if (err)
        return err;
    struct entry *e = claim(t, account);
    e->session = session;
    core_id_new(t->env, e->id);
    snprintf(e->account, sizeof e->account, "%s", account);
    e->ends_ms = core_wall_ms(t->env) + (int64_t)BUS_LIMIT_SESSION_S * 1000;
    e->used = ++t->uses;
    memcpy(ret_id, e->id, CORE_ID_SIZE);
    return 0;
}

struct bus_session *bus_sessions_find(struct bus_sessions *t, const char *account,
                                      struct core_str id)
{
    for (unsigned i = 0; i < BUS_LIMIT_SESSIONS; i++) {
        struct entry *e = &t->entries[i];
        if (!e->session || !core_str_eq_c(id, e->id) || strcmp(e->account, account) != 0)
            continue;
        if (e->ends_ms <= core_wall_ms(t->env)) {
            end(e);
            return NULL;
        }
        e->used = ++t->uses;
        return e->session;
    }
    return NULL;
}
