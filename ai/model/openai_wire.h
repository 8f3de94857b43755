/*
 * openai_wire.h: what goes to a provider of the OpenAI API and what comes back, sans-I/O.
 *
 *     data: {"choices":[{"delta":{"content":"Hel"},"finish_reason":null}]}     lines of a stream
 *     data: {"choices":[],"usage":{"prompt_tokens":7,"completion_tokens":1}}
 *     data: [DONE]
 *     {"choices":[{"message":{"content":"Hello"}}],"usage":{…}}                or one object
 *
 * Which of them it is shows at the first byte that is not white space: some answer whole what was
 * asked for as a stream.
 */
#ifndef AI_MODEL_OPENAI_WIRE_H
#define AI_MODEL_OPENAI_WIRE_H

#include "ai/model/model.h"

/* Appends the body of a request. */
int ai_wire_request(struct core_buf *out, const char *model, const struct ai_generate *request);

struct ai_wire {
    struct core_buf held; /* a line that is not whole yet, or the object */
    bool begun, object;
    bool ended;   /* a finish_reason, [DONE] or the object came: the answer is whole */
    bool last;    /* [DONE] came: what follows is no part of it */
    bool counted; /* usage came: the numbers below */
    bool final;   /* and it is of the whole answer */
    unsigned tokens_in, tokens_out;
    const char *finish; /* "stop", "length"; NULL: not told */
};
void ai_wire_init(struct ai_wire *wire);
void ai_wire_done(struct ai_wire *wire);
/* Appends the text that came to `text`: whole code points, without U+0000. CORE_EPROTO: no answer
 * of this API, or one that says that it failed; CORE_ETOOBIG: a line or object beyond its cap; an
 * error of `text`. Nothing may be fed after an error. */
int ai_wire_feed(struct ai_wire *wire, struct core_str bytes, struct core_buf *text);
/* Nothing follows. CORE_EPROTO: the answer is not whole. */
int ai_wire_end(struct ai_wire *wire, struct core_buf *text);

#endif
