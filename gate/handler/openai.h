/*
 * openai.h: what the routes of OpenAI's clients share: one request of POST /v1/chat/completions, read
 * and checked (openai_read.c), then answered (openai_chat.c); models (openai_models.c). Inside gate
 * only.
 */
#ifndef GATE_HANDLER_OPENAI_H
#define GATE_HANDLER_OPENAI_H

#include "gate/handler/handlers.h"

struct openai_chat {
    struct gate_request *r;
    struct ai_ask ask; /* inputs filled by openai_read() */
    const struct ai_model_info *model;
    bool stream, usage_chunk;
    bool begun, role_sent;
    struct core_buf event;     /* one event of the stream */
    struct core_json_out head; /* after what all events begin with, which stays in `event` */
    size_t head_len;
    int64_t created_s;
};
/* false: answered with an OpenAI error that names the field. */
bool openai_read(struct openai_chat *chat, core_json body);
/* The model that embeds. */
#define OPENAI_EMBED "skyai-embed"
/* Answers 404 model_not_found. */
void openai_no_model(struct gate_request *r);
/* The model of that id, or NULL after answering 404 model_not_found. */
const struct ai_model_info *openai_model(struct gate_request *r, struct core_str id);

#endif
