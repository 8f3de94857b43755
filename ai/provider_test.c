/*
 * provider_test.c: does a provider answer? A few words of its first model, paid by who asks and booked like
 * any answer.
 */
#include "ai/remote.h"

#include "ai/receipt.h"
#include "core/err.h"

#include <stdio.h>
#include <stdlib.h>

struct ai_provider_trial {
    struct core_work work; /* first */
    struct ai *ai;
    struct ai_provider_test *test;
    struct ai_provider_trial *next;
    struct ai_remote_list *list;
    struct ai_remote_choice choice;
    struct ai_message message;
    struct ai_generate generate;
    char hold[ACCOUNT_HOLD_SIZE];
    struct account_broke broke;
    int status;
    uint64_t called_ns;
    size_t text_len; /* that came */
    bool calling, cancelled;
};

static void end(struct ai_provider_trial *t, int status, int http)
{
    struct ai_provider_test *test = t->test;
    struct ai_provider_trial **at = &t->ai->remote->trials;
    while (*at != t)
        at = &(*at)->next;
    *at = t->next;
    ai_remote_unref(t->list);
    free(t);
    test->trial = NULL;
    test->on_done(test, status, http);
}

static void book(struct ai_provider_trial *t, int status, const struct ai_usage *usage)
{
    struct ai_provider_test *test = t->test;
    const struct ai_model *model = t->choice.provider->models[t->choice.model];
    const struct ai_provider_model *m = ai_remote_model(&t->choice);
    struct ai_receipt receipt = {.level = m->level, .why_stopped = status ? "error" : "model"};
    struct account_cost real = ai_remote_bill(&t->choice, &t->message, 1, t->generate.tokens_max,
                                              t->text_len, status, usage);
    struct store_batch *batch = store_batch_new(STORE_RELAXED);
    test->latency_ms = (int64_t)((core_mono_ns(t->ai->env) - t->called_ns) / 1000000);
    test->tokens_in = receipt.tokens_in = usage->tokens_in;
    test->tokens_out = receipt.tokens_out = usage->tokens_out;
    test->cost_microusd = receipt.cost_microusd = real.microusd;
    receipt.latency_ms = receipt.first_token_ms = test->latency_ms;
    account_spend_settle(batch, t->hold, &real);
    ai_telemetry_add(batch, t->ai->env, core_str(test->payer.account), "test",
                     model->ops->provider(model), !status, !usage->counted, &receipt);
    store_write(t->ai->store, batch, NULL, NULL);
}

static void on_text(struct ai_generate *request, struct core_str text)
{
    struct ai_provider_trial *t = request->arg;
    t->text_len += text.len;
}

static void on_done(struct ai_generate *request, int status, const struct ai_usage *usage)
{
    struct ai_provider_trial *t = request->arg;
    int http = usage->http;
    snprintf(t->test->why, sizeof t->test->why, "%s", usage->why ? usage->why : "");
    book(t, status, usage);
    ai_remote_end(t->ai, &t->choice, status, usage, -1);
    end(t, status, http);
}

static void run(struct core_work *work, unsigned worker)
{
    struct ai_provider_trial *t = (struct ai_provider_trial *)work;
    struct account_cost worst = ai_remote_worst(&t->choice, &t->message, 1, t->generate.tokens_max);
    (void)worker;
    if (t->ai->accounts && t->test->payer.account)
        t->status = account_spend_hold(t->ai->accounts, &t->test->payer, 3, &worst, t->hold,
                                       &t->broke);
}

static void held(struct core_work *work, int status)
{
    struct ai_provider_trial *t = (struct ai_provider_trial *)work;
    struct ai_model *model = t->choice.provider->models[t->choice.model];
    static const struct ai_usage nothing;
    status = status ? status : t->status;
    if (status) {
        end(t, status, 0);
        return;
    }
    t->called_ns = core_mono_ns(t->ai->env);
    status = t->cancelled ? CORE_ECANCELLED : model->ops->generate(model, &t->generate);
    if (!status) {
        t->calling = true;
        t->choice.provider->running++;
        return;
    }
    book(t, status, &nothing);
    end(t, status, 0);
}

int ai_provider_test_start(struct ai *ai, struct ai_provider_test *test)
{
    struct ai_provider_trial *t = core_alloc(sizeof *t);
    size_t i = 0;
    t->list = ai_remote_ref(ai);
    while (i < t->list->choice_count &&
           !core_str_eq_c(test->id, t->list->choices[i].provider->data.id))
        i++;
    if (i == t->list->choice_count) {
        ai_remote_unref(t->list);
        free(t);
        return CORE_ENOTFOUND;
    }
    t->ai = ai;
    t->test = test;
    t->choice = t->list->choices[i];
    t->message = (struct ai_message){AI_USER, CORE_STR("Answer with the word OK.")};
    t->generate = (struct ai_generate){.messages = &t->message,
                                       .message_count = 1,
                                       .tokens_max = AI_REMOTE_TEST_TOKENS,
                                       .top_p = 1,
                                       .repeat_penalty = 1,
                                       .on_text = on_text,
                                       .on_done = on_done,
                                       .arg = t};
    t->work.run = run;
    t->work.done = held;
    t->next = ai->remote->trials;
    ai->remote->trials = t;
    test->trial = t;
    int err = core_work_submit(ai->ask, &t->work);
    if (err)
        held(&t->work, err);
    return 0;
}

void ai_provider_test_cancel(struct ai *ai, struct ai_provider_test *test)
{
    struct ai_provider_trial *t = test->trial;
    (void)ai;
    if (!t)
        return;
    struct ai_model *model = t->choice.provider->models[t->choice.model];
    t->cancelled = true;
    if (t->calling)
        model->ops->cancel(model, &t->generate);
    else
        core_work_cancel(&t->work);
}
