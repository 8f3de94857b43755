/*
 * docs.h: what is written of the command line for other programs to read: manual pages, completions
 * of shells, a configuration file to edit. sky-docs makes them while sky is built, out of the
 * tables that --help and the parsers read. Inside sky-docs only.
 */
#ifndef SHELL_DOCS_H
#define SHELL_DOCS_H

#include "shell/command.h"

/* Each appends one whole file. */
void docs_man_sky(struct core_buf *out);  /* sky.1 */
void docs_man_conf(struct core_buf *out); /* sky.conf.5 */
void docs_conf(struct core_buf *out);     /* sky.conf: every key, commented */
void docs_bash(struct core_buf *out);
void docs_zsh(struct core_buf *out);
void docs_fish(struct core_buf *out);

enum { DOCS_WORDS = 32 };
/* The words that may follow `sky COMMAND` or, with `under`, `sky COMMAND UNDER`, as the usage has
 * them. They point into it. How many. */
size_t docs_words(const struct shell_command *command, struct core_str under,
                  struct core_str ret[static DOCS_WORDS]);
/* What a value must look like, where that is not plain; false where it is. */
bool docs_wants(enum core_config_key key, struct core_buf *out);
/* Are its arguments files, or commands? */
bool docs_takes_files(const struct shell_command *command);
bool docs_takes_commands(const struct shell_command *command);
/* The sections of the configuration file in their order, "" first; NULL behind the last. */
const char *docs_section(size_t i, char out[static CORE_CONFIG_NAME]);
/* The key's name in its section; NULL when it is of another, or can be in no file. */
const char *docs_section_key(enum core_config_key key, const char *section);

#endif
