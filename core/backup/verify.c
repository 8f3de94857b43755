/* verify.c: looks at backups without putting anything anywhere. */
#include "core/backup/reader.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

int backup_peek(const char *path, struct backup_info *ret)
{
    unsigned char bytes[BACKUP_HEAD_SIZE];
    struct backup_head head;
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW);
    int err;

    if (fd < 0)
        return core_err_from_errno(errno);
    err = fstat(fd, &st) < 0 ? core_err_from_errno(errno) : S_ISREG(st.st_mode) ? 0 : CORE_EPROTO;
    if (err == 0 && pread(fd, bytes, sizeof bytes, 0) != (ssize_t)sizeof bytes)
        err = CORE_EPROTO;
    close(fd);
    if (err == 0)
        err = backup_head_parse(core_strn(bytes, sizeof bytes), &head);
    if (err < 0)
        return err;
    *ret = (struct backup_info){.bytes = (uint64_t)st.st_size};
    backup_info_head(&head, ret);
    return 0;
}

/* A sum says that the bytes are those that were written, this that they are rows. */
static int rows_check(const struct backup_reader *r, struct core_str raw)
{
    struct store_value values[CORE_LIMIT_TABLE_COLUMNS];
    struct backup_rows rows;
    int more = backup_rows_parse(raw, backup_reader_tables(r), &rows);

    for (more = more < 0 ? more : 1; more > 0;)
        more = backup_rows_next(&rows, values);
    return more;
}

int backup_verify(const char *path, struct core_str passphrase,
                  const struct backup_progress *progress, struct backup_info *ret, char *why,
                  size_t why_cap)
{
    struct backup_reader *r = NULL;
    enum backup_kind kind;
    struct core_str raw;
    int more = backup_reader_open(path, passphrase, &r, why, why_cap);

    if (more < 0)
        return more;
    while ((more = backup_reader_next(r, &kind, &raw, why, why_cap)) > 0) {
        if (kind == BACKUP_ROWS && rows_check(r, raw) < 0) {
            more = CORE_ECORRUPT;
            snprintf(why, why_cap, "%s holds rows that are none: use another backup", path);
            break;
        }
        if (progress->fn)
            progress->fn(progress->arg, backup_reader_at(r), backup_reader_size(r));
        if (progress->cancel && atomic_load(progress->cancel)) {
            more = CORE_ECANCELLED;
            snprintf(why, why_cap, "it was stopped");
            break;
        }
    }
    if (more == 0)
        backup_reader_info(r, ret);
    backup_reader_free(r);
    return more;
}
