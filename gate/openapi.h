/*
 * openapi.h: the OpenAPI 3.1 document, printed from the route table.
 */
#ifndef GATE_OPENAPI_H
#define GATE_OPENAPI_H

#include "gate/route.h"

/* The document of the gate that received this request; built once, lives as long as the gate. */
struct core_str gate_openapi(const struct gate_request *r);

/* Appends the document for a table. 0 or the buffer's error. */
int gate_openapi_print(struct core_buf *out, const struct gate_route *routes, size_t count);

#endif
