/*
 * main.h: what the files of main/ share.
 */
#ifndef MAIN_MAIN_H
#define MAIN_MAIN_H

#include "ai/ai.h"
#include "shell/shell.h"

/* --- serve.c ------------------------------------------------------------------------------------ */

int main_serve(const struct core_config *config);

/* --- hooks.c ------------------------------------------------------------------------------------ */

int main_data_dir(const struct core_config *config, struct core_buf *ret_path);
int main_token(const char *data_dir, struct core_buf *ret_token, char *why, size_t why_cap);
int main_doctor(const struct core_config *config, bool server_runs,
                void (*report)(void *arg, const char *check, bool ok, const char *detail),
                void *arg);

/* --- paths.c: where things are on this machine -------------------------------------------------- */

struct main_paths {
    char data[4096];
    char program[4096];
    char model[4096], embed[4096], embed_multi[4096];
};
/* Fills everything; a model that set-up has not fetched gets the path where it would be. A model
 * that was *configured* and cannot be one (missing, no GGUF file) is an error: `why` is one line
 * with the remedy. */
int main_paths_find(const struct core_config *config, struct main_paths *ret, char *why,
                    size_t why_cap);

/* --- lock.c: one server a data folder, and run.json by which others find it --------------------- */

/* Takes DATA/lock for the life of the process, and removes the run.json of one that was killed.
 * CORE_EBUSY: another server holds it. */
int main_lock(const char *data_dir, int *ret_fd, char *why, size_t why_cap);
int main_run_write(const struct core_env *env, const char *data_dir, const char *http,
                   const char *https, unsigned nod);
void main_run_remove(const struct core_env *env, const char *data_dir);

/* --- rooms.c: opens the rooms in order, frees them in reverse ----------------------------------- */

struct main_rooms {
    struct core_loop *loop;
    struct store *store;
    struct bus_identity *identity;
    struct accounts *accounts;
    struct node *node;
    struct ai *ai;
};
/* On failure nothing stays open. */
int main_rooms_open(const struct core_config *config, const struct main_paths *paths,
                    struct main_rooms *ret, char *why, size_t why_cap);
void main_rooms_free(struct main_rooms *rooms);

#endif
