/*
 * pipe.c: a ring of slots.
 *
 *     filled ──► taken ──► encoded ──► written        three counters of frames, filled − written ≤ slots
 *     (caller)   (a worker)            (in order: by whoever encoded the next, for all that are ready behind it)
 *
 * The lock guards the counters and what is ready: a slot belongs to the caller, then to the worker
 * that took it, then to the one that writes.
 */
#include "core/backup/pipe.h"

#include "core/mem.h"
#include "core/sched.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <uv.h>
#include <unistd.h>

/* The disk gets something to do before the end. */
#define FLUSH_BYTES (8u << 20)

struct slot {
    enum backup_kind kind;
    unsigned table;
    uint32_t rows;
    struct core_buf raw, out;
    unsigned char digest[CORE_SHA256_SIZE];
    bool encoded;
    int error;
};

struct backup_pipe {
    int fd;
    const struct backup_seal *seal;
    bool background;
    unsigned threads;
    pthread_t thread[CORE_LIMIT_BACKUP_THREADS];
    uv_mutex_t lock; /* over the fields down to `closing` */
    uv_cond_t changed;
    uint64_t filled, taken, written;
    int error;
    bool writing; /* somebody does */
    bool closing;
    /* Whose turn it is to write owns the rest. */
    struct backup_tally tally;
    uint64_t bytes, flushed;
    struct slot slots[CORE_LIMIT_BACKUP_SLOTS];
};

static struct slot *slot_of(struct backup_pipe *p, uint64_t number)
{
    return &p->slots[number % CORE_LIMIT_BACKUP_SLOTS];
}

static int write_all(struct backup_pipe *p, struct core_str bytes)
{
    for (size_t at = 0; at < bytes.len;) {
        ssize_t n = write(p->fd, bytes.ptr + at, bytes.len - at);
        if (n < 0 && errno != EINTR)
            return core_err_from_errno(errno);
        at += n > 0 ? (size_t)n : 0;
    }
    p->bytes += bytes.len;
    if (p->bytes - p->flushed >= FLUSH_BYTES) {
        /* Only a hint: what matters is the fsync at the end. */
        sync_file_range(p->fd, (off_t)(BACKUP_HEAD_SIZE + p->flushed),
                        (off_t)(p->bytes - p->flushed), SYNC_FILE_RANGE_WRITE);
        p->flushed = p->bytes;
    }
    return 0;
}

/* In order. */
static int slot_write(struct backup_pipe *p, struct slot *s)
{
    struct core_str bytes = core_buf_str(&s->out);
    int err = write_all(p, bytes);

    if (err < 0)
        return err;
    if (s->kind == BACKUP_ROWS)
        backup_tally_rows(&p->tally, s->table, s->rows, s->digest);
    else if (s->kind == BACKUP_FILE)
        p->tally.sums.files++;
    if (s->kind != BACKUP_END)
        backup_tally_check(&p->tally,
                           core_strn(bytes.ptr + bytes.len - BACKUP_CHECK_SIZE, BACKUP_CHECK_SIZE));
    return 0;
}

/* Needs the lock, and gives it up meanwhile. What is encoded and next, until another is not. */
static void write_ready(struct backup_pipe *p)
{
    struct slot *s;

    p->writing = true;
    while ((s = slot_of(p, p->written))->encoded) {
        int err = s->error < 0 ? s->error : p->error;

        uv_mutex_unlock(&p->lock);
        if (err == 0)
            err = slot_write(p, s);
        uv_mutex_lock(&p->lock);
        if (p->error == 0)
            p->error = err;
        s->encoded = false;
        p->written++;
        uv_cond_broadcast(&p->changed);
    }
    p->writing = false;
}

/* One frame; the lock is held at both ends. */
static void work_one(struct backup_pipe *p, struct backup_codec *codec)
{
    uint64_t number = p->taken++;
    struct slot *s = slot_of(p, number);

    uv_mutex_unlock(&p->lock);
    core_buf_clear(&s->out);
    s->error = backup_frame_put(p->seal, codec, number, s->kind, core_buf_str(&s->raw), &s->out,
                                s->digest);
    /* Keys; rows keep their memory for the next ones. */
    if (s->kind == BACKUP_FILE)
        core_buf_wipe(&s->raw);
    uv_mutex_lock(&p->lock);
    s->encoded = true;
    if (!p->writing)
        write_ready(p);
}

static void *worker(void *arg)
{
    struct backup_pipe *p = arg;
    struct backup_codec *codec = backup_codec_new();

    if (p->background)
        core_sched_background();
    uv_mutex_lock(&p->lock);
    for (;;) {
        while (p->taken == p->filled && !p->closing)
            uv_cond_wait(&p->changed, &p->lock);
        if (p->taken == p->filled)
            break;
        work_one(p, codec);
    }
    uv_mutex_unlock(&p->lock);
    backup_codec_free(codec);
    return NULL;
}

struct backup_pipe *backup_pipe_new(int fd, const struct backup_seal *seal, unsigned tables,
                                    unsigned threads, bool background)
{
    struct backup_pipe *p = core_alloc(sizeof *p);

    assert(threads >= 1 && threads <= CORE_LIMIT_BACKUP_THREADS);
    p->fd = fd;
    p->seal = seal;
    p->background = background;
    uv_mutex_init(&p->lock);
    uv_cond_init(&p->changed);
    backup_tally_init(&p->tally, tables);
    for (unsigned i = 0; i < CORE_LIMIT_BACKUP_SLOTS; i++) {
        core_buf_init(&p->slots[i].raw, CORE_LIMIT_BACKUP_FRAME);
        core_buf_init(&p->slots[i].out, 2u * CORE_LIMIT_BACKUP_FRAME);
    }
    /* Where the system starts fewer, those do it all. */
    while (p->threads < threads && !pthread_create(&p->thread[p->threads], NULL, worker, p))
        p->threads++;
    if (p->threads > 0)
        return p;
    backup_pipe_free(p);
    return NULL;
}

int backup_pipe_put(struct backup_pipe *p, enum backup_kind kind, unsigned table, uint32_t rows,
                    struct core_buf *raw)
{
    struct slot *s;
    struct core_buf empty;
    int err = core_buf_error(raw);

    uv_mutex_lock(&p->lock);
    while (p->filled - p->written == CORE_LIMIT_BACKUP_SLOTS)
        uv_cond_wait(&p->changed, &p->lock);
    if (err < 0 && p->error == 0)
        p->error = err;
    err = p->error;
    uv_mutex_unlock(&p->lock);
    if (err < 0)
        return err;
    s = slot_of(p, p->filled); /* only this thread fills */
    s->kind = kind;
    s->table = table;
    s->rows = rows;
    empty = s->raw;
    s->raw = *raw;
    *raw = empty;
    core_buf_clear(raw);
    uv_mutex_lock(&p->lock);
    p->filled++;
    uv_cond_broadcast(&p->changed);
    uv_mutex_unlock(&p->lock);
    return 0;
}

static int drain(struct backup_pipe *p)
{
    int err;

    uv_mutex_lock(&p->lock);
    while (p->written != p->filled)
        uv_cond_wait(&p->changed, &p->lock);
    err = p->error;
    uv_mutex_unlock(&p->lock);
    return err;
}

int backup_pipe_end(struct backup_pipe *p, struct backup_sums *ret, uint64_t *ret_bytes)
{
    struct core_buf raw;
    int err = drain(p);

    if (err < 0)
        return err;
    core_buf_init(&raw, CORE_LIMIT_BACKUP_FRAME);
    backup_tally_end(&p->tally, ret);
    backup_sums_put(&raw, ret);
    err = backup_pipe_put(p, BACKUP_END, 0, 0, &raw);
    if (err == 0)
        err = drain(p);
    *ret_bytes = p->bytes;
    core_buf_done(&raw);
    return err;
}

void backup_pipe_free(struct backup_pipe *p)
{
    if (!p)
        return;
    uv_mutex_lock(&p->lock);
    if (p->error == 0)
        p->error = CORE_ECANCELLED;
    p->closing = true;
    uv_cond_broadcast(&p->changed);
    uv_mutex_unlock(&p->lock);
    for (unsigned i = 0; i < p->threads; i++)
        pthread_join(p->thread[i], NULL);
    for (unsigned i = 0; i < CORE_LIMIT_BACKUP_SLOTS; i++) {
        core_buf_done(&p->slots[i].raw);
        core_buf_done(&p->slots[i].out);
    }
    backup_tally_done(&p->tally);
    uv_cond_destroy(&p->changed);
    uv_mutex_destroy(&p->lock);
    free(p);
}
