/* log_ring.c: see log_ring.h */
#include "core/log_ring.h"

#include <assert.h>

static struct core_log_slot *slot_of(struct core_log_ring *ring, uint64_t number)
{
    return &ring->slots[number % CORE_LIMIT_LOG_KEPT];
}

/* Does the oldest line lie where `len` bytes from `at` go? */
static bool in_the_way(struct core_log_ring *ring, size_t at, size_t len)
{
    if (ring->first == ring->next) {
        return false;
    }
    const struct core_log_slot *oldest = slot_of(ring, ring->first);
    return oldest->at < at + len && at < oldest->at + oldest->event_len + oldest->len;
}

/* Lets go of everything from `at` to the end of the bytes: the newest line jumps over it. */
static void skip_tail(struct core_log_ring *ring)
{
    while (in_the_way(ring, ring->end, sizeof ring->bytes - ring->end)) {
        ring->first++;
    }
    ring->end = 0;
}

void core__log_ring_put(struct core_log_ring *ring, enum core_log_level level, int64_t wall_ms,
                        struct core_str event, struct core_str fields)
{
    size_t len = event.len + fields.len;
    assert(len <= CORE_LIMIT_LOG_LINE);
    if (sizeof ring->bytes - ring->end < len) {
        skip_tail(ring);
    }
    while (ring->next - ring->first == CORE_LIMIT_LOG_KEPT || in_the_way(ring, ring->end, len)) {
        ring->first++;
    }
    *slot_of(ring, ring->next) = (struct core_log_slot){.at = ring->end,
                                                        .event_len = event.len,
                                                        .len = fields.len,
                                                        .wall_ms = wall_ms,
                                                        .level = level};
    memcpy(ring->bytes + ring->end, event.ptr, event.len);
    memcpy(ring->bytes + ring->end + event.len, fields.ptr, fields.len);
    ring->end += len;
    ring->next++;
}

static bool wanted(const struct core_log_query *query, const struct core_log_line *line)
{
    return line->level <= query->level &&
           (query->like.len == 0 || core_str_find(line->event, query->like) >= 0 ||
            core_str_find(line->fields, query->like) >= 0);
}

static struct core_log_line line_of(const struct core_log_ring *ring, uint64_t number)
{
    const struct core_log_slot *s = &ring->slots[number % CORE_LIMIT_LOG_KEPT];
    const char *text = ring->bytes + s->at;
    return (struct core_log_line){.number = number + 1,
                                  .wall_ms = s->wall_ms,
                                  .level = s->level,
                                  .event = core_strn(text, s->event_len),
                                  .fields = core_strn(text + s->event_len, s->len)};
}

void core__log_ring_read(const struct core_log_ring *ring, const struct core_log_query *query,
                         void (*on_line)(void *arg, const struct core_log_line *line), void *arg)
{
    /* Numbers start at 1, so that 0 is before all of them. */
    uint64_t from = query->after > ring->first ? query->after : ring->first, at = ring->next;
    size_t count = 0;
    /* Backwards first: the newest `max` are wanted, told from the oldest on. */
    while (at > from && count < query->max) {
        struct core_log_line line = line_of(ring, --at);
        count += wanted(query, &line);
    }
    for (; at < ring->next && count > 0; at++) {
        struct core_log_line line = line_of(ring, at);
        if (wanted(query, &line)) {
            on_line(arg, &line);
            count--;
        }
    }
}
