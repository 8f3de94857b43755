/*
 * cascade.h: the state of one question on its way through the levels. Shared by cascade*.c only.
 *
 *     loop            pool `ask`                      loop                     model thread
 *     start ────────→ prepare: history, L0, L1 ─────→ answer, or generate ───→ L2
 *                                                     check, store ←───────── text
 *                                                     done (after the ack)
 */
#ifndef AI_CASCADE_H
#define AI_CASCADE_H

#include "ai/cache.h"
#include "ai/history.h"
#include "ai/talk.h"

enum ask_phase {
    ASK_PREPARING,  /* on the pool */
    ASK_GENERATING, /* with the model */
    ASK_ANSWERING,  /* inside our own callbacks: cancelling only sets the flag */
    ASK_STORING     /* nothing can change it any more */
};
enum ask_verdict {
    ASK_ANSWER,   /* text is there */
    ASK_GENERATE, /* ask the model; `fallback` says what to do if that fails */
};

struct ai_ask_state {
    struct core_work work; /* first: done() gets it */
    struct ai *ai;
    struct ai_ask *ask;
    struct ai_ask_state *next, *prev;
    struct core_pool *pool;
    enum ask_phase phase;
    bool cancelled;
    bool remembered; /* history was asked to keep it */
    bool refused;    /* the store did not take something of it */
    int status;
    unsigned
        pending; /* batches that are not acknowledged yet; the pool counts up before the loop looks */
    uint64_t started_ns, first_ns;

    /* Decided by prepare(). */
    enum ask_verdict verdict;
    struct core_str prompt;   /* of the model, as it was when the question came */
    struct core_str question; /* the last message of the user */
    struct ai_history_turn turn;
    char conversation_id[CORE_ID_SIZE], user_message_id[CORE_ID_SIZE], message_id[CORE_ID_SIZE];
    struct ai_found found;
    struct ai_passages passages;
    struct ai_cache_key key;
    char generation[32];
    bool question_stored; /* in a batch of its own */
    bool cacheable;       /* may be looked up and kept */
    bool quotable;        /* if L2 fails the first passage may stand for an answer */
    unsigned level_max;

    /* The answer as it grows. */
    struct core_str text;
    bool answered;
    struct ai_receipt receipt;
    const char *finish, *provider;
    struct ai_citation citations[AI_LIMIT_SOURCES];
    size_t citation_count;
    struct ai_source sources[AI_LIMIT_SOURCES];

    /* L2. */
    struct ai_generate generate;
    struct ai_message *messages;
    size_t message_count,
        message_plain; /* plain: without added knowledge, if the prompt is too long */
    struct core_buf generated;
    size_t emitted; /* bytes of `generated` that the client has */
    bool rejected;  /* a sentence was not supported */
    /* Each sentence of the passages shown to the model, with title, headings and term. */
    struct core_str evidence[AI_GROUND_PASSAGES * AI_GROUND_SENTENCES];
    size_t evidence_count;
};

struct ai_cascade {
    struct ai_ask_state *asks; /* all that run */
    size_t count;
};

/* cascade_prepare.c; pool. Fills the state up to the verdict. */
void ask_prepare(struct core_work *work, unsigned worker);
/* Takes the first passages as the answer (L1); the nearest ones as sources of a refusal. */
int ask_quote(struct ai_ask_state *s);
int ask_refuse(struct ai_ask_state *s);

/* cascade_generate.c; loop. */
void ask_generate(struct ai_ask_state *s);

/* cascade.c. */
/* Pool: stores the question, so that history has it even if nothing comes of it. */
void ask_store_question(struct ai_ask_state *s);
/* Loop. */
void ask_emit(struct ai_ask_state *s, struct core_str text);
void ask_finish(struct ai_ask_state *s, int status);

#endif
