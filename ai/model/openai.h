/*
 * openai.h: a remote backend of model.h: one model of
 * one provider that speaks the OpenAI API. Loop thread.
 */
#ifndef AI_MODEL_OPENAI_H
#define AI_MODEL_OPENAI_H

#include "ai/model/model.h"
#include "core/fetch_loop.h"

struct ai_openai_options {
    struct core_fetch_loop *fetch;
    const char *provider; /* its name here; telemetry says "PROVIDER:MODEL" */
    const char *base_url; /* "https://host/v1" */
    const char *key;      /* reference (key.h) */
    const char *model;    /* its name there */
    unsigned first_ms, whole_ms;
};
/* Strings are copied. Open requests keep it alive: free() from anywhere, on_done still comes. */
struct ai_model *ai_openai_new(const struct ai_openai_options *options);

#endif
