/*
 * cascade.h: the state of one question on its way through the levels. Shared by cascade*.c only.
 *
 *     loop            pool `ask`                      loop                     model thread, or the network
 *     start ────────→ prepare: history, L0, L1,
 *                     what it may cost is held ─────→ answer, or generate ───→ L2, L3
 *                     more is held ←───────────────── not good enough: on ←─── text
 *                                                     check, settle, store
 *                                                     done (after the ack)
 */
#ifndef AI_CASCADE_CASCADE_H
#define AI_CASCADE_CASCADE_H

#include "ai/cascade/cache.h"
#include "ai/cascade/remote.h"
#include "ai/history.h"
#include "ai/question/talk.h"
#include "ai/telemetry.h"

enum ask_phase {
    ASK_PREPARING,  /* on the pool */
    ASK_GENERATING, /* with the model */
    ASK_WAITING,    /* for the turn of a remote one: a timer, or the queue of remote.h */
    ASK_ANSWERING,  /* inside our own callbacks: cancelling only sets the flag */
    ASK_STORING     /* nothing can change it any more */
};
enum ask_verdict {
    ASK_ANSWER,   /* text is there */
    ASK_GENERATE, /* ask a model of level_next */
};

/* What was set aside for calls of a level, and what they cost so far. */
struct ask_hold {
    char id[ACCOUNT_HOLD_SIZE]; /* "": no budget binds, or it is settled */
    unsigned level;
    struct account_cost held, real;
};

struct ai_ask_state {
    struct core_work work; /* first: done() gets it */
    struct ai *ai;
    struct ai_ask *ask;
    struct ai_ask_state *next, *prev;
    struct core_pool *pool;
    enum ask_phase phase;
    bool cancelled;
    bool remembered;                /* history was asked to keep it */
    bool refused;                   /* the store did not take something of it */
    struct ai_ask_state *next_told; /* when no acknowledgement is to be waited for */
    int status;
    unsigned
        pending; /* batches that are not acknowledged yet; the pool counts up before the loop looks */
    uint64_t started_ns, first_ns;

    /* Decided by prepare(). */
    enum ask_verdict verdict;
    /* Of the local model, as they were when the question came. */
    struct core_str prompt;
    struct ai_local_price price;
    struct core_str question; /* the last message of the user */
    struct ai_history_turn turn;
    char conversation_id[CORE_ID_SIZE], user_message_id[CORE_ID_SIZE], message_id[CORE_ID_SIZE];
    struct ai_found found;
    struct ai_passages passages;
    struct ai_cache_key key;
    char generation[32];
    bool question_stored; /* in a batch of its own */
    bool cacheable;       /* may be looked up and kept */
    bool early;           /* looked for before all vectors were there */
    bool quotable;        /* if L2 fails the first passage may stand for an answer */
    unsigned level_max;
    unsigned level_next; /* of the model that is asked now */
    bool escalate;       /* L3 may be asked when L2 is not good enough */
    bool local_failed;

    /* What it costs. */
    struct ask_hold hold;
    int64_t paid_microusd;     /* for calls under the holds before it */
    struct account_cost worst; /* of the call that is to be held for */
    struct account_broke broke;
    bool estimated; /* a provider did not count its tokens */

    /* The answer as it grows. */
    struct core_str text;
    bool answered;
    struct ai_receipt receipt;
    const char *finish, *provider;
    struct ai_citation citations[AI_LIMIT_SOURCES];
    size_t citation_count;
    struct ai_source sources[AI_LIMIT_SOURCES];

    /* L3. */
    struct ai_remote_list *remote; /* NULL: there is none */
    size_t choice;                 /* of it: those before had their turn */
    unsigned tries;                /* at that one */
    int remote_status;             /* why the last one failed */
    struct core_timer *timer;
    struct ai_ask_state *next_waiting;
    uint64_t called_ns, called_first_ns;
    size_t received; /* bytes of the last call, shown or not */

    /* L2, L3. */
    struct ai_model *model; /* that is asked */
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
    struct core_rest rest;     /* first: its function gets it */
    struct ai_ask_state *told; /* that end when the loop rests */
    struct ai_ask_state *asks; /* all that run */
    size_t count;
    struct ai_ask_state
        *spares; /* that have ended, for the next: each is too large for what malloc has at hand */
    size_t spare_count;
    struct ai_gather *gather;
    struct ai_telemetry_series series;
};

/* ask_prepare.c; pool. Fills the state up to the verdict, and holds for it. */
void ask_prepare(struct core_work *work, unsigned worker);
/* Any thread. The verdict on a client's own words when nothing is known that could be found,
 * neither in the cache: they go straight to a model. */
int ask_decide_alone(struct ai_ask_state *s);
/* Takes the first passages as the answer (L1); the nearest ones as sources of a refusal. */
int ask_quote(struct ai_ask_state *s);
int ask_refuse(struct ai_ask_state *s);
/* The passages where receipt.skipped was not asked for want of money; CORE_EBUDGET: they do not
 * answer, and that nothing does may not be said. */
int ask_skip(struct ai_ask_state *s);

/* ask_generate.c; loop. Asks a model of level_next, which is held for. */
void ask_generate(struct ai_ask_state *s);
/* The request to whichever model, without on_done. */
void ask_request(struct ai_ask_state *s, unsigned tokens_max);
/* The model has ended: what of its text is supported goes out; DOCUMENTS. */
void ask_check_rest(struct ai_ask_state *s, bool whole);
/* Forgets what a model wrote, if nobody has seen any of it: false if somebody has. */
bool ask_forget(struct ai_ask_state *s);
/* Ends with what was generated, or the passage, or that there is none. DOCUMENTS. */
void ask_finish_documents(struct ai_ask_state *s);

/* ask_hold.c. Pool, while no call runs: sets aside, in place of what was; CORE_EBUDGET. */
int ask_hold(struct ai_ask_state *s, unsigned level, const struct account_cost *worst);
/* Pool: for what prepare() decided; without the money for a model the passages answer. */
int ask_hold_decided(struct ai_ask_state *s);
/* Any thread: the same when it is known that no budget binds; else false, and nothing is held. */
bool ask_hold_unbound(struct ai_ask_state *s, unsigned level, const struct account_cost *worst);
/* Loop: sets `worst` aside for level_next, then generates;
 * without the money it ends, or answers from the passages. */
void ask_hold_then_generate(struct ai_ask_state *s);
/* Any thread: the most that the model of level_next may take; that L2 may. */
struct account_cost ask_worst(const struct ai_ask_state *s);
struct account_cost ask_local_worst(const struct ai_ask_state *s);
unsigned ask_tokens_max(const struct ai_ask_state *s);
/* Something was set aside: what it cost is to be known when the answer is. */
bool ask_holds(const struct ai_ask_state *s);
/* Loop: the money that was spent; into the batch with the telemetry. */
int64_t ask_cost(const struct ai_ask_state *s);
void ask_settle(const struct ai_ask_state *s, struct store_batch *batch);

/* cascade.c. */
/* Pool: stores the question, so that history has it even if nothing comes of it. */
void ask_store_question(struct ai_ask_state *s);
/* Loop; none may run when it is closed, and it may be NULL. */
struct ai_cascade *ai_cascade_open(const struct ai *ai);
void ai_cascade_close(struct ai_cascade *cascade, struct core_loop *loop);
void ask_emit(struct ai_ask_state *s, struct core_str text);
void ask_finish(struct ai_ask_state *s, int status);

#endif
