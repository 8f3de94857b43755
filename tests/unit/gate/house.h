/*
 * house.h: a gate with a few routes on real sockets, in a thread of its own, and a blocking client.
 */
#ifndef TESTS_UNIT_GATE_HOUSE_H
#define TESTS_UNIT_GATE_HOUSE_H

#include "gate/gate.h"
#include "gate/route.h"
#include "tests/unit/bus/folder.h"
#include "web/assets.h"

#include <stdatomic.h>

struct house {
    char dir[FOLDER_SIZE];
    unsigned port, tls_port;
    char token[ACCOUNT_TOKEN_SIZE];
    atomic_llong shift_ms; /* added to both clocks */
    atomic_int gone;       /* requests of /never whose client left */
    atomic_int waiting;    /* requests of /never that are open */
    atomic_bool cut;       /* /flood was told to stop */
    atomic_bool held;      /* /slow goes on until it is not */
    atomic_int done;       /* by /once */
    atomic_bool drained;
    /* private */
    struct core_env env;
    struct core_loop *loop;
    struct store *store;
    struct accounts *accounts;
    struct bus_identity *identity;
    struct gate *gate;
    struct core_post drain_post;
    unsigned long thread;
};

int house_setup(void **state);
/* The same with so few places for connections. */
int house_setup_small(void **state);
enum { HOUSE_SMALL_CONNECTIONS = 6 };
int house_teardown(void **state);
/* Starts gate_drain() on its thread. */
void house_drain(struct house *house);
void house_sleep(unsigned ms);

/* --- Client --------------------------------------------------------------------------------- */

int client_open(const struct house *house);
/* From another address than 127.0.0.1. */
int client_open_from(const struct house *house, const char *address);
void client_send(int fd, struct core_str bytes);
struct client_answer {
    int status;
    struct core_buf head; /* with NUL */
    struct core_buf body;
};
/* Reads one answer (of a request that was HEAD: without body). false: the connection ended
 * first. */
bool client_read(int fd, bool head, struct client_answer *ret);
void client_answer_done(struct client_answer *answer);
/* Value of a header, lower-case name; NULL when absent. Until the next call. */
const char *client_header(const struct client_answer *answer, const char *name);
/* Sends one request on a connection of its own; "\r\n" and Host are the caller's. */
struct client_answer client_ask(const struct house *house, const char *request);
/* The server closed the connection and sent nothing more. */
bool client_ended(int fd);

#endif
