/*
 * node.h: the face of SkyNOD: what is known of the nodes. For now that is this one.
 */
#ifndef NODE_NODE_H
#define NODE_NODE_H

#include "core/env.h"

/* The address space of node numbers. */
#define NODE_NUMBER_MAX 9999999

struct node;
struct node_info {
    unsigned number;    /* NODn */
    const char *class_; /* "S", "D", "M" by the number's range */
    const char *role;   /* "hub" … "monitor" for 1–9, "infrastructure", "desktop", "mobile" */
    double multiplier;  /* SkyCoin: 2.0, 1.0, 0.1 */
    const char *state;  /* "online" */
    int64_t started_ms, uptime_s;
    char host[256];
    unsigned cores;
    int64_t memory_bytes;
};
struct node *node_new(const struct core_env *env, unsigned number);
void node_free(struct node *node);
/* The nodes known, this one first. */
size_t node_list(const struct node *node, struct node_info *ret, size_t cap);

#endif
