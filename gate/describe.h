/*
 * describe.h: what /openapi.json says of a route beyond the route table: how it succeeds, how it
 * may fail, and an example of each. Data only; test_openapi holds it to the table.
 */
#ifndef GATE_DESCRIBE_H
#define GATE_DESCRIBE_H

#include "gate/route.h"

struct gate_description {
    const char *id; /* the route's */
    const char *text;
    int status;       /* of success; 0: 200 where there is an answer, else 204 */
    const char *type; /* of the answer; NULL: application/json where the route has a schema of it */
    bool unchanged;   /* 304 for who sends its ETag */
    const char *also; /* another type of it, for who asks for that */
    const char *takes;   /* another type of the request's body */
    const char *request; /* examples, JSON; a text where the type is another */
    const char *answer;
    const char *
        problems; /* "409:email-taken 401:totp-required": beside those that follow from the route */
};
/* describe_admin.c: those of the dashboard. */
extern const struct gate_description gate_descriptions_admin[];
extern const size_t gate_description_admin_count;
/* Of both. NULL: there is none. */
const struct gate_description *gate_describe(const char *id);

/* Parameters of queries and paths, which are called the same wherever they stand. */
struct gate_parameter {
    const char *name;
    const char *schema; /* JSON Schema */
    const char *text;
};
/* NULL: any text. */
const struct gate_parameter *gate_describe_parameter(struct core_str name);

/* Every way to fail: status, slug, what it means. */
struct gate_problem_kind {
    int status;
    const char *slug, *means;
};
extern const struct gate_problem_kind gate_problem_kinds[];
extern const size_t gate_problem_kind_count;

#endif
