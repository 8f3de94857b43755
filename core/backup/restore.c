/*
 * restore.c: a backup into a folder and a store.
 *
 *     check all of the file ─► DATA.part/ ─► store there, at the backup's schema ─► rows ─► keys
 *       ─► the store's sums are the backup's ─► schema up to date ─► fsync ─► DATA.part becomes DATA
 *
 * A database is marked as unfinished meanwhile, and locked. Its mark goes last: one that could be
 * used before its keys are in place would get new ones.
 */
#include "core/backup/backup.h"

#include "core/backup/dump.h"
#include "core/backup/file.h"
#include "core/backup/fill.h"
#include "core/backup/reader.h"
#include "core/mem.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

static bool in_database(const struct backup_restore *o)
{
    return strcmp(o->store_url, "sqlite") != 0;
}

static bool cancelled(const struct backup_progress *p)
{
    return p->cancel && atomic_load(p->cancel);
}

/* --- Parts of a restore --------------------------------------------------------------------- */

static int put_file(const struct backup_restore *o, const char *part, struct core_str raw)
{
    char name[BACKUP_FILE_NAME], path[CORE_LIMIT_BACKUP_PATH + BACKUP_FILE_NAME + 16];
    struct core_str content;
    int err = backup_file_parse(raw, name, &content);

    if (err < 0)
        return err;
    if (strchr(name, '/')) {
        snprintf(path, sizeof path, "%s/%.*s", part, (int)(strchr(name, '/') - name), name);
        err = o->env->fs->mkdirs(o->env->ctx, path, 0700);
    }
    snprintf(path, sizeof path, "%s/%s", part,
             strcmp(name, "config.ini") == 0 ? "restored.ini" : name);
    return err < 0 ? err : o->env->fs->write(o->env->ctx, path, content, 0600);
}

static int fill(const struct backup_restore *o, const char *part, struct store *store,
                struct backup_reader *r, char *why, size_t why_cap)
{
    struct backup_fill *f = NULL;
    enum backup_kind kind;
    struct core_str raw;
    int more = 1;
    int err = backup_fill_begin(store, backup_reader_tables(r), &f);

    if (err == CORE_EEXISTS)
        snprintf(why, why_cap, "the database holds data: name an empty one");
    else if (err == CORE_EMISMATCH)
        snprintf(why, why_cap, "%s has other tables than schema %u of this program", o->path,
                 store_schema(store));
    while (err == 0 && (more = backup_reader_next(r, &kind, &raw, why, why_cap)) > 0) {
        err = kind == BACKUP_ROWS ? backup_fill_rows(f, raw) : put_file(o, part, raw);
        if (o->progress.fn)
            o->progress.fn(o->progress.arg, backup_reader_size(r) + backup_reader_at(r),
                           2 * backup_reader_size(r));
        if (err == 0 && cancelled(&o->progress))
            err = CORE_ECANCELLED;
    }
    err = err < 0 ? err : more;
    if (err == 0)
        err = backup_fill_end(f, in_database(o));
    backup_fill_free(f);
    return err;
}

static int compare(struct store *store, const struct backup_reader *r, char *why, size_t why_cap)
{
    struct backup_sums *sums = core_alloc(sizeof *sums);
    int err = backup_store_sums(store, sums);

    if (err == 0 && !backup_sums_rows_eq(sums, backup_reader_sums(r))) {
        snprintf(why, why_cap, "what the store holds now is not what was put in: check its disk");
        err = CORE_ECORRUPT;
    }
    free(sums);
    return err;
}

/* Opens it, and lets its engine bring the schema up to date; or only to `schema`. */
static int open_store(const struct backup_restore *o, const char *part, unsigned schema,
                      bool filling, struct store **ret, char *why, size_t why_cap)
{
    const struct store_options options = {.env = o->env,
                                          .url = o->store_url,
                                          .data_dir = part,
                                          .readers_max = 2,
                                          .schema = schema,
                                          .filling = filling};

    return store_open(&options, ret, why, why_cap);
}

/* ret_store: a database, still open and marked; NULL: the store lies in the folder. */
static int put_back(const struct backup_restore *o, const char *part, struct store **ret_store,
                    struct backup_info *ret, char *why, size_t why_cap)
{
    struct backup_reader *r = NULL;
    struct store *store = NULL;
    int err = backup_reader_open(o->path, o->passphrase, &r, why, why_cap);

    if (err == 0)
        err = open_store(o, part, backup_reader_head(r)->schema, true, &store, why, why_cap);
    if (err == 0)
        err = fill(o, part, store, r, why, why_cap);
    if (err == 0)
        err = compare(store, r, why, why_cap);
    if (err == 0)
        backup_reader_info(r, ret);
    backup_reader_free(r);
    if (err == 0 && !o->keep_schema) {
        store_free(store);
        store = NULL;
        err = open_store(o, part, 0, false, &store, why, why_cap);
    }
    if (err == 0 && in_database(o)) {
        *ret_store = store;
        return 0;
    }
    store_free(store);
    return err;
}

/* --- Restoring ------------------------------------------------------------------------------ */

/* Checking is the first half of what there is to do. */
static void on_checked(void *arg, uint64_t done, uint64_t total)
{
    const struct backup_progress *all = arg;

    if (all->fn)
        all->fn(all->arg, done, 2 * total);
}

static void explain(const struct backup_restore *o, int err, char *why, size_t why_cap)
{
    if (err == CORE_EEXISTS)
        snprintf(why, why_cap, "%s holds files: restore into a folder that is empty or not there",
                 o->data_dir);
    else if (err == CORE_EBUSY)
        snprintf(why, why_cap,
                 "%s cannot become the restored folder: another restore uses it, or it is where a "
                 "disk is mounted (restore into a folder below that)",
                 o->data_dir);
    else
        snprintf(why, why_cap, "%s: %s", o->data_dir, core_err_text(err));
}

/* All of it is there. */
static int release(const struct backup_restore *o, struct store *database, char *why,
                   size_t why_cap)
{
    int err = backup_fill_unmark(database);

    if (err < 0)
        snprintf(why, why_cap, "the database: %s: remove %s and run it again", core_err_text(err),
                 o->data_dir);
    return err;
}

int backup_restore(const struct backup_restore *o, struct backup_info *ret, char *why,
                   size_t why_cap)
{
    struct backup_progress all = o->progress;
    const struct backup_progress first = {
        .fn = on_checked, .arg = &all, .cancel = o->progress.cancel};
    char part[CORE_LIMIT_BACKUP_PATH];
    struct backup_info info;
    struct store *database = NULL;
    int lock = -1;
    int err = backup_folder_check(o->data_dir);

    *why = '\0';
    if (err == 0)
        err = backup_verify(o->path, o->passphrase, &first, &info, why, why_cap);
    if (err == 0)
        err = backup_folder_open(o->data_dir, part, &lock);
    if (err == 0) {
        err = put_back(o, part, &database, &info, why, why_cap);
        if (err == 0)
            err = backup_folder_closed(part);
        if (err == 0)
            err = backup_folder_commit(o->data_dir, part);
        if (err < 0)
            backup_folder_remove(part);
        else if (database)
            err = release(o, database, why, why_cap);
        store_free(database);
    }
    if (lock >= 0)
        close(lock);
    if (err < 0 && !*why)
        explain(o, err, why, why_cap);
    if (err == 0)
        *ret = info;
    return err;
}
