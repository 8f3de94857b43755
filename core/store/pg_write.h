/* pg_write.h: what the writer's thread does to a PostgreSQL database. One thread at a time. */
#ifndef CORE_STORE_PG_WRITE_H
#define CORE_STORE_PG_WRITE_H

#include "core/store/batch.h"
#include "core/store/pg_open.h"

struct store__pg_writer {
    const struct store__pg_address *address;
    char holder[CORE_ID_SIZE];
    struct store__pg *conn; /* NULL: none at the moment */
    int64_t number;         /* of the last commit that is known to exist */
    bool in_doubt;          /* the one after it may exist */
    char told[512];         /* why there is no session, as the log has it */
};

/* These fit struct store__writer_ops; arg is the struct above. A batch whose commit broke off and
 * whose fate could not be learnt in time gets CORE_ETIMEOUT. */
int store__pg_commit(void *arg, struct store_batch *first, unsigned n);
int store__pg_flush(void *arg);
int store__pg_probe(void *arg);
int store__pg_tend(void *arg);

#endif
