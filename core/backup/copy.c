/*
 * copy.c: a store into another, on any engine.
 *
 * A SQLite store is made in FOLDER/migrate.part and becomes FOLDER/sky.db at the end. In a database
 * the mark of fill.h says that it is not whole yet.
 */
#include "core/backup/backup.h"

#include "core/backup/dump.h"
#include "core/backup/file.h"
#include "core/backup/fill.h"
#include "core/backup/reader.h"
#include "core/mem.h"

#include <stdio.h>
#include <unistd.h>

struct copying {
    struct store *from, *to;
    bool marked; /* `to` is there already: until it is whole it must not be used */
    const struct backup_progress *progress;
    uint64_t done, expected;
    struct store_tables *tables;
    struct backup_fill *fill;
    struct backup_tally tally;
};

static int copy_frame(void *arg, unsigned table, uint32_t rows, struct core_buf *raw)
{
    struct copying *c = arg;
    unsigned char digest[CORE_SHA256_SIZE];

    core_sha256(core_buf_str(raw), digest);
    backup_tally_rows(&c->tally, table, rows, digest);
    c->done += raw->len;
    if (c->progress->fn)
        c->progress->fn(c->progress->arg, c->done, c->done > c->expected ? c->done : c->expected);
    if (c->progress->cancel && atomic_load(c->progress->cancel))
        return CORE_ECANCELLED;
    return backup_fill_rows(c->fill, core_buf_str(raw));
}

static int copy_all(void *arg)
{
    struct copying *c = arg;
    const struct backup_sink sink = {.frame = copy_frame, .arg = c};
    int err = store_tables(c->from, &c->tables);

    if (err == 0)
        err = backup_fill_begin(c->to, c->tables, &c->fill);
    if (err == 0) {
        backup_tally_init(&c->tally, c->tables->count);
        err = backup_dump(c->from, c->tables, &sink);
    }
    return err < 0 ? err : backup_fill_end(c->fill, c->marked);
}

static const char *copy_problem(int err)
{
    return err == CORE_EEXISTS      ? "it holds data: name an empty one"
           : err == CORE_EMISMATCH  ? "it has other tables: bring both to one schema first"
           : err == CORE_ECANCELLED ? "it was stopped: run it again"
                                    : core_err_text(err);
}

static int copy(const struct core_env *env, struct store *from, struct store *to, bool marked,
                const struct backup_progress *progress, struct backup_info *ret, char *why,
                size_t why_cap)
{
    struct copying *c = core_alloc(sizeof *c);
    struct backup_sums *sums = core_alloc(2 * sizeof *sums);
    struct store_space space;
    int err;

    store_space(from, &space);
    *c = (struct copying){.from = from,
                          .to = to,
                          .marked = marked,
                          .progress = progress,
                          .expected = space.bytes > 0 ? (uint64_t)space.bytes : 0};
    err = backup_unfinished(from) ? CORE_EMISMATCH : store_snapshot(from, copy_all, c);
    if (err == 0) {
        backup_tally_end(&c->tally, &sums[0]);
        err = backup_store_sums(to, &sums[1]);
    }
    if (err == 0 && !backup_sums_rows_eq(&sums[0], &sums[1]))
        err = CORE_ECORRUPT;
    if (err == 0 && marked)
        err = backup_fill_unmark(to);
    if (err == 0) {
        *ret = (struct backup_info){.schema = store_schema(from), .created_ms = core_wall_ms(env)};
        backup_info_digest(c->tables, &sums[1], ret);
    } else {
        snprintf(why, why_cap, "the store to copy to: %s", copy_problem(err));
    }
    backup_fill_free(c->fill);
    backup_tally_done(&c->tally);
    free(c->tables);
    free(sums);
    free(c);
    return err;
}

/* --- From place to place -------------------------------------------------------------------- */

static bool is_folder(const struct backup_place *place)
{
    return strcmp(place->store_url, "sqlite") == 0;
}

/* schema 0: the one to copy from, which is only looked at. */
static int open_place(const struct core_env *env, const struct backup_place *place, unsigned schema,
                      struct store **ret, char *why, size_t why_cap)
{
    const struct store_options options = {.env = env,
                                          .url = place->store_url,
                                          .data_dir = place->data_dir,
                                          .readers_max = 2,
                                          .schema = schema,
                                          .look = schema == 0,
                                          .filling = schema > 0};

    return store_open(&options, ret, why, why_cap);
}

/* The folder in which a new SQLite store is made; a killed one's is emptied. */
static int part_make(const struct core_env *env, const char *folder,
                     char part[static CORE_LIMIT_BACKUP_PATH], char *why, size_t why_cap)
{
    char path[CORE_LIMIT_BACKUP_PATH + 16];
    int n = snprintf(part, CORE_LIMIT_BACKUP_PATH, "%s/migrate.part", folder);
    int err = n < CORE_LIMIT_BACKUP_PATH ? 0 : CORE_ETOOBIG;

    snprintf(path, sizeof path, "%s/sky.db", folder);
    if (err == 0 && access(path, F_OK) == 0) {
        snprintf(why, why_cap, "%s exists: move it away, or name another folder", path);
        return CORE_EEXISTS;
    }
    if (err == 0)
        err = backup_folder_remove(part);
    if (err == 0)
        err = env->fs->mkdirs(env->ctx, part, 0700);
    if (err < 0)
        snprintf(why, why_cap, "%s: %s", part, core_err_text(err));
    return err;
}

static int into_folder(const struct core_env *env, struct store *from, const char *folder,
                       const struct backup_progress *progress, struct backup_info *ret, char *why,
                       size_t why_cap)
{
    char part[CORE_LIMIT_BACKUP_PATH];
    const struct backup_place place = {.store_url = "sqlite", .data_dir = part};
    struct store *to = NULL;
    int err = part_make(env, folder, part, why, why_cap);

    if (err < 0)
        return err;
    err = open_place(env, &place, store_schema(from), &to, why, why_cap);
    if (err == 0)
        err = copy(env, from, to, false, progress, ret, why, why_cap);
    store_free(to);
    if (err == 0) {
        err = backup_folder_closed(part);
        if (err == 0)
            err = backup_store_commit(folder, part);
        if (err < 0)
            snprintf(why, why_cap, "%s/sky.db: %s", folder, core_err_text(err));
    }
    backup_folder_remove(part);
    return err;
}

int backup_migrate(const struct core_env *env, const struct backup_place *from,
                   const struct backup_place *to, const struct backup_progress *progress,
                   struct backup_info *ret, char *why, size_t why_cap)
{
    struct store *source = NULL, *target = NULL;
    int err = open_place(env, from, 0, &source, why, why_cap);

    if (err == 0 && is_folder(to)) {
        err = into_folder(env, source, to->data_dir, progress, ret, why, why_cap);
    } else if (err == 0) {
        err = open_place(env, to, store_schema(source), &target, why, why_cap);
        if (err == 0)
            err = copy(env, source, target, true, progress, ret, why, why_cap);
    }
    store_free(target);
    store_free(source);
    return err;
}
