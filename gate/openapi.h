/*
 * openapi.h: the OpenAPI 3.1 document, printed from the route table.
 */
#ifndef GATE_OPENAPI_H
#define GATE_OPENAPI_H

#include "gate/route.h"

/* Answers with the document of the gate, in the form that the client accepts, or with 304. */
void gate_openapi_reply(struct gate_request *r);

/* Appends the document for a table. 0 or the buffer's error. */
int gate_openapi_print(struct core_buf *out, const struct gate_route *routes, size_t count);

#endif
