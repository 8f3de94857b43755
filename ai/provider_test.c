/*
 * provider_test.c: does a provider answer? A few words of its first model, paid by who asks and
 * booked like any answer.
 */
#include "ai/cascade/remote.h"

#include "ai/telemetry.h"
#include "core/err.h"
#include "core/log.h"

#include <stdio.h>
#include <stdlib.h>

struct ai_provider_trial {
    struct core_work work; /* first */
    struct ai *ai;
    struct ai_provider_test *test;
    struct ai_remote_list *list;
    struct ai_remote_choice choice;
    struct ai_message message;
    struct ai_generate generate;
    char hold[ACCOUNT_HOLD_SIZE];
    struct account_broke broke;
    int status, http;
    uint64_t called_ns;
    size_t received; /* bytes */
    bool calling, cancelled, ended;
};

static void book(struct ai_provider_trial *t, struct store_batch *batch, int status,
                 const struct ai_usage *usage)
{
    struct ai_provider_test *test = t->test;
    const struct ai_model *model = t->choice.provider->models[t->choice.model];
    const struct ai_provider_model *m = ai_remote_model(&t->choice);
    struct ai_receipt receipt = {.level = m->level, .why_stopped = status ? "error" : "model"};
    struct account_cost real = ai_remote_bill(&t->choice, &t->generate, t->received, status, usage);
    test->latency_ms = (int64_t)((core_mono_ns(t->ai->env) - t->called_ns) / 1000000);
    test->tokens_in = receipt.tokens_in = usage->tokens_in;
    test->tokens_out = receipt.tokens_out = usage->tokens_out;
    test->cost_microusd = receipt.cost_microusd = real.microusd;
    receipt.latency_ms = receipt.first_token_ms = test->latency_ms;
    account_spend_settle(batch, t->hold, &real);
    const struct ai_telemetry_row row = {.owner = core_str(test->payer.account),
                                         .route = "test",
                                         .provider = model->ops->provider(model),
                                         .answered = !status,
                                         .estimated = !usage->final,
                                         .receipt = &receipt};
    ai_telemetry_add(batch, t->ai->env, &row);
}

/* Who sees the answer finds the row of it. */
static void on_acked(void *arg, int status)
{
    struct ai_provider_trial *t = arg;
    struct ai_provider_test *test = t->test;
    if (status)
        core_log(CORE_LOG_ERROR, "provider.test.store",
                 {"error", CORE_LOG_C(core_err_name(status))});
    t->ai->trials--;
    test->trial = NULL;
    test->on_done(test, t->status, t->http);
    free(t);
}

/* usage NULL: nothing was held, and nothing called. */
static void end(struct ai_provider_trial *t, int status, const struct ai_usage *usage)
{
    struct ai_provider_test *test = t->test;
    struct store_batch *batch = store_batch_new(STORE_DURABLE);
    t->ended = true;
    t->status = status;
    t->http = usage ? usage->http : 0;
    if (usage)
        book(t, batch, status, usage);
    account_audit_add(
        t->ai->env, batch,
        &(const struct account_event){.act = ACCOUNT_ACT_PROVIDER_TESTED,
                                      .by = &test->by,
                                      .object = test->id,
                                      .outcome = status ? core_err_text(status) : NULL});
    ai_remote_unref(t->list);
    store_write(t->ai->store, batch, on_acked, t);
}

static void on_text(struct ai_generate *request, struct core_str text)
{
    struct ai_provider_trial *t = request->arg;
    t->received += text.len;
}

static void on_done(struct ai_generate *request, int status, const struct ai_usage *usage)
{
    struct ai_provider_trial *t = request->arg;
    snprintf(t->test->why, sizeof t->test->why, "%s", usage->why ? usage->why : "");
    ai_remote_end(t->ai, &t->choice, status, usage, -1);
    end(t, status, usage);
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
        end(t, status, NULL);
        return;
    }
    t->called_ns = core_mono_ns(t->ai->env);
    status = t->cancelled ? CORE_ECANCELLED : model->ops->generate(model, &t->generate);
    if (!status) {
        t->calling = true;
        t->choice.provider->running++;
        return;
    }
    if (status == CORE_EAUTH) /* no key, so nobody was asked who could say why */
        model->ops->check(model, t->test->why, sizeof t->test->why);
    end(t, status, &nothing);
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
    ai->trials++;
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
    if (!t || t->ended)
        return;
    struct ai_model *model = t->choice.provider->models[t->choice.model];
    t->cancelled = true;
    if (t->calling)
        model->ops->cancel(model, &t->generate);
    else
        core_work_cancel(&t->work);
}
