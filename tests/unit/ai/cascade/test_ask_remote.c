/* test_ask_remote.c: questions that reach L3, with real providers (upstream.h), and purses that
 * the test holds instead of account/spend.c. */
#include "ai/cascade/cascade.h"

#include "core/err.h"
#include "tests/unit/store.h"
#include "tests/unit/upstream.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#define FACT "The greenhouse is heated to 18 degrees in winter nights."

/* --- The purse: any thread -------------------------------------------------------------------- */

static pthread_mutex_t purse_lock = PTHREAD_MUTEX_INITIALIZER;
static struct {
    int64_t left; /* microusd that may be held */
    atomic_uint holds, settled;
    unsigned level;
    struct account_cost worst, held_for[16], real[16];
    int64_t spent;
} purse;

int account_spend_hold(struct accounts *a, const struct account_payer *payer, unsigned level,
                       const struct account_cost *worst, char ret_hold[static ACCOUNT_HOLD_SIZE],
                       struct account_broke *ret_broke)
{
    int err = 0;
    (void)a;
    assert_string_equal(payer->account, "me");
    pthread_mutex_lock(&purse_lock);
    purse.level = level;
    purse.worst = *worst;
    if (worst->microusd > purse.left) {
        *ret_broke = (struct account_broke){
            .budget = "pocket money", .unit = "money", .period = "day"};
        err = CORE_EBUDGET;
    } else {
        purse.left -= worst->microusd;
        unsigned n = atomic_fetch_add(&purse.holds, 1);
        assert_in_range(n, 0, 15);
        purse.held_for[n] = *worst;
        snprintf(ret_hold, ACCOUNT_HOLD_SIZE, "%u", n);
    }
    pthread_mutex_unlock(&purse_lock);
    return err;
}

bool account_spend_free(struct accounts *a, const struct account_payer *payer, int level)
{
    (void)a, (void)payer, (void)level;
    return false; /* each is to be held for */
}

void account_spend_settle(struct store_batch *batch, const char *hold,
                          const struct account_cost *real)
{
    size_t n = strtoul(hold, NULL, 10);
    (void)batch;
    if (!*hold)
        return;
    pthread_mutex_lock(&purse_lock);
    purse.left += purse.held_for[n].microusd - real->microusd;
    purse.held_for[n] = purse.real[n] = *real;
    purse.spent += real->microusd;
    atomic_fetch_add(&purse.settled, 1);
    pthread_mutex_unlock(&purse_lock);
}

/* --- A local model that says what it is told -------------------------------------------------- */

struct fake {
    struct ai_model model; /* first */
    struct core_loop *loop;
    struct core_post post;
    struct ai_generate *request;
    const char *says;
    int status;
    unsigned calls;
};

static const char *fake_provider(const struct ai_model *model)
{
    (void)model;
    return "local:fake";
}

static void fake_speak(struct core_post *post)
{
    struct fake *f = (struct fake *)((char *)post - offsetof(struct fake, post));
    struct ai_generate *r = f->request;
    struct ai_usage usage = {.tokens_in = 7, .tokens_out = 5, .counted = true, .finish = "stop"};
    if (*f->says)
        r->on_text(r, core_str(f->says));
    f->request = NULL;
    r->on_done(r, f->status, &usage);
}

static int fake_generate(struct ai_model *model, struct ai_generate *request)
{
    struct fake *f = (struct fake *)model;
    f->calls++;
    f->request = request;
    f->post.fn = fake_speak;
    core_loop_post(f->loop, &f->post);
    return 0;
}

static void fake_cancel(struct ai_model *model, struct ai_generate *request)
{
    (void)model, (void)request;
}

static void fake_free(struct ai_model *model)
{
    (void)model;
}

static const struct ai_model_ops fake_ops = {
    .provider = fake_provider, .generate = fake_generate, .cancel = fake_cancel, .free = fake_free};

/* --- Fixture ---------------------------------------------------------------------------------- */

struct fixture {
    char dir[64];
    struct core_loop *loop;
    struct store *store;
    struct ai *ai;
    struct upstream up[2];
    struct fake local;
    struct ai_ask ask;
    struct ai_message message;
    bool done, cached, cacheable, cancel_on_text;
    int64_t stop_tokens; /* of what add() adds */
    int status;
    unsigned level, skipped;
    int64_t cost;
    char text[512], streamed[512], why[64], broke[160];
};

static void learn(struct store *store, const char *id, const char *text)
{
    static int64_t chunk;
    char name[64];
    struct store_batch *batch = store_batch_new(STORE_RELAXED);
    snprintf(name, sizeof name, "/doc/%s", id);
    store_put(
        batch, 1,
        "INSERT INTO content (id, source_hash, extractor, title, mime, language, text, headings)"
        " VALUES ($1, $2, 1, $1, 'text/plain', 'en', $3, '[]')",
        STORE_C(id), STORE_B(id, strlen(id)), STORE_C(text));
    store_put(batch, 1,
              "INSERT INTO document (id, name, root, content_id, source_bytes, source_mtime_ms,"
              " learned_ms) VALUES ($1, $2, '', $1, 1, 1, 1)",
              STORE_C(id), STORE_C(name));
    store_put(
        batch, 1,
        "INSERT INTO chunk (id, content_id, ordinal, start_at, end_at, name, title, heading, text)"
        " VALUES ($1, $2, 0, 0, $3, $2, $2, '', $4)",
        STORE_I(++chunk), STORE_C(id), STORE_I((int64_t)strlen(text)), STORE_C(text));
    assert_int_equal(store_write_wait(store, batch), 0);
}

static void add(struct fixture *f, unsigned which, const char *fault, int64_t price_out)
{
    struct ai_provider p = {
        .enabled = true,
        .rank = which,
        .first_ms = 400,
        .whole_ms = 2000,
        .calls_max = 1,
        .stop_tokens = f->stop_tokens,
        .models = {{.name = "m", .level = 3, .price_out = price_out, .output_max = 100}},
        .model_count = 1};
    const char *field, *must;
    snprintf(p.name, sizeof p.name, "p%u", which);
    snprintf(p.base_url, sizeof p.base_url, "%s%s/v1", f->up[which % 2].url, fault);
    assert_int_equal(ai_provider_save(f->ai, NULL, &p, &field, &must), 0);
    core_loop_turn(f->loop);
    core_loop_turn(f->loop);
}

static int set_up(void **state)
{
    static const char *const options[7] = {"--text", FACT " It was built by 40 dwarfs.",
                                           "--token-ms", "1"};
    struct fixture *f = core_alloc(sizeof *f);
    char why[256] = "";
    memset(&purse, 0, sizeof purse);
    purse.left = 1000000;
    snprintf(f->dir, sizeof f->dir, "sky-test-remote-XXXXXX");
    assert_non_null(mkdtemp(f->dir));
    upstream_start(&f->up[0], options);
    upstream_start(&f->up[1], options);
    f->loop = core_loop_new(core_env_real());
    const struct store_options store = {.env = core_env_real(),
                                        .loop = f->loop,
                                        .url = test_store_url(f->dir),
                                        .data_dir = f->dir,
                                        .readers_max = 4};
    assert_int_equal(store_open(&store, &f->store, why, sizeof why), 0);
    learn(f->store, "garden", FACT " Tomatoes ripen in August.");
    learn(f->store, "boat", "The engine of the boat needs 4 litres of oil.");
    const struct ai_options ai = {
        .env = core_env_real(),
        .loop = f->loop,
        .store = f->store,
        .accounts = (struct accounts *)f, /* only passed on to the purse */
        .data_dir = f->dir,
        .model_path = "",
        .embed_path = "",
        .embed_multi_path = "",
        .program = "sky",
        .model_context = 2048,
        .node = 1,
        .level_max = 3,
        .cache = true};
    if (ai_open(&ai, &f->ai, why, sizeof why))
        fail_msg("%s", why);
    f->stop_tokens = ACCOUNT_UNLIMITED;
    f->local = (struct fake){.model = {&fake_ops}, .loop = f->loop, .says = ""};
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    char command[160];
    ai_free(f->ai);
    store_free(f->store);
    core_loop_turn(f->loop);
    core_loop_free(f->loop);
    upstream_stop(&f->up[0]);
    upstream_stop(&f->up[1]);
    static const char *const files[] = {"index", "sky.db", "sky.db-wal", "sky.db-shm"};
    for (size_t i = 0; i < 4; i++) {
        snprintf(command, sizeof command, "%s/%s", f->dir, files[i]);
        remove(command);
    }
    rmdir(f->dir);
    free(f);
    return 0;
}

static void on_text(struct ai_ask *ask, struct core_str text)
{
    struct fixture *f = ask->arg;
    size_t have = strlen(f->streamed);
    snprintf(f->streamed + have, sizeof f->streamed - have, "%.*s", CORE_STR_ARG(text));
    if (f->cancel_on_text)
        ai_ask_cancel(f->ai, ask);
}

static void on_done(struct ai_ask *ask, int status, const struct ai_answer *a)
{
    struct fixture *f = ask->arg;
    f->done = true;
    f->status = status;
    f->level = a->receipt.level;
    f->skipped = a->receipt.skipped;
    f->cached = a->receipt.cached;
    f->cost = a->receipt.cost_microusd;
    snprintf(f->text, sizeof f->text, "%.*s", CORE_STR_ARG(a->text));
    snprintf(f->why, sizeof f->why, "%s", a->receipt.why_stopped);
    snprintf(f->broke, sizeof f->broke, "%s", a->broke ? a->broke->budget : "");
    core_loop_stop(f->loop);
}

static void begin(struct fixture *f, enum ai_ask_mode mode, const char *question)
{
    f->message = (struct ai_message){AI_USER, core_str(question)};
    f->done = false;
    f->streamed[0] = '\0';
    f->ask = (struct ai_ask){.mode = mode,
                             .owner = CORE_STR("owner"),
                             .messages = &f->message,
                             .message_count = 1,
                             .model = "skyai",
                             .level_max = 5,
                             .cacheable = f->cacheable,
                             .top_p = 1,
                             .payer = {.account = "me"},
                             .on_text = on_text,
                             .on_done = on_done,
                             .arg = f};
    assert_int_equal(ai_ask_start(f->ai, &f->ask), 0);
}

static void ask(struct fixture *f, enum ai_ask_mode mode, const char *question)
{
    begin(f, mode, question);
    core_loop_run(f->loop);
    assert_true(f->done);
}

#define WARM "How warm is the heated greenhouse in winter nights?"
#define OIL "How much oil does the engine of the boat need?"
#define CHAT "Tell me a story of dwarfs, will you?"

/* So that passages are at hand, and never sure enough to be quoted. */
static void doubt(struct fixture *f)
{
    f->ai->confident = (struct ai_thresholds){.quote = 2};
}

/* --- Money ------------------------------------------------------------------------------------ */

static void what_it_cost_is_settled(void **state)
{
    struct fixture *f = *state;
    add(f, 0, "", 1000000);
    ask(f, AI_ASK_MODEL, CHAT);
    assert_int_equal(f->status, 0);
    assert_int_equal(f->level, 3);
    assert_int_equal(purse.level, 3);
    assert_int_equal(purse.worst.microusd, 100); /* all that it may write */
    assert_true(purse.worst.tokens >= 100 + (int64_t)strlen(CHAT));
    assert_int_equal(atomic_load(&purse.holds), 1);
    assert_int_equal(atomic_load(&purse.settled), 1);
    assert_int_equal(purse.spent, upstream_stat(&f->up[0], "tokens_out"));
    assert_int_equal(f->cost, purse.spent);
}

static void without_money_nobody_is_asked(void **state)
{
    struct fixture *f = *state;
    add(f, 0, "", 1000000);
    purse.left = 59;
    ask(f, AI_ASK_MODEL, CHAT);
    assert_int_equal(f->status, CORE_EBUDGET);
    assert_string_equal(f->broke, "pocket money");
    assert_string_equal(f->why, "budget");
    doubt(f);
    ask(f, AI_ASK_DOCUMENTS, WARM);
    assert_int_equal(f->status, 0);
    assert_string_equal(f->why, "budget");
    assert_int_equal(f->level, 1);
    assert_int_equal(f->skipped, 3);
    assert_string_equal(f->broke, "pocket money");
    assert_non_null(strstr(f->text, "18 degrees"));
    assert_int_equal(upstream_stat(&f->up[0], "calls"), 0);
    assert_int_equal(purse.spent, 0);
}

/* That nothing answers is not known of who was not asked. */
static void without_money_and_a_passage_it_is_not_said_that_nothing_answers(void **state)
{
    struct fixture *f = *state;
    add(f, 0, "", 1000000);
    doubt(f);
    f->ai->confident.answerable = 2; /* no passage is good enough, but L3 may look at them */
    purse.left = 59;
    ask(f, AI_ASK_DOCUMENTS, WARM);
    assert_int_equal(f->status, CORE_EBUDGET);
    assert_string_equal(f->text, "");
    assert_string_equal(f->broke, "pocket money");
    f->ai->confident.answerable = 0;
    f->ai->confident.quote = 2;
    purse.left = 1000;
    ask(f, AI_ASK_DOCUMENTS, WARM);
    assert_int_equal(f->status, 0);
    assert_int_equal(f->skipped, 0);
}

static void one_hold_serves_who_is_as_dear(void **state)
{
    struct fixture *f = *state;
    add(f, 0, "/401", 1000000);
    add(f, 1, "", 1000000);
    ask(f, AI_ASK_MODEL, CHAT);
    assert_int_equal(f->status, 0);
    assert_int_equal(atomic_load(&purse.holds), 1); /* it is as dear: the same one serves */
}

static void a_dearer_one_may_be_too_dear(void **state)
{
    struct fixture *f = *state;
    add(f, 0, "/401", 1000000);
    add(f, 1, "", 2000000);
    purse.left = 150;
    ask(f, AI_ASK_MODEL, CHAT);
    assert_int_equal(f->status, CORE_EBUDGET); /* of 200, whatever the other gave back */
    assert_int_equal(atomic_load(&purse.settled), 1);
    assert_int_equal(purse.spent, 0);
    assert_int_equal(upstream_stat(&f->up[1], "calls"), 0);
    purse.left = 250; /* not for both at once */
    ask(f, AI_ASK_MODEL, CHAT);
    assert_int_equal(f->status, 0);
    assert_int_equal(purse.spent, 2 * upstream_stat(&f->up[1], "tokens_out"));
    assert_int_equal(atomic_load(&purse.settled), atomic_load(&purse.holds));
}

static void what_came_before_leaving_is_paid(void **state)
{
    struct fixture *f = *state;
    add(f, 0, "", 1000000);
    f->cancel_on_text = true;
    ask(f, AI_ASK_MODEL, CHAT);
    assert_int_equal(f->status, CORE_ECANCELLED);
    assert_int_equal(atomic_load(&purse.settled), 1);
    /* It is heard what it cost: neither a guess nor the worst case. */
    assert_true(purse.spent > 0);
    assert_int_equal(purse.spent, upstream_stat(&f->up[0], "tokens_out"));
    assert_int_equal(f->cost, purse.spent);
}

/* Nobody knows what it writes on: what came says nothing of it. */
static void who_does_not_end_is_paid_the_worst(void **state)
{
    struct fixture *f = *state;
    add(f, 0, "/stall", 1000000);
    f->cancel_on_text = true;
    ask(f, AI_ASK_MODEL, CHAT);
    assert_int_equal(f->status, CORE_ECANCELLED);
    assert_int_equal(purse.spent, 100);
}

static void who_ends_what_nobody_takes_is_paid_for_what_came(void **state)
{
    struct fixture *f = *state;
    f->stop_tokens = 40;
    add(f, 0, "/stall", 1000000);
    f->cancel_on_text = true;
    ask(f, AI_ASK_MODEL, CHAT);
    assert_int_equal(f->status, CORE_ECANCELLED);
    /* No more than half of the answer came, nor less than what was shown. */
    assert_in_range(purse.spent, 40 + strlen(f->streamed), 99);
    assert_true(purse.spent >= upstream_stat(&f->up[0], "tokens_out"));
    /* What is asked for in one piece shows nothing of what was written: it is read on. */
    int64_t before = upstream_stat(&f->up[0], "tokens_out");
    purse.spent = 0;
    begin(f, AI_ASK_MODEL, CHAT);
    f->ask.on_text = NULL;
    while (upstream_stat(&f->up[0], "calls") < 2)
        core_loop_turn(f->loop);
    ai_ask_cancel(f->ai, &f->ask);
    core_loop_run(f->loop);
    assert_int_equal(f->status, CORE_ECANCELLED);
    assert_int_equal(purse.spent, upstream_stat(&f->up[0], "tokens_out") - before);
}

static void what_may_have_been_written_unseen_is_paid(void **state)
{
    struct fixture *f = *state;
    add(f, 0, "/hang-up", 1000000);
    begin(f, AI_ASK_MODEL, CHAT);
    f->ask.on_text = NULL; /* the whole at once, or nothing */
    core_loop_run(f->loop);
    assert_true(f->status < 0);
    assert_int_equal(upstream_stat(&f->up[0], "calls"), 3);
    assert_int_equal(purse.spent, 300);
    assert_int_equal(atomic_load(&purse.holds), 3);
}

/* However many failed, and whatever they took: what is left is there for who is well. */
static void all_are_asked_in_their_turn(void **state)
{
    struct fixture *f = *state;
    for (unsigned i = 0; i < 3; i++)
        add(f, i, "/hang-up", 1000000);
    add(f, 3, "", 1000000);
    purse.left = 1000;
    begin(f, AI_ASK_MODEL, CHAT);
    f->ask.on_text = NULL; /* each try may have written all of it */
    core_loop_run(f->loop);
    assert_int_equal(f->status, 0);
    assert_int_equal(upstream_stat(&f->up[0], "calls") + upstream_stat(&f->up[1], "calls"), 10);
    assert_int_equal(atomic_load(&purse.holds), 10);
    assert_int_equal(atomic_load(&purse.settled), 10);
    assert_int_equal(purse.spent, 900 + upstream_stat(&f->up[1], "tokens_out"));
    assert_int_equal(f->cost, purse.spent);
}

/* What L2 was given and did not take is there for L3. */
static void a_level_gives_back_before_the_next(void **state)
{
    struct fixture *f = *state;
    add(f, 0, "", 1000000);
    doubt(f);
    f->ai->model = &f->local.model;
    f->local.says = "It is 99 degrees.";
    f->ai->price = (struct ai_local_price){0, 10000000};
    purse.left = 650;
    ask(f, AI_ASK_DOCUMENTS, WARM);
    assert_int_equal(f->level, 3);
    assert_int_equal(atomic_load(&purse.settled), 2);
    assert_int_equal(purse.real[0].microusd, 5 * 10);
    assert_int_equal(f->cost, purse.spent);
}

/* --- Documents -------------------------------------------------------------------------------- */

static void what_it_says_is_checked(void **state)
{
    struct fixture *f = *state;
    add(f, 0, "", 1000000);
    doubt(f);
    ask(f, AI_ASK_DOCUMENTS, WARM);
    assert_int_equal(f->status, 0);
    assert_int_equal(f->level, 3);
    assert_string_equal(f->text, FACT); /* without the dwarfs */
    assert_string_equal(f->streamed, FACT);
    assert_int_equal(atomic_load(&purse.settled), 1);
    assert_in_range(purse.spent, 1, 100);
}

static void a_failing_one_leaves_the_passage(void **state)
{
    struct fixture *f = *state;
    add(f, 0, "/500", 1000000);
    doubt(f);
    ask(f, AI_ASK_DOCUMENTS, WARM);
    assert_int_equal(f->status, 0);
    assert_int_equal(f->level, 1);
    assert_non_null(strstr(f->text, "18 degrees"));
    assert_int_equal(purse.spent, 0);
}

/* What stands in for them is not what they would have said. */
static void what_an_outage_left_is_not_kept(void **state)
{
    struct fixture *f = *state;
    char answer[64];
    add(f, 0, "", 1000000);
    doubt(f);
    f->cacheable = true;
    f->ai->confident.answerable = 2; /* only L3 may know */
    upstream_get(&f->up[0], "/set?fault=401", answer, sizeof answer);
    ask(f, AI_ASK_DOCUMENTS, WARM);
    assert_int_equal(f->level, 1);
    upstream_get(&f->up[0], "/set?fault=", answer, sizeof answer);
    ask(f, AI_ASK_DOCUMENTS, WARM);
    assert_int_equal(f->level, 3);
    assert_string_equal(f->text, FACT);
    ask(f, AI_ASK_DOCUMENTS, WARM);
    assert_true(f->cached);
    /* The local model, whose passage stands in. */
    f->ai->confident.answerable = 0;
    f->ai->model = &f->local.model;
    f->local.says = "";
    f->local.status = CORE_ECORRUPT;
    f->ai->level_max = 2;
    ask(f, AI_ASK_DOCUMENTS, OIL);
    assert_int_equal(f->level, 1);
    f->local.says = "The engine of the boat needs 4 litres of oil.";
    f->local.status = 0;
    ask(f, AI_ASK_DOCUMENTS, OIL);
    assert_int_equal(f->level, 2);
    ask(f, AI_ASK_DOCUMENTS, OIL);
    assert_true(f->cached);
}

static void it_comes_after_the_local_model(void **state)
{
    struct fixture *f = *state;
    add(f, 0, "", 1000000);
    doubt(f);
    f->ai->model = &f->local.model;
    f->local.says = FACT;
    ask(f, AI_ASK_DOCUMENTS, WARM);
    assert_int_equal(f->level, 2); /* good enough */
    assert_int_equal(upstream_stat(&f->up[0], "calls"), 0);
    assert_int_equal(purse.real[0].tokens, 12);
    f->local.says = "It is 99 degrees.";
    ask(f, AI_ASK_DOCUMENTS, WARM);
    assert_int_equal(f->level, 3);
    assert_string_equal(f->text, FACT);
    assert_null(strstr(f->streamed, "99"));
    assert_int_equal(f->local.calls, 2);
    assert_int_equal(atomic_load(&purse.settled), 3);
}

static void the_local_model_stands_in(void **state)
{
    struct fixture *f = *state;
    add(f, 0, "/401", 1000000);
    f->ai->model = &f->local.model;
    f->local.says = "Once upon a time.";
    ask(f, AI_ASK_MODEL, CHAT);
    assert_int_equal(f->status, 0);
    assert_int_equal(f->level, 2);
    assert_string_equal(f->text, "Once upon a time.");
    assert_int_equal(upstream_stat(&f->up[0], "calls"), 1);
    /* And the other way round: what is easy goes to it first. */
    add(f, 1, "", 1000000);
    f->ai->confident.client = 2;
    f->ai->confident.easy = 0;
    f->local.says = "";
    f->local.status = CORE_ECORRUPT;
    ask(f, AI_ASK_MODEL, "What is the temperature of the greenhouse in the winter?");
    assert_int_equal(f->status, 0);
    assert_int_equal(f->local.calls, 2);
    assert_int_equal(f->level, 3);
}

static void who_waits_may_leave(void **state)
{
    struct fixture *f = *state;
    add(f, 0, "/stall", 1000000); /* one call at a time */
    begin(f, AI_ASK_MODEL, CHAT);
    struct ai_ask first = f->ask;
    first.state = NULL;
    assert_int_equal(ai_ask_start(f->ai, &first), 0);
    for (int i = 0; i < 1000 && !f->ai->remote->waiting; i++) {
        core_loop_turn(f->loop);
        usleep(1000);
    }
    struct ai_ask_state *waits = f->ai->remote->waiting;
    assert_non_null(waits);
    ai_ask_cancel(f->ai, waits->ask);
    assert_null(f->ai->remote->waiting);
    core_loop_run(f->loop);
    assert_int_equal(f->status, CORE_ECANCELLED);
    core_loop_run(f->loop);
    assert_int_equal(f->status, CORE_ETIMEOUT); /* the other one */
}

static void all_who_wait_have_their_turn(void **state)
{
    enum { WAITING = 5 };
    struct fixture *f = *state;
    struct ai_ask others[WAITING];
    add(f, 0, "", 1000000); /* one call at a time */
    begin(f, AI_ASK_MODEL, CHAT);
    for (int i = 0; i < WAITING; i++) {
        others[i] = f->ask;
        others[i].state = NULL;
        assert_int_equal(ai_ask_start(f->ai, &others[i]), 0);
    }
    for (int i = 0; i < WAITING + 1; i++) {
        f->status = 1;
        core_loop_run(f->loop);
        assert_int_equal(f->status, 0);
    }
    assert_null(f->ai->remote->waiting);
    assert_int_equal(f->ai->remote->waiting_count, 0);
    assert_int_equal(upstream_stat(&f->up[0], "calls"), WAITING + 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_it_cost_is_settled),
        TEST(without_money_nobody_is_asked),
        TEST(without_money_and_a_passage_it_is_not_said_that_nothing_answers),
        TEST(one_hold_serves_who_is_as_dear),
        TEST(a_dearer_one_may_be_too_dear),
        TEST(what_came_before_leaving_is_paid),
        TEST(who_does_not_end_is_paid_the_worst),
        TEST(who_ends_what_nobody_takes_is_paid_for_what_came),
        TEST(what_may_have_been_written_unseen_is_paid),
        TEST(all_are_asked_in_their_turn),
        TEST(a_level_gives_back_before_the_next),
        TEST(what_it_says_is_checked),
        TEST(a_failing_one_leaves_the_passage),
        TEST(what_an_outage_left_is_not_kept),
        TEST(it_comes_after_the_local_model),
        TEST(the_local_model_stands_in),
        TEST(who_waits_may_leave),
        TEST(all_who_wait_have_their_turn),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
