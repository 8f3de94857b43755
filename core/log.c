/*
 * log.c: log lines, built on the stack, written at once or with those that gathered before.
 *
 * A line never passes CORE_LIMIT_LOG_LINE. While it is built, room for its end is held back, so
 * that a value that is too long loses its tail but never the closing quote, brace and newline.
 * What gathers is no longer than one line may be: a pipe takes so much in one piece (PIPE_BUF), so
 * that lines of other programs on the same stderr do not come in between.
 * The last lines stay in memory (log_ring.h) for whoever may read them over HTTP.
 * Not here: files, rotation, syslog; whoever starts the program owns stderr.
 */
#include "core/log.h"

#include "core/err.h"
#include "core/limits.h"
#include "core/log_ring.h"

#include <assert.h>
#include <errno.h>
#include <math.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

static const char *const level_names[] = {"error", "warn", "info", "debug"};

static const struct core_env *log_env;
static atomic_int log_level = CORE_LOG_INFO;
static atomic_bool log_json;
/* Whole lines that leave with the next flush; under log_lock, which also keeps apart what the
 * kernel takes in pieces. `any` may be read without it. */
static pthread_mutex_t log_lock = PTHREAD_MUTEX_INITIALIZER;
static struct {
    atomic_bool any;
    size_t len;
    char text[CORE_LIMIT_LOG_LINE];
} waiting;
static struct core_log_ring kept; /* under log_lock */

void core_log_setup(const struct core_env *env, enum core_log_level level, bool json)
{
    log_env = env;
    core_log_set_json(json);
    core_log_set_level(level);
}

void core_log_set_json(bool json)
{
    atomic_store_explicit(&log_json, json, memory_order_relaxed);
}

void core_log_set_level(enum core_log_level level)
{
    atomic_store_explicit(&log_level, (int)level, memory_order_relaxed);
}

bool core_log_on(enum core_log_level level)
{
    return (int)level <= atomic_load_explicit(&log_level, memory_order_relaxed);
}

const char *core_log_level_name(enum core_log_level level)
{
    return level_names[level];
}

int core_log_level_parse(struct core_str name, enum core_log_level *ret)
{
    for (size_t i = 0; i < sizeof level_names / sizeof *level_names; i++) {
        if (core_str_eq_c(name, level_names[i])) {
            *ret = (enum core_log_level)i;
            return 0;
        }
    }
    return CORE_EINVAL;
}

/* --- Building a line ------------------------------------------------------------------------ */

struct line {
    char text[CORE_LIMIT_LOG_LINE];
    size_t len;
    bool json;
};

/* "…" and the closing quote of a value, then "}" and the newline. */
#define VALUE_END 4
#define LINE_END 2
#define VALUE_ROOM (CORE_LIMIT_LOG_LINE - LINE_END - VALUE_END)

/* All or nothing; the caller keeps len ≤ VALUE_ROOM until it closes. */
static bool put(struct line *l, const char *bytes, size_t len, size_t room)
{
    if (l->len + len > room)
        return false;
    memcpy(l->text + l->len, bytes, len);
    l->len += len;
    return true;
}

/* Characters that move the cursor, hide or reorder text on a terminal. */
static bool is_hidden(uint32_t code)
{
    return code < 0x20 || (code >= 0x7f && code <= 0x9f) || (code >= 0x200b && code <= 0x200f) ||
           (code >= 0x2028 && code <= 0x202e) || (code >= 0x2060 && code <= 0x2069) ||
           code == 0xfeff;
}

/* One code point as it appears between quotes; both forms share JSON's escapes. */
static size_t escape(uint32_t code, char out[static 8])
{
    static const char hex[] = "0123456789abcdef";
    const char *special = "\"\"\\\\\nn\tt\rr";
    for (const char *p = special; *p; p += 2) {
        if (code == (unsigned char)*p) {
            out[0] = '\\';
            out[1] = p[1];
            return 2;
        }
    }
    if (!is_hidden(code))
        return core_utf8_put(code, out);
    memcpy(out, "\\u", 2);
    for (int i = 0; i < 4; i++)
        out[2 + i] = hex[code >> (12 - 4 * i) & 15];
    return 6;
}

/* What a byte needs: 0 nothing, QUOTES in the text form, ESCAPE (and quotes) in both. */
enum { QUOTES = 1, ESCAPE = 2 };
static const unsigned char needs[256] = {
    [0 ... 0x1f] = ESCAPE, [' '] = QUOTES,  ['"'] = ESCAPE,
    ['='] = QUOTES,        ['\\'] = ESCAPE, [0x7f ... 0xff] = ESCAPE,
};

static unsigned needs_of(struct core_str s)
{
    unsigned all = s.len > 0 ? 0 : QUOTES;
    for (size_t i = 0; i < s.len; i++)
        all |= needs[(unsigned char)s.ptr[i]];
    return all;
}

/* How many bytes from `at` on need no escape. */
static size_t plain_at(struct core_str s, size_t at)
{
    size_t n = 0;
    while (at + n < s.len && !(needs[(unsigned char)s.ptr[at + n]] & ESCAPE))
        n++;
    return n;
}

static void put_escaped(struct line *l, struct core_str s, size_t room)
{
    for (size_t at = 0; at < s.len;) {
        uint32_t code;
        char text[8];
        size_t plain = plain_at(s, at);
        if (plain > room - l->len)
            plain = room - l->len;
        put(l, s.ptr + at, plain, room);
        at += plain;
        if (at == s.len)
            break;
        at += core_utf8_next(s, at, &code);
        if (!put(l, text, escape(code, text), room)) {
            put(l, "…", strlen("…"), sizeof l->text);
            break;
        }
    }
}

/* With quotes, escapes or an end cut off, if need be. Kept out of line: few values come here. */
static __attribute__((noinline)) void put_slowly(struct line *l, struct core_str s, size_t room)
{
    unsigned need = needs_of(s);
    bool quoted = l->json || need;
    if (quoted)
        put(l, "\"", 1, VALUE_ROOM);
    if ((need & ESCAPE) || (s.len > 0 && !put(l, s.ptr, s.len, room)))
        put_escaped(l, s, room);
    if (quoted)
        put(l, "\"", 1, sizeof l->text);
}

#define EACH(byte) (0x0101010101010101u * (byte))

/* None of eight bytes needs anything, nor is a '!', which one comparison less does not know from a
 * space. What a byte lends to the next can only speak up where one of them has done so itself. */
static bool word_is_plain(uint64_t w)
{
    uint64_t odd = w | (w + EACH(1)) | (w - EACH('"' + 1)) | ((w ^ EACH('=')) - EACH(1)) |
                   ((w ^ EACH('\\')) - EACH(1));
    return (odd & EACH(0x80)) == 0;
}

/* Nothing in it needs anything, for sure. The last word may overlap the one before. */
static bool is_plain(struct core_str s)
{
    uint64_t word;
    if (s.len < sizeof word)
        return needs_of(s) == 0;
    size_t last = s.len - sizeof word;
    for (size_t i = 0; i < s.len; i += sizeof word) {
        memcpy(&word, s.ptr + (i < last ? i : last), sizeof word);
        if (!word_is_plain(word))
            return false;
    }
    return true;
}

/* Nearly all are plain and fit. */
static void put_str(struct line *l, struct core_str s)
{
    size_t room = l->len + 1 + CORE_LIMIT_LOG_VALUE;
    if (room > VALUE_ROOM)
        room = VALUE_ROOM;
    if (!is_plain(s) || l->len + l->json + s.len > room) {
        put_slowly(l, s, room);
        return;
    }
    char *to = l->text + l->len;
    if (l->json)
        *to++ = '"';
    to = mempcpy(to, s.ptr, s.len);
    if (l->json)
        *to++ = '"';
    l->len = (size_t)(to - l->text);
}

/* The caller sees to room for a number. */
static void put_value(struct line *l, const struct core_log_value *v)
{
    char *to = l->text + l->len;
    switch (v->type) {
    case CORE_LOG_V_STR:
        put_str(l, v->str);
        break;
    case CORE_LOG_V_I64:
        l->len += core_str_from_i64(v->i64, to);
        break;
    case CORE_LOG_V_F64:
        if (l->json && !isfinite(v->f64))
            put(l, "null", strlen("null"), VALUE_ROOM);
        else
            l->len += core_str_from_double(v->f64, 6, to);
        break;
    }
}

/* A field that has no room for its key and a number is left out. */
static void put_field(struct line *l, const char *key, const struct core_log_value *v)
{
    size_t len = strlen(key);
    if (l->len + len + 4 + CORE_DOUBLE_SIZE > VALUE_ROOM)
        return;
    char *to = l->text + l->len;
    *to++ = l->json ? ',' : ' ';
    if (l->json)
        *to++ = '"';
    to = mempcpy(to, key, len);
    if (l->json)
        *to++ = '"';
    *to++ = l->json ? ':' : '=';
    l->len = (size_t)(to - l->text);
    put_value(l, v);
}

static char *add(char *to, struct core_str s)
{
    return mempcpy(to, s.ptr, s.len);
}

#define HEAD_SIZE 64

/* How a line begins, up to the event's key: kept, as many are of one millisecond. */
static void put_head(struct line *l, int64_t wall_ms, enum core_log_level level)
{
    static _Thread_local struct {
        size_t len;
        int64_t wall_ms;
        enum core_log_level level;
        bool json;
        char text[HEAD_SIZE];
    } last;
    if (last.len == 0 || last.wall_ms != wall_ms || last.level != level || last.json != l->json) {
        last.wall_ms = wall_ms;
        last.level = level;
        last.json = l->json;
        char *to = add(last.text, l->json ? CORE_STR("{\"time\":\"") : CORE_STR("time="));
        core_time_format(wall_ms, to);
        to = add(to + CORE_TIME_SIZE - 1,
                 l->json ? CORE_STR("\",\"level\":\"") : CORE_STR(" level="));
        to = add(to, core_str(level_names[level]));
        to = add(to, l->json ? CORE_STR("\",\"event\":") : CORE_STR(" event="));
        last.len = (size_t)(to - last.text);
        assert(last.len <= HEAD_SIZE);
    }
    memcpy(l->text, last.text, HEAD_SIZE);
    l->len = last.len;
}

/* Holding log_lock. */
static void write_waiting(void)
{
    const char *text = waiting.text;
    size_t len = waiting.len;
    while (len > 0) {
        ssize_t put = write(STDERR_FILENO, text, len);
        if (put >= 0) {
            text += put;
            len -= (size_t)put;
            continue;
        }
        if (errno == EINTR)
            continue;
        /* Someone made the terminal non-blocking: give it a moment, then lose the line. */
        struct pollfd ready = {.fd = STDERR_FILENO, .events = POLLOUT};
        if (errno != EAGAIN || poll(&ready, 1, CORE_LIMIT_LOG_WAIT_MS) != 1)
            break;
    }
    waiting.len = 0;
    atomic_store_explicit(&waiting.any, false, memory_order_relaxed);
}

void core_log_flush(void)
{
    int saved = errno; /* logging an error must not change it */

    if (!atomic_load_explicit(&waiting.any, memory_order_relaxed))
        return;
    pthread_mutex_lock(&log_lock);
    write_waiting();
    pthread_mutex_unlock(&log_lock);
    errno = saved;
}

/* Holding log_lock. */
static void put_waiting(const struct line *l)
{
    if (waiting.len + l->len > sizeof waiting.text)
        write_waiting();
    memcpy(waiting.text + waiting.len, l->text, l->len);
    waiting.len += l->len;
    atomic_store_explicit(&waiting.any, true, memory_order_relaxed);
}

void core_log_write_later(enum core_log_level level, const char *event,
                          const struct core_log_field *fields, size_t count)
{
    struct core_str name = core_str(event);
    struct line l;
    l.json = atomic_load_explicit(&log_json, memory_order_relaxed);
    int64_t now = core_wall_ms(log_env ? log_env : core_env_real());
    int saved = errno;

    put_head(&l, now, level);
    put_str(&l, name);
    size_t head = l.len;
    for (size_t i = 0; i < count; i++)
        put_field(&l, fields[i].key, &fields[i].value);
    /* Without the comma or space before the first one. */
    struct core_str rest = core_strn(l.text + head, l.len - head);
    if (rest.len > 0)
        rest = core_strn(rest.ptr + 1, rest.len - 1);
    if (l.json)
        put(&l, "}", 1, sizeof l.text);
    put(&l, "\n", 1, sizeof l.text);
    pthread_mutex_lock(&log_lock);
    put_waiting(&l);
    core__log_ring_put(&kept, level, now, name, rest);
    pthread_mutex_unlock(&log_lock);
    errno = saved;
}

void core_log_kept(const struct core_log_query *query,
                   void (*on_line)(void *arg, const struct core_log_line *line), void *arg)
{
    pthread_mutex_lock(&log_lock);
    core__log_ring_read(&kept, query, on_line, arg);
    pthread_mutex_unlock(&log_lock);
}

void core_log_write(enum core_log_level level, const char *event,
                    const struct core_log_field *fields, size_t count)
{
    core_log_write_later(level, event, fields, count);
    core_log_flush();
}
