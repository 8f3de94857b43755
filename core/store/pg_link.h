/*
 * pg_link.h: reaching a PostgreSQL server: the address,
 * the hosts in it, what is wrong when none serves.
 *
 * Blocking, with a deadline for each host.
 */
#ifndef CORE_STORE_PG_LINK_H
#define CORE_STORE_PG_LINK_H

#include "core/env.h"
#include "core/limits.h"

#include <libpq-fe.h>

struct store__pg_address {
    const struct core_env *env;
    char *url;            /* with its password: never printed */
    char name[160];       /* "host:port,host:port/database", for people */
    char application[48]; /* what the server calls our sessions: "sky <instance>" */
    unsigned count;       /* hosts tried one by one; 0: libpq finds out */
    char *host[CORE_LIMIT_STORE_PG_HOSTS];
    char *port[CORE_LIMIT_STORE_PG_HOSTS];
};

/* CORE_EINVAL: not an address. `why`: one line. */
int store__pg_address_init(struct store__pg_address *address, const struct core_env *env,
                           const char *url, const char *instance, char *why, size_t why_cap);
void store__pg_address_done(struct store__pg_address *address);

/* The first host that is a primary of a version and an encoding that will do, and, for a writer,
 * lets itself be written. CORE_EAWAY, CORE_EDENIED, CORE_ENOTFOUND (no such database), CORE_EBUSY
 * (no connection left), CORE_EUNSUPPORTED, CORE_EREADONLY; `why`: one line with the remedy. */
int store__pg_link(const struct store__pg_address *address, bool writes, PGconn **ret, char *why,
                   size_t why_cap);

/* The code of err.h for one of PostgreSQL's, "23505". */
int store__pg_state_error(const char *sqlstate);

#endif
