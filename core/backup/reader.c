/* reader.c: see reader.h. */
#include "core/backup/reader.h"

#include "core/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

struct backup_reader {
    char *path;
    int fd;
    uint64_t at, size, number; /* number: of the next frame */
    struct backup_head head;
    struct backup_seal seal;
    struct backup_codec *codec;
    struct store_tables *tables;
    struct backup_tally tally;
    bool tallying;
    struct backup_sums sums;
    struct core_buf body, raw;
};

/* --- Bytes ---------------------------------------------------------------------------------- */

/* CORE_ECORRUPT where the file ends before. */
static int read_exact(struct backup_reader *r, void *out, size_t len)
{
    for (size_t got = 0; got < len;) {
        ssize_t n = read(r->fd, (char *)out + got, len - got);
        if (n == 0)
            return CORE_ECORRUPT;
        if (n < 0 && errno != EINTR)
            return core_err_from_errno(errno);
        got += n > 0 ? (size_t)n : 0;
    }
    r->at += len;
    return 0;
}

static int file_open(struct backup_reader *r)
{
    struct stat st;

    r->fd = open(r->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (r->fd < 0 || fstat(r->fd, &st) < 0)
        return core_err_from_errno(errno);
    if (!S_ISREG(st.st_mode))
        return CORE_EPROTO;
    posix_fadvise(r->fd, 0, 0, POSIX_FADV_SEQUENTIAL);
    r->size = (uint64_t)st.st_size;
    return 0;
}

static int head_read(struct backup_reader *r)
{
    unsigned char bytes[BACKUP_HEAD_SIZE];
    int err = r->size < sizeof bytes ? CORE_EPROTO : read_exact(r, bytes, sizeof bytes);

    return err < 0 ? err : backup_head_parse(core_strn(bytes, sizeof bytes), &r->head);
}

static int explain(const struct backup_reader *r, int err, char *why, size_t why_cap)
{
    switch (err) {
    case CORE_EPROTO:
        snprintf(why, why_cap,
                 "%s is not a backup of sky: name the file that `sky admin backup` made", r->path);
        break;
    case CORE_ENEWER:
        snprintf(why, why_cap, "%s was made by a newer sky: use that version", r->path);
        break;
    case CORE_EAUTH:
        snprintf(why, why_cap,
                 "%s is sealed: give its passphrase with --passphrase or --passphrase-file",
                 r->path);
        break;
    case CORE_EDENIED:
        snprintf(why, why_cap, "%s was sealed with another passphrase: give that one", r->path);
        break;
    case CORE_ECORRUPT:
        snprintf(why, why_cap,
                 "%s is damaged: it was cut short or altered near byte %llu: use another backup",
                 r->path, (unsigned long long)r->at);
        break;
    default:
        snprintf(why, why_cap, "%s: %s: check that it is there and can be read", r->path,
                 core_err_text(err));
        break;
    }
    return err;
}

/* --- Frames --------------------------------------------------------------------------------- */

/* The content of the next frame, in r->raw. */
static int frame_next(struct backup_reader *r, struct backup_frame *ret,
                      unsigned char digest[static CORE_SHA256_SIZE])
{
    unsigned char head[BACKUP_FRAME_HEAD];
    size_t size;
    char *room;
    int err = read_exact(r, head, sizeof head);

    if (err == 0)
        err = backup_frame_parse(head, ret);
    if (err < 0)
        return err;
    size = (size_t)ret->stored + BACKUP_CHECK_SIZE;
    if (size > r->size - r->at)
        return CORE_ECORRUPT; /* before memory is taken for it */
    core_buf_clear(&r->body);
    room = core_buf_reserve(&r->body, size);
    if (!room)
        return CORE_ENOMEM;
    err = read_exact(r, room, size);
    /* The file before may be a key: growing would leave it behind. */
    if (r->tally.sums.files)
        core_buf_wipe(&r->raw);
    if (err == 0)
        err = backup_frame_open(&r->seal, r->codec, r->number, head, core_strn(room, size), &r->raw,
                                digest);
    if (err == 0 && ret->kind != BACKUP_END && r->tallying)
        backup_tally_check(&r->tally, core_strn(room + ret->stored, BACKUP_CHECK_SIZE));
    if (err == 0 && ret->kind == BACKUP_MANIFEST) {
        err = r->number == 0 ? backup_tables_parse(core_buf_str(&r->raw), &r->tables)
                             : CORE_ECORRUPT;
        if (err == 0) {
            backup_tally_init(&r->tally, r->tables->count);
            r->tallying = true;
            backup_tally_check(&r->tally, core_strn(room + ret->stored, BACKUP_CHECK_SIZE));
        }
    }
    r->number++;
    return err;
}

int backup_reader_open(const char *path, struct core_str passphrase, struct backup_reader **ret,
                       char *why, size_t why_cap)
{
    struct backup_reader *r = core_alloc(sizeof *r);
    struct backup_frame frame;
    unsigned char digest[CORE_SHA256_SIZE];
    int err;

    r->path = core_strdup(core_str(path));
    r->codec = backup_codec_new();
    core_buf_init(&r->body, 2u * CORE_LIMIT_BACKUP_FRAME);
    core_buf_init(&r->raw, CORE_LIMIT_BACKUP_FRAME);
    err = file_open(r);
    if (err == 0)
        err = head_read(r);
    if (err == 0)
        err = backup_seal_open(&r->head, passphrase, &r->seal);
    if (err == 0)
        err = frame_next(r, &frame, digest);
    if (err == 0 && frame.kind != BACKUP_MANIFEST)
        err = CORE_ECORRUPT;
    if (err < 0) {
        explain(r, err, why, why_cap);
        backup_reader_free(r);
        return err;
    }
    *ret = r;
    return 0;
}

void backup_reader_free(struct backup_reader *r)
{
    if (!r)
        return;
    if (r->fd >= 0)
        close(r->fd);
    if (r->tallying)
        backup_tally_done(&r->tally);
    backup_seal_wipe(&r->seal);
    backup_codec_free(r->codec);
    core_buf_wipe(&r->raw); /* the last frames may be keys */
    core_buf_done(&r->body);
    free(r->tables);
    free(r->path);
    free(r);
}

static int rows_note(struct backup_reader *r, const unsigned char *digest)
{
    struct backup_rows rows;
    int err = backup_rows_parse(core_buf_str(&r->raw), r->tables, &rows);

    if (err == 0 && (rows.number < r->tally.at || r->tally.sums.files))
        err = CORE_ECORRUPT;
    if (err == 0)
        backup_tally_rows(&r->tally, rows.number, rows.rows, digest);
    return err;
}

static int file_note(struct backup_reader *r)
{
    char name[BACKUP_FILE_NAME];
    struct core_str content;

    if (r->tally.sums.files++ == CORE_LIMIT_BACKUP_FILES)
        return CORE_ECORRUPT;
    return backup_file_parse(core_buf_str(&r->raw), name, &content);
}

/* Nothing comes after the sums. */
static int end_note(struct backup_reader *r)
{
    struct backup_sums *told = core_alloc(sizeof *told);
    int err = backup_sums_parse(core_buf_str(&r->raw), told);

    if (err == 0) {
        backup_tally_end(&r->tally, &r->sums);
        err = backup_sums_eq(told, &r->sums) && r->at == r->size ? 0 : CORE_ECORRUPT;
    }
    free(told);
    return err;
}

int backup_reader_next(struct backup_reader *r, enum backup_kind *ret_kind,
                       struct core_str *ret_raw, char *why, size_t why_cap)
{
    unsigned char digest[CORE_SHA256_SIZE];
    struct backup_frame frame;
    int err = frame_next(r, &frame, digest);

    if (err == 0 && frame.kind == BACKUP_ROWS)
        err = rows_note(r, digest);
    else if (err == 0 && frame.kind == BACKUP_FILE)
        err = file_note(r);
    else if (err == 0 && frame.kind == BACKUP_END)
        err = end_note(r);
    else if (err == 0)
        err = CORE_ECORRUPT;
    if (err < 0)
        return explain(r, err, why, why_cap);
    *ret_kind = frame.kind;
    *ret_raw = core_buf_str(&r->raw);
    return frame.kind != BACKUP_END;
}

/* --- What is known -------------------------------------------------------------------------- */

const struct backup_head *backup_reader_head(const struct backup_reader *r)
{
    return &r->head;
}

const struct store_tables *backup_reader_tables(const struct backup_reader *r)
{
    return r->tables;
}

const struct backup_sums *backup_reader_sums(const struct backup_reader *r)
{
    return &r->sums;
}

uint64_t backup_reader_at(const struct backup_reader *r)
{
    return r->at;
}

uint64_t backup_reader_size(const struct backup_reader *r)
{
    return r->size;
}

void backup_info_head(const struct backup_head *head, struct backup_info *ret)
{
    ret->schema = head->schema;
    ret->created_ms = head->created_ms;
    memcpy(ret->engine, head->engine, sizeof ret->engine);
    memcpy(ret->program, head->program, sizeof ret->program);
    ret->sealed = head->flags & BACKUP_SEALED;
    ret->keys = head->flags & BACKUP_KEYS;
    ret->config = head->flags & BACKUP_CONFIG;
    ret->scheduled = head->flags & BACKUP_SCHEDULED;
}

void backup_info_digest(const struct store_tables *tables, const struct backup_sums *sums,
                        struct backup_info *ret)
{
    struct core_sha256 *h = core_sha256_new();

    ret->rows = 0;
    ret->tables = sums->tables;
    ret->files = sums->files;
    for (unsigned t = 0; t < sums->tables; t++) {
        core_sha256_add(h, core_strn(tables->tables[t].name, strlen(tables->tables[t].name) + 1));
        core_sha256_add(h, core_strn(sums->table[t].digest, CORE_SHA256_SIZE));
        ret->rows += sums->table[t].rows;
    }
    core_sha256_end(h, ret->digest);
}

void backup_reader_info(const struct backup_reader *r, struct backup_info *ret)
{
    memset(ret, 0, sizeof *ret);
    backup_info_head(&r->head, ret);
    ret->bytes = r->size;
    backup_info_digest(r->tables, &r->sums, ret);
}
