/* upstream.h: starts the program upstream (tests/e2e/upstream.c) for a test. */
#ifndef TESTS_UNIT_UPSTREAM_H
#define TESTS_UNIT_UPSTREAM_H

#include <sys/types.h>

struct upstream {
    pid_t pid;
    char url[64]; /* http://127.0.0.1:PORT */
};
/* Up to three options with their values; NULL ends them. */
void upstream_start(struct upstream *up, const char *const options[7]);
void upstream_stop(struct upstream *up);
/* GET of a path; the body in out. */
void upstream_get(const struct upstream *up, const char *path, char *out, size_t cap);
/* A number of GET /stats. */
long long upstream_stat(const struct upstream *up, const char *name);

#endif
