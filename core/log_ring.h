/* log_ring.h: the last log lines in memory. The inside
 * of log.c; what others see is core_log_kept(). */
#ifndef CORE_LOG_RING_H
#define CORE_LOG_RING_H

#include "core/limits.h"
#include "core/log.h"

/* Lines lie one behind the other in `bytes`, each whole; the oldest make room.
 *
 *     bytes   [ newest line ][ free ][ oldest line ] … [ line ][ left over at the end ]
 */
struct core_log_ring {
    struct core_log_slot {
        size_t at, event_len, len;
        int64_t wall_ms;
        enum core_log_level level;
    } slots[CORE_LIMIT_LOG_KEPT]; /* of line n: n % CORE_LIMIT_LOG_KEPT */
    uint64_t first, next;         /* numbers of the oldest one, and of the one to come */
    size_t end;                   /* of the newest one */
    char bytes[CORE_LIMIT_LOG_KEPT_BYTES];
};

/* len ≤ CORE_LIMIT_LOG_LINE. The caller keeps others out. */
void core__log_ring_put(struct core_log_ring *ring, enum core_log_level level, int64_t wall_ms,
                        struct core_str event, struct core_str fields);
/* As core_log_kept(). */
void core__log_ring_read(const struct core_log_ring *ring, const struct core_log_query *query,
                         void (*on_line)(void *arg, const struct core_log_line *line), void *arg);

#endif
