/*
 * main.h: what the files of main/ share.
 */
#ifndef MAIN_MAIN_H
#define MAIN_MAIN_H

#include "ai/ai.h"
#include "core/backup/habit.h"
#include "core/limits.h"
#include "core/version.h"
#include "genom/genom.h"
#include "shell/shell.h"
#include "web/assets.h"

#include <stdatomic.h>

/* --- serve.c ---------------------------------------------------------------------------------- */

int main_serve(const struct core_config *config);

/* --- hooks.c ---------------------------------------------------------------------------------- */

int main_data_dir(const struct core_config *config, struct core_buf *ret_path);
int main_token(const char *data_dir, struct core_buf *ret_token, char *why, size_t why_cap);
int main_dictionary(const struct core_config *config, struct genom_dict **ret_dict, char *why,
                    size_t why_cap);
int main_doctor(const struct core_config *config, bool server_runs,
                void (*report)(void *arg, const char *check, bool ok, const char *detail),
                void *arg);

/* --- audit.c ---------------------------------------------------------------------------------- */

struct accounts;
struct store;
/* In a running server: writes what was counted each
 * minute, forgets what is older than `days` once a day. */
struct main_audit;
struct main_audit *main_audit_open(struct core_loop *loop, struct accounts *accounts,
                                   struct store *store, unsigned days);
void main_audit_days_set(struct main_audit *audit, unsigned days);
void main_audit_close(struct main_audit *audit); /* accepts NULL */
/* Hooks of the shell. */
int main_audit(const struct core_config *config, enum shell_audit what, unsigned limit,
               struct core_buf *ret_json, char *why, size_t why_cap);
void main_token_printed(const struct core_config *config);

/* --- gauges.c: what a monitor asks of store and disk ------------------------------------------ */

struct bus_identity;
struct main_gauges;
struct main_gauges *main_gauges_open(struct core_loop *loop, struct store *store,
                                     const struct bus_identity *identity);
void main_gauges_close(struct main_gauges *gauges); /* accepts NULL */
/* --- backup.c --------------------------------------------------------------------------------- */

/* Its texts are the configuration's. */
struct backup_plan main_backup_plan(const struct core_config *config);
/* store_options.upgrading; arg: the data folder. Writes DATA/backups/before-schema-<to>.skybak. */
int main_backup_upgrading(void *arg, struct store *store, unsigned to, char *why, size_t why_cap);

/* --- notify.c --------------------------------------------------------------------------------- */

/* Tells the service manager that started this process,
 * if one did: "READY=1", "STATUS=…", a line each. */
void main_notify(const char *state);

/* --- paths.c: where things are on this machine ------------------------------------------------ */

struct main_paths {
    char data[MAIN_LIMIT_PATH];
    char program[MAIN_LIMIT_PATH];
    char model[MAIN_LIMIT_PATH], embed[MAIN_LIMIT_PATH], embed_multi[MAIN_LIMIT_PATH];
    char genom[MAIN_LIMIT_PATH], pack[MAIN_LIMIT_PATH];
};
/* Fills everything; a model that set-up has not fetched gets the path where it would be. A model
 * that was *configured* and cannot be one (missing, no GGUF file) is an error: `why` is one line
 * with the remedy. */
int main_paths_find(const struct core_config *config, struct main_paths *ret, char *why,
                    size_t why_cap);

/* The dictionary of a configuration, without looking at anything else. */
int main_genom_path(const struct core_config *config, char *out, size_t cap);

/* --- live.c: what of the configuration takes effect in a running server ----------------------- */

struct main_rooms;
/* At the start, before threads: how is logged. */
void main_live_log(const struct core_config *config);
/* Begins to learn the folders of the option `learn`. */
void main_live_learn(struct main_rooms *rooms, const struct core_config *config);
/* 0 … 2 */
unsigned main_live_level_max(const struct core_config *config);
/* Reads the configuration again. Changed keys take effect or are said to need a restart (they
 * differ from what the server was started with); config->current becomes the new one, and the one
 * that it replaces is freed when it is not the one started with. A file that is broken is logged
 * with its line and changes nothing. */
void main_live_reload(struct main_rooms *rooms, struct core_config_live *config);

/* --- lock.c: one server a data folder, and run.json by which others find it ------------------- */

/* Takes DATA/lock for the life of the process, and removes the run.json of one that was killed.
 * CORE_EBUSY: another server holds it. */
int main_lock(const char *data_dir, int *ret_fd, char *why, size_t why_cap);
/* The same for who writes into the folder: CORE_EDENIED to root where it belongs to somebody
 * else. */
int main_lock_own(const char *data_dir, int *ret_fd, char *why, size_t why_cap);
int main_run_write(const struct core_env *env, const char *data_dir, const char *http,
                   const char *https, unsigned nod);
void main_run_remove(const struct core_env *env, const char *data_dir);

/* --- clients.c: a server that a command started ends when no command uses it any more --------- */

struct main_clients;
/* none(arg) is called once, when nobody has held DATA/clients for a few
 * seconds; nobody can join from then until main_clients_close(). NULL: a person
 * started this server, whom it serves until it is told to end. */
struct main_clients *main_clients_watch(struct core_loop *loop, const char *data_dir,
                                        void (*none)(void *arg), void *arg);
void main_clients_close(struct main_clients *clients); /* accepts NULL */

/* --- pack.c: the packed dictionary that the page /genom loads --------------------------------- */

struct main_pack;
/* Maps it. No file: *ret is NULL; one that cannot be one is an error with its remedy. */
int main_pack_open(const char *path, struct main_pack **ret, char *why, size_t why_cap);
/* Both accept NULL. */
const struct web_asset *main_pack_asset(const struct main_pack *pack);
void main_pack_close(struct main_pack *pack);

/* --- genom.c: the dictionary of a running server ---------------------------------------------- */

struct main_genom;
/* given: it was configured, and must be there. */
int main_genom_open(struct core_loop *loop, const char *path, bool given, struct main_genom **ret,
                    char *why, size_t why_cap);
/* Checks all of it, MAIN_LIMIT_GENOM_CHECK_MS from now, behind all other work; logs what it
 * found. */
void main_genom_check(struct main_genom *g);
/* NULL: set-up has made none. */
struct genom_dict *main_genom_dict(const struct main_genom *g);
/* Becomes true when the check found damage. Any thread; lives as long as g. */
const atomic_bool *main_genom_damaged(const struct main_genom *g);
const atomic_bool *main_genom_intact(const struct main_genom *genom);
void main_genom_close(struct main_genom *g); /* accepts NULL */

/* --- rooms.c: opens the rooms in order, frees them in reverse --------------------------------- */

struct main_rooms {
    struct core_loop *loop;
    struct store *store;
    struct bus_identity *identity;
    struct accounts *accounts;
    struct node *node;
    struct ai *ai;
    struct main_genom *genom;
    struct bus_sessions *sessions;
    struct main_audit *audit;
    struct main_gauges *gauges;
    struct backup_habit *backups;
    struct main_pack *pack; /* NULL: set-up has made none */
    struct gate *gate;      /* NULL until the server makes it, which frees it too */
};
/* On failure nothing stays open. */
int main_rooms_open(const struct core_config *config, const struct main_paths *paths,
                    struct main_rooms *ret, char *why, size_t why_cap);
void main_rooms_free(struct main_rooms *rooms);

#endif
