/*
 * log.h: structured log lines on stderr: one line an event, key=value (logfmt) or JSON.
 *
 *     core_log(CORE_LOG_INFO, "store.open", {"path", CORE_LOG_C(path)}, {"ms", CORE_LOG_I(12)});
 *     → time=2026-01-31T12:00:00.000Z level=info event=store.open path=/… ms=12
 *
 * Library rooms return errors instead of logging; main, gate, shell and long-lived background work
 * log. Values are quoted and escaped; control bytes never reach the terminal. Secrets are never
 * passed. Any thread; lines do not interleave.
 */
#ifndef CORE_LOG_H
#define CORE_LOG_H

#include "core/env.h"

enum core_log_level { CORE_LOG_ERROR, CORE_LOG_WARN, CORE_LOG_INFO, CORE_LOG_DEBUG };

struct core_log_value {
    enum { CORE_LOG_V_STR, CORE_LOG_V_I64, CORE_LOG_V_F64 } type;
    union {
        struct core_str str;
        int64_t i64;
        double f64;
    };
};
#define CORE_LOG_S(s) ((struct core_log_value){.type = CORE_LOG_V_STR, .str = (s)})
#define CORE_LOG_C(c) ((struct core_log_value){.type = CORE_LOG_V_STR, .str = core_str(c)})
#define CORE_LOG_I(i) ((struct core_log_value){.type = CORE_LOG_V_I64, .i64 = (i)})
#define CORE_LOG_F(f) ((struct core_log_value){.type = CORE_LOG_V_F64, .f64 = (f)})

struct core_log_field {
    const char *key;
    struct core_log_value value;
};

/* Set once by main before threads start; level and form may change later (SIGHUP). */
void core_log_setup(const struct core_env *env, enum core_log_level level, bool json);
void core_log_set_level(enum core_log_level level);
void core_log_set_json(bool json);
bool core_log_on(enum core_log_level level);
/* "error" … "debug"; CORE_EINVAL otherwise. */
int core_log_level_parse(struct core_str name, enum core_log_level *ret);

void core_log_write(enum core_log_level level, const char *event,
                    const struct core_log_field *fields, size_t count);
#define core_log(level, event, ...) core_log_by(core_log_write, level, event, __VA_ARGS__)

/* The same for lines that come by the thousand on the loop's thread: they gather and leave
 * together, before any later line of core_log(), and before the loop waits. A process that is
 * killed meanwhile loses them. */
void core_log_write_later(enum core_log_level level, const char *event,
                          const struct core_log_field *fields, size_t count);
#define core_log_later(level, event, ...)                                                          \
    core_log_by(core_log_write_later, level, event, __VA_ARGS__)
/* Writes what has gathered: for the loop. */
void core_log_flush(void);

/* --- The last lines, kept in memory --------------------------------------------------------- */

struct core_log_line {
    uint64_t number; /* from 1 on, one more each line */
    int64_t wall_ms;
    enum core_log_level level;
    struct core_str event, fields; /* fields: as they were printed, without time, level and event */
};
struct core_log_query {
    uint64_t after;            /* lines of a higher number; 0: from the oldest on */
    enum core_log_level level; /* and all that are graver */
    struct core_str like;      /* in the event or the fields; empty: any */
    size_t max;                /* the newest ones */
};
/* The oldest first. on_line is called with the log held: it must not log. Any thread. */
void core_log_kept(const struct core_log_query *query,
                   void (*on_line)(void *arg, const struct core_log_line *line), void *arg);
/* "error" … "debug". */
const char *core_log_level_name(enum core_log_level level);

#define core_log_by(fn, level, event, ...)                                                         \
    do {                                                                                           \
        if (core_log_on(level)) {                                                                  \
            const struct core_log_field core_log_fields_[] = {__VA_ARGS__};                        \
            fn(level, event, core_log_fields_,                                                     \
               sizeof core_log_fields_ / sizeof *core_log_fields_);                                \
        }                                                                                          \
    } while (0)

#endif
