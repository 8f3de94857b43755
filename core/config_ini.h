/*
 * config_ini.h: reading INI text, for config.c.
 *
 *     # comment          ; comment
 *     key = value
 *     [section]
 *     key = "value with spaces at its ends "
 *
 * There are no comments behind a value, no escapes and no continued lines: paths may hold anything.
 */
#ifndef CORE_CONFIG_INI_H
#define CORE_CONFIG_INI_H

#include "core/str.h"

struct core_ini_pair {
    struct core_str section; /* empty before the first section */
    struct core_str key;
    struct core_str value;
    unsigned line; /* from 1 */
};

/* Calls on_pair for each pair, in order; a non-zero answer ends the reading and is returned. What
 * is wrong with a line is CORE_EINVAL with the line in *ret_line and a static sentence in *ret_why;
 * neither is touched otherwise. Pairs point into text. */
int core_ini_read(struct core_str text, int (*on_pair)(void *arg, const struct core_ini_pair *pair),
                  void *arg, unsigned *ret_line, const char **ret_why);

#endif
