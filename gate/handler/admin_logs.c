/*
 * admin_logs.c: the last lines of the log, once or as they come.
 *
 * A follower looks for new lines every GATE_FOLLOW_MS. Lines that come faster than GATE_LIMIT_PAGE
 * in that time are told of by the jump in their numbers.
 */
#include "core/log.h"
#include "gate/handler/handlers.h"

struct logs {
    struct core_log_query query;
    struct core_json_out out;
};

static bool query_read(struct gate_request *r, struct core_log_query *ret)
{
    struct core_str level = {0};
    int64_t after = 0, limit = GATE_LIMIT_PAGE;
    if (!query_int(r, "after", 0, INT64_MAX, &after) ||
        !query_int(r, "limit", 1, CORE_LIMIT_LOG_KEPT, &limit) ||
        !query_str(r, "level", FIELD_OPTIONAL, 16, &level) ||
        !query_str(r, "q", FIELD_OPTIONAL, GATE_LIMIT_TITLE, &ret->like)) {
        return false;
    }
    ret->level = CORE_LOG_DEBUG;
    if (level.ptr && core_log_level_parse(level, &ret->level)) {
        field_problem(r, "level", "must be one of error, warn, info, debug");
        return false;
    }
    ret->after = (uint64_t)after;
    ret->max = (size_t)limit;
    return true;
}

static void line_out(struct core_json_out *o, const struct core_log_line *line)
{
    core_json_out_object(o, NULL);
    core_json_out_u64(o, "number", line->number);
    out_time(o, "at", line->wall_ms);
    core_json_out_c(o, "level", core_log_level_name(line->level));
    core_json_out_str(o, "event", line->event);
    core_json_out_str(o, "text", line->fields);
    core_json_out_end(o);
}

static void on_line(void *arg, const struct core_log_line *line)
{
    struct logs *logs = arg;
    line_out(&logs->out, line);
    logs->query.after = line->number;
}

static void lines_out(struct logs *logs, struct core_buf *buf)
{
    core_json_out_init(&logs->out, buf);
    core_json_out_object(&logs->out, NULL);
    core_json_out_array(&logs->out, "lines");
    core_log_kept(&logs->query, on_line, logs);
    core_json_out_end(&logs->out);
    core_json_out_u64(&logs->out, "next", logs->query.after);
    core_json_out_end(&logs->out);
}

static const char *logs_look(struct gate_request *r, void *state, struct core_buf *event,
                             bool *last)
{
    (void)r, (void)last;
    struct logs *logs = state;
    uint64_t before = logs->query.after;
    lines_out(logs, event);
    return logs->query.after > before ? "lines" : NULL;
}

void handle_admin_logs(struct gate_request *r)
{
    struct logs *logs = core_pool_alloc(gate_request_pool(r), sizeof *logs);
    if (!logs) {
        gate_reply_error(r, CORE_ENOMEM, NULL);
        return;
    }
    if (!query_read(r, &logs->query)) {
        return;
    }
    if (follow_wanted(r)) {
        follow_begin(r, GATE_FOLLOW_MS, logs_look, logs);
    } else {
        lines_out(logs, gate_reply_buf(r));
        gate_reply_json(r, 200);
    }
}
