/*
 * llama_engine.h: the thread that generates with llama.cpp. Between llama.c (the loop's side) and
 * llama.cpp itself; nobody else includes it.
 *
 * A job is handed in by submit, and comes back through take, piece by piece, until take reports it
 * finished; then it is the caller's again. `wake` runs on the engine's thread (or inside cancel)
 * when take has something new.
 */
#ifndef AI_MODEL_LLAMA_ENGINE_H
#define AI_MODEL_LLAMA_ENGINE_H

#include "ai/model/model.h"
#include "core/buf.h"

struct ai_llama_job {
    struct ai_generate *request; /* its inputs are read until the job is finished */
    /* --- the engine's, under its lock ------------------------------------------------------- */
    struct core_buf text; /* not taken yet */
    int status;
    struct ai_usage usage;
    bool cancelled, finished, listed;
    struct ai_llama_job *next;      /* in the queue */
    struct ai_llama_job *news_next; /* among those with something to take */
    /* --- the caller's ----------------------------------------------------------------------- */
    struct ai_llama_job *prev_open, *next_open;
};

struct ai_llama_engine;
struct ai_llama_engine_options {
    const char *program, *path; /* copied */
    unsigned threads, context_tokens, slots, queue_max;
    void (*wake)(void *arg);
    void *arg;
};
/* Starts the thread; the weights load with the first job. */
struct ai_llama_engine *ai_llama_engine_new(const struct ai_llama_engine_options *options);
/* Stops the thread, also in the middle of loading or computing. Jobs stay unfinished; take may be
 * called for what there is. */
void ai_llama_engine_stop(struct ai_llama_engine *engine);
/* After stop. */
void ai_llama_engine_free(struct ai_llama_engine *engine);

/* job: zeroed but for request. 0 or CORE_ELIMIT. */
int ai_llama_engine_submit(struct ai_llama_engine *engine, struct ai_llama_job *job);
/* The job finishes soon with CORE_ECANCELLED unless it is finished already. */
void ai_llama_engine_cancel(struct ai_llama_engine *engine, struct ai_llama_job *job);
/* The next job with something new, or NULL. Its text replaces the content of *text; *ret_finished:
 * nothing more will come, status and usage are valid. */
struct ai_llama_job *ai_llama_engine_take(struct ai_llama_engine *engine, struct core_buf *text,
                                          bool *ret_finished);
/* Drops the weights unless there is work. */
void ai_llama_engine_unload(struct ai_llama_engine *engine);
/* Any thread, both. */
bool ai_llama_engine_loaded(const struct ai_llama_engine *engine);
size_t ai_llama_engine_count_tokens(struct ai_llama_engine *engine, struct core_str text);

#endif
