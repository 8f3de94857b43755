/*
 * remote.h: the providers as they are asked: whose turn it
 * is, what a call costs at most, how it went. Room only.
 *
 * The list is replaced as a whole when a provider changes; a question keeps the list that it began
 * with. What does not change in a provider may be read by any thread; the rest is the loop's.
 */
#ifndef AI_CASCADE_REMOTE_H
#define AI_CASCADE_REMOTE_H

#include "ai/model/breaker.h"
#include "ai/room.h"
#include "core/fetch_loop.h"
#include "core/limits.h"

enum ai_remote_outcome {
    AI_REMOTE_OK,
    AI_REMOTE_CANCELLED,
    AI_REMOTE_TIMEOUT,
    AI_REMOTE_LIMITED,
    AI_REMOTE_REFUSED,
    AI_REMOTE_FAILED,
    AI_REMOTE_OUTCOMES
};

struct ai_remote_provider {
    struct ai_provider data;
    struct ai_model *models[AI_LIMIT_PROVIDER_MODELS];
    unsigned refs; /* lists that hold it */
    /* Loop. */
    struct ai_breaker breaker;
    unsigned running;                                      /* calls */
    uint64_t not_before_ms;                                /* it asked to be left alone */
    struct core_metric *calls[AI_REMOTE_OUTCOMES], *first; /* those that were needed */
};

/* A model of a provider. */
struct ai_remote_choice {
    struct ai_remote_provider *provider;
    unsigned model;
};
struct ai_remote_list {
    unsigned refs; /* loop */
    struct ai_remote_provider *providers[AI_LIMIT_PROVIDERS];
    size_t provider_count;
    /* Of level 3, in the order in which they are asked. */
    struct ai_remote_choice choices[AI_LIMIT_PROVIDERS * AI_LIMIT_PROVIDER_MODELS];
    size_t choice_count;
};

struct ai_remote {
    struct core_fetch_loop *fetch;
    struct ai_remote_list *list;
    struct core_box box;                         /* lists that were read */
    atomic_uint reads;                           /* begun */
    unsigned shown;                              /* the number of the read that `list` is from */
    struct ai_ask_state *waiting, **waiting_end; /* for a call to end, the longest first */
    size_t waiting_count;
    bool waking;
};

/* Blocking, before the loop runs. */
int ai_remote_open(struct ai *ai);
/* Loop. Calls that run end inside. */
void ai_remote_close(struct ai *ai);
/* Pool. Reads the providers again; the loop has them before a message that is posted after this. */
int ai_remote_reload(struct ai *ai);

/* Loop. */
struct ai_remote_list *ai_remote_ref(struct ai *ai);
void ai_remote_unref(struct ai_remote_list *list);

static inline const struct ai_provider_model *ai_remote_model(const struct ai_remote_choice *c)
{
    return &c->provider->data.models[c->model];
}
/* Any thread. How long an answer of this choice may be,
 * so that it fits its context; 0: the messages do not. */
unsigned ai_remote_output(const struct ai_remote_choice *choice, const struct ai_message *messages,
                          size_t count, unsigned wanted);
/* Any thread. The most that a call can cost: no vocabulary has tokens shorter than a byte. */
struct account_cost ai_remote_worst(const struct ai_remote_choice *choice,
                                    const struct ai_message *messages, size_t count,
                                    unsigned output);
/* Any thread. What a call that ended will be billed at most; `received`: bytes of text that came.
 *
 *     it was not sent, or was refused             nothing
 *     the provider told how many tokens           those
 *     it ended, without telling                   the messages, and a token a byte that came
 *     we hung up on a stream, and the provider    the messages, a token a byte that came, and
 *       ends what nobody takes                      stop_tokens
 *     its end was not seen                        the worst case
 *
 * What came says nothing of the last: a provider writes ahead of what is
 * read (buffers of both systems lie between), and may write to its end
 * although nobody is there. Never more than the worst case. */
struct account_cost ai_remote_bill(const struct ai_remote_choice *choice,
                                   const struct ai_generate *call, size_t received, int status,
                                   const struct ai_usage *usage);
/* Rounded up. */
int64_t ai_remote_price(const struct ai_provider_model *model, int64_t tokens_in,
                        int64_t tokens_out);

enum ai_remote_ready { AI_REMOTE_READY, AI_REMOTE_FULL, AI_REMOTE_AWAY };
/* Loop. FULL: as many calls as may run; AWAY: it failed lately, or asked to be left alone. */
enum ai_remote_ready ai_remote_ready(struct ai *ai, const struct ai_remote_choice *choice);
/* Loop. Is it worth while that those who wait look again? Not when all that could be asked now are
 * full. A provider that is in no list any more may be one that some of them wait for: `ended` is
 * where a call ended, or NULL. */
bool ai_remote_room(struct ai *ai, const struct ai_remote_choice *ended);
/* Loop. Around each call that ai_remote_ready() let
 * through. first_ms: until text came; −1: none came. */
void ai_remote_begin(struct ai *ai, const struct ai_remote_choice *choice);
void ai_remote_end(struct ai *ai, const struct ai_remote_choice *choice, int status,
                   const struct ai_usage *usage, int64_t first_ms);
/* Any thread. Could another try at the same provider go better? */
bool ai_remote_again(int status);

#endif
