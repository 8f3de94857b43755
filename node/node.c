/*
 * node.c: this node: its number, what the number means, and the machine under it.
 *
 * Number ranges and multipliers are the product's (1–9 core with named roles, 10–99 extended
 * infrastructure, 100–999,999 desktop, 1,000,000–9,999,999 mobile).
 */
#include "node/node.h"

#include "core/mem.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct node {
    const struct core_env *env;
    struct node_info self;
    uint64_t started_mono_ms;
};

static const char *const core_roles[] = {"hub",           "failover", "last-resort backup",
                                         "learning chat", "AI core",  "crawler",
                                         "storage",       "relay",    "monitor"};

static void classify(struct node_info *info)
{
    static const struct {
        unsigned last;
        const char *class_, *role;
        double multiplier;
    } ranges[] = {
        {9, "S", NULL, 2.0},
        {99, "S", "infrastructure", 2.0},
        {999999, "D", "desktop", 1.0},
        {NODE_NUMBER_MAX, "M", "mobile", 0.1},
    };
    size_t i = 0;
    while (info->number > ranges[i].last) {
        i++;
    }
    info->class_ = ranges[i].class_;
    info->multiplier = ranges[i].multiplier;
    info->role = ranges[i].role ? ranges[i].role : core_roles[info->number - 1];
}

static void machine_read(struct node_info *info)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    long pages = sysconf(_SC_PHYS_PAGES);
    long page_size = sysconf(_SC_PAGESIZE);
    info->cores = cores > 0 ? (unsigned)cores : 1;
    info->memory_bytes = pages > 0 && page_size > 0 ? (int64_t)pages * page_size : 0;
    if (gethostname(info->host, sizeof info->host) != 0) {
        snprintf(info->host, sizeof info->host, "localhost");
    }
    info->host[sizeof info->host - 1] = '\0';
}

struct node *node_new(const struct core_env *env, unsigned number)
{
    assert(number >= 1 && number <= NODE_NUMBER_MAX);
    struct node *node = core_alloc(sizeof *node);
    node->env = env;
    node->self.number = number;
    node->self.state = "online";
    node->self.started_ms = core_wall_ms(env);
    node->started_mono_ms = core_mono_ms(env);
    classify(&node->self);
    machine_read(&node->self);
    return node;
}

void node_free(struct node *node)
{
    free(node);
}

size_t node_list(const struct node *node, struct node_info *ret, size_t cap)
{
    if (cap == 0) {
        return 0;
    }
    *ret = node->self;
    ret->uptime_s = (int64_t)((core_mono_ms(node->env) - node->started_mono_ms) / 1000);
    return 1;
}
