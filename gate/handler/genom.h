/* genom.h: what the handlers of GENOM share. Inside gate/handler only. */
#ifndef GATE_HANDLER_GENOM_H
#define GATE_HANDLER_GENOM_H

#include "gate/handler/handlers.h"
#include "genom/genom.h"

#include <stdatomic.h>

/* Since the program began. */
struct genom_counts {
    atomic_uint_fast64_t texts, text_bytes, coded_bytes, decoded;
};
extern struct genom_counts genom_counts;

/* The dictionary; NULL: there is none, and the request is answered 503. */
const struct genom_dict *genom_dict_of(struct gate_request *r);

/* A problem that is made before the request may be
 * answered (on a pool thread, or inside of a batch). */
struct genom_problem {
    int status; /* 0: none */
    const char *slug, *title;
    char detail[256];
};
void genom_problem_set(struct genom_problem *p, int status, const char *slug, const char *title,
                       const char *format, ...) __attribute__((format(printf, 5, 6)));

/* "text", or "bytes" in base64 (decoded into the pool): exactly one of them. */
int genom_read_text(core_json item, struct core_pool *pool, struct core_str *ret,
                    struct genom_problem *problem);
/* "genom_message" or "binary" of an item: what a text was coded as, in the pool. */
int genom_read_coded(const struct genom_dict *dict, core_json item, struct core_pool *pool,
                     struct core_str *ret, struct genom_problem *problem);
/* Standard base64 of one value of a body, in the pool. */
int genom_read_base64(struct core_str base64, struct core_pool *pool, struct core_str *ret);
/* The payload of a message in its text form. */
int genom_read_message(const struct genom_dict *dict, struct core_str message,
                       struct core_pool *pool, struct core_str *ret, struct genom_problem *problem);
/* The text that was coded, in `out` (born with GATE_LIMIT_GENOM_TEXT). */
int genom_decode_into(const struct genom_dict *dict, struct core_str coded, struct core_buf *out,
                      struct genom_problem *problem);
/* {"text":…}, or {"bytes":…} for what is not UTF-8: members of the open object. */
void genom_out_text(struct core_json_out *o, struct core_str text);
void genom_out_base64(struct core_json_out *o, const char *key, struct core_str bytes);

/* Writes `text` as a message of this node to `to` (0: everybody). */
void genom_out_message(struct core_json_out *o, const char *key, struct gate_request *r,
                       uint32_t to, struct core_str coded);
/* To the four places that people read; x ≥ 0. */
double genom_rounded(double x);
/* token_id, hex, canonical, sector, quadrant, r, theta, phase: members of the open object. */
void genom_out_token(struct core_json_out *o, const struct genom_dict *dict, uint32_t id);
/* The same of several, each an object in an array. */
#define GENOM_OUT_TOKENS 64
void genom_out_tokens(struct core_json_out *o, const struct genom_dict *dict, const uint32_t *ids,
                      size_t count);

/* symbol, name, confidence of what a text wants: members of the open object. */
void genom_out_intent(struct core_json_out *o, struct core_str text);

/* Runs `run` at once for small inputs, else on the
 * pool; then answers gate_reply_buf() or the problem. */
struct genom_task {
    void (*run)(struct gate_request *r, struct genom_task *task);
    struct genom_problem problem;
    atomic_bool gone; /* the client left: what is long ends early */
};
void genom_task_start(struct gate_request *r, struct genom_task *task, size_t input);

#endif
