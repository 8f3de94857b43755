/*
 * backup.h: the face of backups: made while the store
 * is in use, checked, and put back on any engine.
 *
 * One file holds the rows of every table at one moment, checked frame by frame, compressed, and
 * sealed when there is a passphrase; docs/backup.md has its layout. What an engine derives
 * (indexes, keyword tables, vector segments) is not in it and is made anew. Everything here blocks:
 * pool threads, or a program of its own.
 *
 * `why` is one line with the remedy. A passphrase is the caller's, who wipes it.
 */
#ifndef CORE_BACKUP_BACKUP_H
#define CORE_BACKUP_BACKUP_H

#include "core/store/store.h"

#include <stdatomic.h>

/* What there is to do is an estimate for a backup, and
 * exact otherwise. Called often, on the caller's thread. */
struct backup_progress {
    void (*fn)(void *arg, uint64_t done, uint64_t total); /* may be NULL */
    void *arg;
    const atomic_bool *cancel; /* may be NULL; true: give up with CORE_ECANCELLED */
};

struct backup_info {
    unsigned schema;
    int64_t created_ms;
    char engine[16], program[16];
    bool sealed, keys, config, scheduled;
    uint64_t bytes, rows; /* of the file; of all tables */
    unsigned tables, files;
    unsigned char digest[32]; /* of all rows: equal on every engine that has them */
};

struct backup_options {
    const struct core_env *env;
    struct store *store;        /* one that is only looked at will do */
    const char *path;           /* must not exist */
    struct core_str passphrase; /* empty: not sealed */
    const char *data_dir;       /* NULL: without keys; else with those of this data folder */
    const char *config_path;    /* NULL: without configuration */
    bool scheduled;             /* marks it as one that backup_prune() may remove */
    bool background;            /* behind all other work */
    struct backup_progress progress;
};
/* Writes PATH.part (mode 0600), then renames it, so that PATH is whole or is not there. What a
 * killed one left is written over. CORE_EEXISTS, CORE_EBUSY (another one writes it), CORE_EAUTH
 * (keys need a passphrase), … */
int backup_make(const struct backup_options *options, struct backup_info *ret, char *why,
                size_t why_cap);

/* The head alone, which no passphrase is needed for and no other checksum covers: what to list. */
int backup_peek(const char *path, struct backup_info *ret);
/* Reads all of it and checks every sum. CORE_EPROTO (no backup), CORE_ENEWER, CORE_ECORRUPT (cut
 * short, altered), CORE_EAUTH (needs a passphrase), CORE_EDENIED (needs another one). */
int backup_verify(const char *path, struct core_str passphrase,
                  const struct backup_progress *progress, struct backup_info *ret, char *why,
                  size_t why_cap);

struct backup_restore {
    const struct core_env *env;
    const char *path;
    struct core_str passphrase;
    const char *data_dir; /* must not exist or be empty */
    const char
        *store_url;   /* where the rows go: "sqlite", into the folder; else an empty database */
    bool keep_schema; /* leave the schema that the backup has, for the program that made it */
    struct backup_progress progress;
};
/* Checks all of the file first. Then DATA.part is filled and becomes DATA at the end, so that a
 * killed one leaves nothing half done; the next one writes over what it left. Keys are put in their
 * place, the configuration into DATA/restored.ini. */
int backup_restore(const struct backup_restore *options, struct backup_info *ret, char *why,
                   size_t why_cap);

/* Where a store is. */
struct backup_place {
    const char *store_url; /* "sqlite", "postgresql://…" */
    const char *
        data_dir; /* "sqlite": the store lies in it; else the data folder that goes with it, or "" */
};
/* Copies every row and compares counts and sums. Nobody writes to either meanwhile: the caller
 * holds their locks. `to` has no store (a folder), is empty or holds what a killed copy left (a
 * database). CORE_EEXISTS: it holds data. */
int backup_migrate(const struct core_env *env, const struct backup_place *from,
                   const struct backup_place *to, const struct backup_progress *progress,
                   struct backup_info *ret, char *why, size_t why_cap);
/* Is this a store that a restore or copy was putting
 * rows into when it was killed? It must not be used. */
bool backup_unfinished(struct store *store);

#endif
