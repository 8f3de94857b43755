/*
 * model.h: the face of anything that generates text: the local model
 * (llama.c), remote ones (openai.c). A backend is a struct of function
 * pointers, so main can also fill in one that runs on another node.
 *
 * Thread: generate and cancel are called on the loop; events come on the loop.
 */
#ifndef AI_MODEL_MODEL_H
#define AI_MODEL_MODEL_H

#include "core/loop.h"

enum ai_role { AI_SYSTEM, AI_USER, AI_ASSISTANT };
struct ai_message {
    enum ai_role role;
    struct core_str text;
};

struct ai_usage {
    unsigned tokens_in;
    unsigned tokens_out;
    bool sent;    /* of remote ones: the request went out, so that it may be billed */
    bool counted; /* false: who generated did not tell; the numbers are 0 */
    bool
        final; /* of remote ones: they are of all that was generated, also where its end did not come */
    /* Of remote ones: the status of their answer (0:
     * none came), and when to ask again (0: not told). */
    int http;
    int64_t retry_after_s;
    const char *why;    /* of remote ones, that failed: one line for the log, or NULL */
    const char *finish; /* "stop" (end or stop string), "length" */
};

#define AI_GENERATE_STOPS 4
/* One request: the caller's memory, untouched by the caller from generate() until on_done. All
 * strings must live as long. */
struct ai_generate {
    const struct ai_message *messages;
    size_t message_count;
    unsigned tokens_max;   /* > 0 */
    double temperature;    /* 0 = greedy */
    double top_p;          /* 1 = off */
    uint64_t seed;         /* same seed, same prompt, same model: same text */
    double repeat_penalty; /* 1 = off */
    struct core_str stops[AI_GENERATE_STOPS];
    size_t stop_count;
    bool whole; /* nobody looks at the text before its end: it may come in one piece */
    /* Whole UTF-8 code points; never the stop string or a prefix of it that turned out to match. */
    void (*on_text)(struct ai_generate *request, struct core_str text);
    /* Exactly once. status: 0, CORE_ECANCELLED, CORE_ETOOBIG (the prompt does not fit the context),
     * CORE_ENOTFOUND / CORE_ECORRUPT (model file), CORE_EUNSUPPORTED (the processor lacks what the
     * program was built for), CORE_ENOMEM, CORE_EINVAL (messages that make no prompt),
     * CORE_EINTERNAL. Of remote ones: CORE_ENET, CORE_ETRUST, CORE_ETIMEOUT, CORE_EPROTO (no answer
     * of its API, or cut), CORE_ELIMIT (429), CORE_EBUSY (5xx), CORE_EDENIED (the key),
     * CORE_ENOTFOUND (the model), CORE_EINVAL, CORE_ETOOBIG. */
    void (*on_done)(struct ai_generate *request, int status, const struct ai_usage *usage);
    void *arg;
    void *backend; /* private to the backend */
};

struct ai_model {
    const struct ai_model_ops *ops;
};
struct ai_model_ops {
    const char *(*provider)(const struct ai_model *model); /* "local:smollm2": telemetry only */
    /* 0, or an error at once (then on_done is not called): CORE_ELIMIT (queue full), CORE_EINVAL (a
     * number out of range, a stop string longer than AI_LIMIT_STOP), CORE_ECLOSED, CORE_EAUTH (the
     * key of a remote one cannot be read). */
    int (*generate)(struct ai_model *model, struct ai_generate *request);
    /* on_done follows soon with CORE_ECANCELLED, unless it was already on its way. */
    void (*cancel)(struct ai_model *model, struct ai_generate *request);
    /* Any thread: how many tokens `text` has; an upper
     * bound by bytes when the model is not loaded. */
    size_t (*count_tokens)(struct ai_model *model, struct core_str text);
    /* 0 or why the model could not work (missing file): one
     * line naming file and remedy. Cheap: does not load. */
    int (*check)(const struct ai_model *model, char *why, size_t why_cap);
    /* Are its weights in memory, or is it otherwise
     * ready at once? NULL: it always is. Never waits. */
    bool (*loaded)(const struct ai_model *model);
    /* Answers open requests with CORE_ECANCELLED inside. Also from a callback. The loop must turn
     * once more before it is freed: a message to it may be on its way. */
    void (*free)(struct ai_model *model);
};

/* The local backend. */
struct ai_llama_options {
    struct core_loop *loop;
    const char *program;     /* this one: `PROGRAM model-probe FILE` (ai/ai.h) */
    const char *path;        /* GGUF */
    unsigned threads;        /* 1 is best on a busy machine */
    unsigned context_tokens; /* per request */
    unsigned slots;     /* sequences decoded side by side in one context, one token each a turn */
    unsigned queue_max; /* requests waiting for a slot; more → CORE_ELIMIT */
    unsigned idle_s;    /* unload after so long without a request */
};
/* Loads nothing yet. */
struct ai_model *ai_llama_new(const struct ai_llama_options *options);

#endif
