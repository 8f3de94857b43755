/* folder.c: see folder.h. */
#include "core/backup/folder.h"

#include "core/limits.h"
#include "core/mem.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#define SUFFIX ".skybak"

int backup_series(const struct core_env *env, const char *data_dir,
                  char ret[static BACKUP_SERIES_SIZE])
{
    char path[CORE_LIMIT_BACKUP_PATH];
    unsigned char drawn[(BACKUP_SERIES_SIZE - 1) / 2];
    struct core_buf text;
    int err;

    snprintf(path, sizeof path, "%s/backup.series", data_dir);
    core_buf_init(&text, 64);
    err = env->fs->read(env->ctx, path, &text);
    struct core_str s = core_str_trim(core_buf_str(&text));
    if (err == 0 && s.len == BACKUP_SERIES_SIZE - 1 && strspn(s.ptr, "0123456789abcdef") >= s.len) {
        memcpy(ret, s.ptr, s.len);
        ret[s.len] = '\0';
    } else {
        env->random(env->ctx, drawn, sizeof drawn);
        core_hex_encode(drawn, sizeof drawn, ret);
        err = env->fs->write(env->ctx, path, core_str(ret), 0600);
    }
    core_buf_done(&text);
    return err;
}

void backup_entry_name(const char *series, int64_t wall_ms, char ret[static BACKUP_ENTRY_NAME])
{
    time_t seconds = (time_t)(wall_ms / 1000);
    struct tm tm;
    char at[32];

    gmtime_r(&seconds, &tm);
    strftime(at, sizeof at, "%Y%m%d-%H%M%S", &tm);
    snprintf(ret, BACKUP_ENTRY_NAME, "sky-%s-%s-%03d" SUFFIX, series, at, (int)(wall_ms % 1000));
}

/* Is this name one of the series', with this end? */
static bool of_series(const char *name, const char *series, const char *end)
{
    char begin[BACKUP_SERIES_SIZE + 8];
    size_t len = strlen(name), end_len = strlen(end);

    snprintf(begin, sizeof begin, "sky-%s-", series);
    return strncmp(name, begin, strlen(begin)) == 0 && len > end_len &&
           strcmp(name + len - end_len, end) == 0;
}

static int newest_first(const void *a, const void *b)
{
    const struct backup_entry *x = a, *y = b;

    if (x->info.created_ms != y->info.created_ms)
        return x->info.created_ms < y->info.created_ms ? 1 : -1;
    return strcmp(y->name, x->name);
}

int backup_list(const char *folder, const char *series, struct backup_list *ret)
{
    DIR *dir = opendir(folder);
    struct backup_list list = {0};
    struct dirent *entry;
    char path[CORE_LIMIT_BACKUP_PATH + BACKUP_ENTRY_NAME];
    struct backup_entry e;
    size_t cap = 0;

    if (!dir) {
        *ret = list;
        return errno == ENOENT ? 0 : core_err_from_errno(errno);
    }
    while ((entry = readdir(dir)) && list.count < CORE_LIMIT_BACKUPS) {
        int n = snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        size_t len = strlen(entry->d_name);
        memset(&e, 0, sizeof e);
        if (n < 0 || (size_t)n >= sizeof path || len >= sizeof e.name ||
            (len >= 5 && strcmp(entry->d_name + len - 5, ".part") == 0) ||
            backup_peek(path, &e.info) < 0)
            continue;
        memcpy(e.name, entry->d_name, len + 1);
        e.ours = e.info.scheduled && of_series(e.name, series, SUFFIX);
        if (core_grow((void **)&list.entries, &cap, list.count, sizeof e, CORE_LIMIT_BACKUPS) < 0)
            break;
        list.entries[list.count++] = e;
    }
    closedir(dir);
    if (list.count)
        qsort(list.entries, list.count, sizeof *list.entries, newest_first);
    *ret = list;
    return 0;
}

void backup_list_done(struct backup_list *list)
{
    free(list->entries);
    *list = (struct backup_list){0};
}

static void remove_in(const char *folder, const char *name)
{
    char path[CORE_LIMIT_BACKUP_PATH + BACKUP_ENTRY_NAME];
    int n = snprintf(path, sizeof path, "%s/%s", folder, name);

    if (n > 0 && (size_t)n < sizeof path)
        unlink(path);
}

static void parts_remove(const char *folder, const char *series)
{
    DIR *dir = opendir(folder);
    struct dirent *entry;

    while (dir && (entry = readdir(dir))) {
        if (of_series(entry->d_name, series, SUFFIX ".part"))
            remove_in(folder, entry->d_name);
    }
    if (dir)
        closedir(dir);
}

void backup_prune(const char *folder, const char *series, unsigned keep)
{
    struct backup_list list;
    unsigned seen = 0;

    parts_remove(folder, series);
    if (backup_list(folder, series, &list) < 0)
        return;
    for (size_t i = 0; i < list.count; i++) {
        if (list.entries[i].ours && ++seen > keep)
            remove_in(folder, list.entries[i].name);
    }
    backup_list_done(&list);
}
