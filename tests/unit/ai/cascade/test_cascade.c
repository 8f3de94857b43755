/* test_cascade.c: questions from start to done, with a model that is told what to say. No embedder:
 * keywords alone find the documents. */
#include "ai/cascade/cascade.h"
#include "ai/cascade/prompt.h"
#include "ai/learn/learn.h"
#include "core/err.h"
#include "tests/unit/core/store/fault_vfs.h"

#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

/* --- A model ---------------------------------------------------------------------------------- */

struct fake_model {
    struct ai_model model; /* first */
    struct core_loop *loop;
    struct core_post post;
    struct ai_generate *request;
    const char *says; /* sent in pieces of three bytes */
    int status;       /* of on_done */
    bool hangs;       /* until cancelled */
    bool busy;        /* generate() answers CORE_ELIMIT */
    bool cancelled, speaking;
    unsigned calls;
    char prompt[8192];
    unsigned roles[8];
};

static const char *fake_provider(const struct ai_model *model)
{
    (void)model;
    return "local:fake";
}

static void fake_speak(struct core_post *post)
{
    struct fake_model *f = (struct fake_model *)((char *)post - offsetof(struct fake_model, post));
    struct ai_generate *r = f->request;
    size_t len = f->says ? strlen(f->says) : 0;
    f->speaking = true;
    for (size_t i = 0; i < len && !f->cancelled; i += 3)
        r->on_text(r, core_strn(f->says + i, len - i < 3 ? len - i : 3));
    f->speaking = false;
    if (f->hangs && !f->cancelled)
        return;
    struct ai_usage usage = {.tokens_in = 7, .tokens_out = 5, .finish = "stop"};
    f->request = NULL;
    r->on_done(r, f->cancelled ? CORE_ECANCELLED : f->status, &usage);
}

static int fake_generate(struct ai_model *model, struct ai_generate *request)
{
    struct fake_model *f = (struct fake_model *)model;
    if (f->busy || f->request)
        return CORE_ELIMIT;
    f->calls++;
    f->request = request;
    f->cancelled = false;
    size_t n = 0;
    for (size_t i = 0; i < request->message_count; i++) {
        f->roles[i % 8] = request->messages[i].role;
        n += (size_t)snprintf(f->prompt + n, sizeof f->prompt - n, "%.*s\n",
                              CORE_STR_ARG(request->messages[i].text));
    }
    f->post.fn = fake_speak;
    core_loop_post(f->loop, &f->post);
    return 0;
}

static void fake_cancel(struct ai_model *model, struct ai_generate *request)
{
    struct fake_model *f = (struct fake_model *)model;
    (void)request;
    f->cancelled = true;
    if (f->hangs && f->request && !f->speaking)
        core_loop_post(f->loop, &f->post);
}

static const struct ai_model_ops fake_ops = {
    .provider = fake_provider, .generate = fake_generate, .cancel = fake_cancel};

/* --- Fixture -------------------------------------------------------------------------------- */

struct fixture {
    char dir[64];
    struct ai ai;
    struct fake_model model;
    struct ai_ask ask; /* from here on: of the last answer */
    struct ai_message messages[4];
    int status;
    char text[2048], streamed[2048], why[64], conversation[CORE_ID_SIZE], message[CORE_ID_SIZE];
    char source[64], finish[16];
    unsigned level, sources, announced;
    bool started, done, answered, cached, kept;
};

static void on_start(struct ai_ask *ask, const struct ai_answer *ids)
{
    struct fixture *f = ask->arg;
    f->started = true;
    assert_true(ask->mode == AI_ASK_MODEL || core_id_valid(ids->conversation_id));
}

static void on_sources(struct ai_ask *ask, const struct ai_source *sources, size_t count)
{
    struct fixture *f = ask->arg;
    assert_true(sources[0].document.len > 0);
    f->announced = (unsigned)count;
}

static void on_text(struct ai_ask *ask, struct core_str text)
{
    struct fixture *f = ask->arg;
    size_t have = strlen(f->streamed);
    snprintf(f->streamed + have, sizeof f->streamed - have, "%.*s", CORE_STR_ARG(text));
}

static void on_done(struct ai_ask *ask, int status, const struct ai_answer *a)
{
    struct fixture *f = ask->arg;
    assert_false(f->done);
    f->done = true;
    f->status = status;
    f->level = a->receipt.level;
    f->answered = a->answered;
    f->cached = a->receipt.cached;
    f->kept = a->kept;
    f->sources = (unsigned)a->source_count;
    snprintf(f->text, sizeof f->text, "%.*s", CORE_STR_ARG(a->text));
    snprintf(f->why, sizeof f->why, "%s", a->receipt.why_stopped);
    snprintf(f->finish, sizeof f->finish, "%s", a->finish);
    snprintf(f->conversation, sizeof f->conversation, "%.*s", CORE_STR_ARG(a->conversation_id));
    snprintf(f->message, sizeof f->message, "%.*s", CORE_STR_ARG(a->message_id));
    if (a->source_count)
        snprintf(f->source, sizeof f->source, "%.*s", CORE_STR_ARG(a->sources[0].document));
    core_loop_stop(f->ai.loop);
}

static void learn(struct fixture *f, const char *id, const char *title, const char *text)
{
    static int64_t chunk;
    char name[64];
    struct store_batch *batch = store_batch_new(STORE_RELAXED);
    snprintf(name, sizeof name, "/doc/%s", id);
    store_put(
        batch, 1,
        "INSERT INTO content (id, source_hash, extractor, title, mime, language, text, headings)"
        " VALUES ($1, $2, 1, $3, 'text/plain', 'en', $4, '[]')",
        STORE_C(id), STORE_B(id, strlen(id)), STORE_C(title), STORE_C(text));
    store_put(batch, 1,
              "INSERT INTO document (id, name, root, content_id, source_bytes, source_mtime_ms,"
              " learned_ms) VALUES ($1, $2, '', $1, 1, 1, 1)",
              STORE_C(id), STORE_C(name));
    store_put(
        batch, 1,
        "INSERT INTO chunk (id, content_id, ordinal, start_at, end_at, name, title, heading, text)"
        " VALUES ($1, $2, 0, 0, $3, $2, $4, '', $5)",
        STORE_I(++chunk), STORE_C(id), STORE_I((int64_t)strlen(text)), STORE_C(title),
        STORE_C(text));
    assert_int_equal(store_write_wait(f->ai.store, batch), 0);
}

static int set_up(void **state)
{
    struct fixture *f = core_alloc(sizeof *f);
    static const char *const none[] = {NULL};
    char why[256] = "";
    snprintf(f->dir, sizeof f->dir, "sky-test-ai-XXXXXX");
    assert_non_null(mkdtemp(f->dir));
    struct ai *ai = &f->ai;
    ai->env = core_env_real();
    ai->loop = core_loop_new(ai->env);
    fault_vfs_reset();
    const struct store_options store = {.env = ai->env,
                                        .loop = ai->loop,
                                        .url = "sqlite",
                                        .data_dir = f->dir,
                                        .readers_max = 3,
                                        .vfs = FAULT_VFS};
    if (store_open(&store, &ai->store, why, sizeof why) < 0)
        fail_msg("%s", why);
    learn(f, "garden", "Garden",
          "Tomatoes ripen in August. Water the tomatoes every second evening. The greenhouse is "
          "heated to 18 degrees in winter.");
    learn(f, "boat", "Boat", "The boat is moored at pier 7. Its engine needs 4 litres of oil.");
    learn(
        f, "pump.1", "pump",
        "pump - moves water from the boat\n\n-v\n  Prints the version and ends.\n\n-V, --valve-first\n"
        "  Opens the valve before anything moves.\n\n-q\n  Says nothing while it works.\n\n"
        "The -n option turns the pump the other way round.");
    learn(f, "prices", "Prices",
          "Article | Unit | Price\nOak board | m2 | 48.50\nPine board | m2 | 19.90\n"
          "Linseed oil | litre | 14.25");
    for (int i = 0; i < 6; i++) { /* something to tell rare words from common ones */
        char id[8], text[64];
        snprintf(id, sizeof id, "f%d", i);
        snprintf(text, sizeof text, "Filler number %d says nothing about anything in particular.",
                 i);
        learn(f, id, "Filler", text);
    }
    const struct ai_index_options index = {.env = ai->env,
                                           .store = ai->store,
                                           .data_dir = f->dir,
                                           .dimensions = AI_EMBED_DIMENSIONS,
                                           .models = none};
    if (ai_index_open(&index, &ai->index, why, sizeof why) < 0)
        fail_msg("%s", why);
    const struct core_work_options pool = {.name = "ask", .threads = 2, .queue_max = 8};
    ai->ask = core_work_pool_new(ai->loop, &pool);
    ai->cascade = ai_cascade_open(ai);
    ai->options = (struct ai_options){.node = 1, .level_max = 2, .cache = true};
    ai->level_max = 2;
    ai->cache = true;
    ai->confident = AI_THRESHOLDS;
    f->model = (struct fake_model){.model = {&fake_ops}, .loop = ai->loop};
    ai->model = &f->model.model;
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    char command[128];
    core_work_pool_free(f->ai.ask);
    assert_int_equal(f->ai.cascade->count, 0);
    ai_index_free(f->ai.index);
    ai_cascade_close(f->ai.cascade, f->ai.loop);
    store_free(f->ai.store);
    core_loop_free(f->ai.loop);
    snprintf(command, sizeof command, "%s/index", f->dir);
    rmdir(command);
    static const char *const files[] = {"sky.db", "sky.db-wal", "sky.db-shm"};
    for (size_t i = 0; i < 3; i++) {
        snprintf(command, sizeof command, "%s/%s", f->dir, files[i]);
        unlink(command);
    }
    rmdir(f->dir);
    free(f);
    return 0;
}

static void prepare(struct fixture *f, enum ai_ask_mode mode, const char *question)
{
    f->messages[0] = (struct ai_message){AI_USER, core_str(question)};
    f->started = f->done = false;
    f->text[0] = f->streamed[0] = f->why[0] = f->source[0] = '\0';
    f->announced = 0;
    f->ask = (struct ai_ask){.mode = mode,
                             .owner = CORE_STR("owner"),
                             .messages = f->messages,
                             .message_count = 1,
                             .model = "skyai",
                             .level_max = 5,
                             .cacheable = true,
                             .top_p = 1,
                             .on_start = on_start,
                             .on_sources = on_sources,
                             .on_text = on_text,
                             .on_done = on_done,
                             .arg = f};
}

static void go(struct fixture *f)
{
    assert_int_equal(ai_ask_start(&f->ai, &f->ask), 0);
    core_loop_run(f->ai.loop);
    assert_true(f->done);
}

static void ask(struct fixture *f, const char *question)
{
    prepare(f, AI_ASK_DOCUMENTS, question);
    go(f);
}

static int64_t count(struct fixture *f, const char *sql)
{
    int64_t n = -1;
    assert_int_equal(store_read_i64(f->ai.store, sql, NULL, 0, &n), 0);
    return n;
}

static void count_soon(struct fixture *f, const char *sql, int64_t wanted)
{
    for (int i = 0; i < 60000 && count(f, sql) != wanted; i++, usleep(1000))
        core_loop_turn(f->ai.loop);
    assert_int_equal(count(f, sql), wanted);
}

/* --- Documents ------------------------------------------------------------------------------ */

#define SURE "In which month do tomatoes ripen?"

static void a_full_disk_costs_the_history_alone(void **state)
{
    struct fixture *f = *state;
    ask(f, SURE);
    assert_true(f->kept);
    atomic_store(&fault_vfs.write_code, SQLITE_FULL);
    ask(f, "How many litres of oil does the engine of the boat need?");
    assert_true(atomic_load(&fault_vfs.writes_failed) > 0);
    assert_int_equal(f->status, 0);
    assert_non_null(strstr(f->text, "4 litres"));
    assert_false(f->kept);
    assert_int_equal(store_health(f->ai.store), CORE_ENOSPACE);
    ask(f, SURE); /* also what is refused before it reaches the disk */
    assert_true(f->cached);
    assert_false(f->kept);
    assert_int_equal(count(f, "SELECT COUNT(*) FROM message"), 2);
    atomic_store(&fault_vfs.write_code, 0);
    for (int i = 0; i < 1000 && store_health(f->ai.store) < 0; i++)
        usleep(10000);
    ask(f, "How many litres of oil does the engine of the boat need?");
    assert_true(f->kept);
    assert_int_equal(count(f, "SELECT COUNT(*) FROM message"), 4);
    /* A model client's conversation is its own. */
    prepare(f, AI_ASK_MODEL, SURE);
    go(f);
    assert_false(f->kept);
}

static void a_sure_passage_is_quoted_and_kept(void **state)
{
    struct fixture *f = *state;
    ask(f, SURE);
    assert_string_equal(f->why, "passage_confident");
    assert_int_equal(f->level, 1);
    assert_true(f->answered && f->started);
    assert_non_null(strstr(f->text, "August"));
    assert_string_equal(f->text, f->streamed);
    assert_string_equal(f->source, "/doc/garden");
    assert_int_equal(f->announced, f->sources);
    assert_int_equal(f->model.calls, 0);
    assert_int_equal(count(f, "SELECT COUNT(*) FROM message"), 2);
    assert_int_equal(count(f, "SELECT COUNT(*) FROM conversation WHERE title = '" SURE "'"), 1);
    assert_int_equal(count(f, "SELECT COUNT(*) FROM telemetry WHERE level = 'L1'"), 1);

    ask(f, "in which month   do TOMATOES ripen");
    assert_int_equal(f->level, 0);
    assert_true(f->cached);
    assert_string_equal(f->why, "cache_exact");
    assert_string_equal(f->source, "/doc/garden");
    assert_int_equal(count(f, "SELECT COUNT(*) FROM message"), 4);
}

/* And kept, unless vectors may still find what words did not. */
static void what_is_not_there_is_refused(void **state)
{
    static struct ai_learner learner = {.unembedded = true};
    struct fixture *f = *state;
    f->ai.learner = &learner;
    for (int asked = 0; asked < 3; asked++) {
        ask(f, "Who won the chess championship of Norway?");
        assert_int_equal(f->status, 0);
        assert_false(f->answered);
        assert_string_equal(f->text, "Your documents do not answer this.");
        assert_string_equal(f->why, asked == 2 ? "cache_exact" : "not_in_documents");
        assert_int_equal(count(f, "SELECT COUNT(*) FROM cache"), asked ? 1 : 0);
        learner.unembedded = false;
    }
    learner.unembedded = true;
    ask(f, SURE);
    assert_int_equal(count(f, "SELECT COUNT(*) FROM cache"), 2);
    f->ai.learner = NULL;
}

/* A row is shown with the names of its columns, which by themselves answer nothing. */
static void rows_come_with_their_columns(void **state)
{
    struct fixture *f = *state;
    ask(f, "What is the price of linseed?");
    assert_string_equal(f->text, "Article | Unit | Price\nLinseed oil | litre | 14.25");
    ask(f, "What is the price of a pine board?");
    assert_string_equal(f->text, "Article | Unit | Price\nPine board | m2 | 19.90");
    ask(f, "Unit and price of the article by the litre?");
    assert_non_null(strstr(f->text, "Linseed"));
}

/* "-v" and "-V" are no words, and not the same; one that the manual does not know has no answer. */
static void options_are_found_by_name(void **state)
{
    struct fixture *f = *state;
    ask(f, "What does pump -v do?");
    assert_non_null(strstr(f->text, "version"));
    ask(f, "What does pump -V do?");
    assert_false(f->cached);
    assert_non_null(strstr(f->text, "valve before"));
    ask(f, "What is the option --valve-first of pump for?");
    assert_non_null(strstr(f->text, "valve before"));
    ask(f, "What does the -n flag of pump mean?");
    assert_non_null(strstr(f->text, "the other way round"));
    ask(f, "What does pump --valve do?");
    assert_false(f->answered);
    ask(f, "What does pump -x do?");
    assert_false(f->answered);
}

static void small_talk_needs_no_documents(void **state)
{
    struct fixture *f = *state;
    ask(f, "Hello!");
    assert_true(f->answered);
    assert_int_equal(f->sources, 0);
    ask(f, "Hello!");
    assert_false(f->cached);
}

static void a_follow_up_uses_the_question_before(void **state)
{
    struct fixture *f = *state;
    ask(f, "How much oil does the engine of the boat need?");
    char conversation[CORE_ID_SIZE];
    memcpy(conversation, f->conversation, sizeof conversation);
    prepare(f, AI_ASK_DOCUMENTS, "And where is it moored?");
    f->ask.conversation_id = core_str(conversation);
    go(f);
    assert_string_equal(f->source, "/doc/boat");
    assert_int_equal(count(f, "SELECT COUNT(*) FROM conversation"), 1);
    assert_int_equal(count(f, "SELECT COUNT(*) FROM message"), 4);
}

/* Asks in a conversation of its own that begins with `first`. */
static void ask_behind(struct fixture *f, const char *first, const char *question)
{
    char conversation[CORE_ID_SIZE];
    ask(f, first);
    memcpy(conversation, f->conversation, sizeof conversation);
    prepare(f, AI_ASK_DOCUMENTS, question);
    f->ask.conversation_id = core_str(conversation);
    go(f);
    assert_int_equal(f->status, 0);
}

static void what_points_back_is_not_served_elsewhere(void **state)
{
    struct fixture *f = *state;
    static const char boat[] = "How much oil does the engine of the boat need?",
                      chess[] = "Who won the chess championship of Norway?",
                      full[] =
                          "Which grade of oil did the last inspection recommend for its engine?",
                      plain[] = "Which oil does the engine of the boat need in winter?";
    ask_behind(f, boat, full);
    assert_false(f->cached);
    ask_behind(f, chess, full);
    assert_false(f->cached);
    ask_behind(f, boat, full);
    assert_true(f->cached);
    ask_behind(f, boat, plain);
    assert_false(f->cached);
    ask_behind(f, chess, plain); /* says all itself */
    assert_true(f->cached);
}

static void a_retry_replaces_the_answer(void **state)
{
    struct fixture *f = *state;
    char conversation[CORE_ID_SIZE], message[CORE_ID_SIZE];
    ask(f, SURE);
    memcpy(conversation, f->conversation, sizeof conversation);
    memcpy(message, f->message, sizeof message);
    prepare(f, AI_ASK_DOCUMENTS, SURE);
    f->ask.conversation_id = core_str(conversation);
    f->ask.retry_of = core_str(message);
    go(f);
    assert_int_equal(f->level, 1); /* not from the cache */
    assert_int_equal(count(f, "SELECT COUNT(*) FROM message"), 3);
    assert_int_equal(count(f, "SELECT COUNT(*) FROM message WHERE replaced = 1"), 1);
}

static void strange_conversations_are_not_found(void **state)
{
    struct fixture *f = *state;
    char id[CORE_ID_SIZE];
    core_id_new(f->ai.env, id);
    prepare(f, AI_ASK_DOCUMENTS, SURE);
    f->ask.conversation_id = core_str(id);
    go(f);
    assert_int_equal(f->status, CORE_ENOTFOUND);
    assert_false(f->started);
    assert_int_equal(count(f, "SELECT COUNT(*) FROM message"), 0);
}

static void bad_input_is_refused_at_once(void **state)
{
    struct fixture *f = *state;
    prepare(f, AI_ASK_DOCUMENTS, "  \n ");
    assert_int_equal(ai_ask_start(&f->ai, &f->ask), CORE_EINVAL);
    prepare(f, AI_ASK_DOCUMENTS, SURE);
    f->ask.model = "gpt";
    assert_int_equal(ai_ask_start(&f->ai, &f->ask), CORE_ENOTFOUND);
    prepare(f, AI_ASK_DOCUMENTS, SURE);
    f->ask.conversation_id = CORE_STR("nonsense");
    assert_int_equal(ai_ask_start(&f->ai, &f->ask), CORE_ENOTFOUND);
    prepare(f, AI_ASK_DOCUMENTS, SURE);
    f->ask.message_count = 0;
    assert_int_equal(ai_ask_start(&f->ai, &f->ask), CORE_EINVAL);
}

static void levels_can_be_capped(void **state)
{
    struct fixture *f = *state;
    prepare(f, AI_ASK_DOCUMENTS, SURE);
    f->ask.level_max = 0;
    go(f);
    assert_false(f->answered);
    assert_int_equal(f->level, 0);
    assert_int_equal(count(f, "SELECT COUNT(*) FROM cache"), 0);
}

/* Asks what the passages answer, on a scale where only the model is trusted to word it. */
static void generate(struct fixture *f, const char *says, int status)
{
    f->model.says = says;
    f->model.status = status;
    f->ai.confident = (struct ai_thresholds){.quote = 2};
    ask(f, "How warm is the heated greenhouse in winter nights?");
    assert_int_equal(f->model.calls, 1);
}

static void generated_sentences_are_checked(void **state)
{
    struct fixture *f = *state;
    generate(f, "The greenhouse is heated to 18 degrees. It also heats 500 houses. More.", 0);
    assert_int_equal(f->level, 2);
    assert_string_equal(f->text, "The greenhouse is heated to 18 degrees.");
    assert_string_equal(f->text, f->streamed);
    assert_int_equal(f->status, 0);
}

static void an_invented_answer_is_not_shown(void **state)
{
    struct fixture *f = *state;
    generate(f, "It is 99 degrees.", 0);
    assert_null(strstr(f->streamed, "99"));
    assert_string_equal(f->text, f->streamed);
    assert_string_equal(f->why, "passage_best");
}

static void a_failing_model_falls_back(void **state)
{
    struct fixture *f = *state;
    generate(f, "", CORE_ECORRUPT);
    assert_int_equal(f->status, 0);
    assert_true(strlen(f->text) > 0);
    f->model.busy = true;
    f->ai.cache = false;
    ask(f, "How many degrees are kept in the greenhouse in a cold winter?");
    assert_int_equal(f->status, 0);
    assert_true(strlen(f->text) > 0);
}

/* --- A client's own conversation -------------------------------------------------------------- */

static void a_client_gets_what_the_model_says(void **state)
{
    struct fixture *f = *state;
    f->model.says = "Anything at all, 99 times.";
    prepare(f, AI_ASK_MODEL, "Who won the chess championship of Norway?");
    go(f);
    assert_int_equal(f->level, 2);
    assert_string_equal(f->text, "Anything at all, 99 times.");
    assert_string_equal(f->text, f->streamed);
    assert_int_equal(f->sources, 0);
    assert_int_equal(count(f, "SELECT COUNT(*) FROM message"), 0);
    count_soon(f, "SELECT COUNT(*) FROM telemetry WHERE provider = 'local:fake'", 1);
}

static void a_client_is_quoted_with_and_without_a_cache(void **state)
{
    struct fixture *f = *state;
    for (int i = 0; i < 3; i++) {
        f->ai.cache = i > 0;
        f->model.says = "Yes.";
        prepare(f, AI_ASK_MODEL, SURE);
        f->ask.cacheable = i < 2; /* else it wants something that only a model can */
        go(f);
        assert_int_equal(f->level, i < 2 ? 1 : 2);
        assert_int_equal(strstr(f->text, "August") != NULL, i < 2);
    }
}

static void the_clients_system_text_stays_first(void **state)
{
    struct fixture *f = *state;
    f->model.says = "Yes.";
    prepare(f, AI_ASK_MODEL, "");
    f->messages[0] = (struct ai_message){AI_SYSTEM, CORE_STR("Be a pirate.")};
    f->messages[1] = (struct ai_message){AI_USER, CORE_STR(SURE)};
    f->ask.message_count = 2;
    go(f);
    assert_int_equal(f->level, 2); /* never from L0 or L1 */
    assert_int_equal(f->model.roles[0], AI_SYSTEM);
    assert_int_equal(strncmp(f->model.prompt, "Be a pirate.", 12), 0);
}

static void without_a_model_clients_are_told(void **state)
{
    struct fixture *f = *state;
    struct ai_model *model = f->ai.model;
    f->ai.model = NULL;
    prepare(f, AI_ASK_MODEL, "Who won the chess championship of Norway?");
    go(f);
    assert_int_equal(f->status, CORE_EUNSUPPORTED);
    f->ai.model = model;
    f->model.status = CORE_ETOOBIG; /* a prompt that is too long */
    prepare(f, AI_ASK_MODEL, "Who won the chess championship of Norway?");
    go(f);
    assert_int_equal(f->status, CORE_ETOOBIG);
}

/* --- Cancelling ------------------------------------------------------------------------------- */

static void cancel_on_text(struct ai_ask *ask, struct core_str text)
{
    struct fixture *f = ask->arg;
    on_text(ask, text);
    ai_ask_cancel(&f->ai, ask);
    ai_ask_cancel(&f->ai, ask); /* twice is once */
}

static void cancel_while_generating(void **state)
{
    struct fixture *f = *state;
    f->model.says = "Partial words that go on and on";
    f->model.hangs = true;
    prepare(f, AI_ASK_MODEL, "Who won the chess championship of Norway?");
    f->ask.on_text = cancel_on_text;
    go(f);
    assert_int_equal(f->status, CORE_ECANCELLED);
    assert_string_equal(f->text, "Par");
    assert_string_equal(f->why, "cancelled");
}

static void cancel_while_waiting(void **state)
{
    struct fixture *f = *state;
    prepare(f, AI_ASK_DOCUMENTS, SURE);
    assert_int_equal(ai_ask_start(&f->ai, &f->ask), 0);
    ai_ask_cancel(&f->ai, &f->ask);
    core_loop_run(f->ai.loop);
    assert_true(f->done);
    assert_int_equal(f->status, CORE_ECANCELLED);
    assert_false(f->started);
    assert_string_equal(f->streamed, "");
}

static struct fixture *burst;
static unsigned burst_done;

static void on_burst_done(struct ai_ask *ask, int status, const struct ai_answer *answer)
{
    (void)ask, (void)answer;
    if (status && status != CORE_ECANCELLED)
        fail_msg("%s", core_err_name(status));
    if (++burst_done == 8)
        core_loop_stop(burst->ai.loop);
}

static void many_at_once_and_some_cancelled(void **state)
{
    struct fixture *f = *state;
    struct ai_ask asks[8];
    burst = f;
    burst_done = 0;
    prepare(f, AI_ASK_DOCUMENTS, SURE);
    for (int i = 0; i < 8; i++) {
        asks[i] = f->ask;
        asks[i].on_start = NULL;
        asks[i].on_sources = NULL;
        asks[i].on_text = NULL;
        asks[i].on_done = on_burst_done;
        assert_int_equal(ai_ask_start(&f->ai, &asks[i]), 0);
    }
    for (int i = 0; i < 8; i += 3)
        ai_ask_cancel(&f->ai, &asks[i]);
    core_loop_run(f->ai.loop);
    assert_int_equal(burst_done, 8);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
/* --- The prompt and the price ----------------------------------------------------------------- */

#define WARM "The greenhouse is heated to 18 degrees."
static const struct account_actor owner = {.id = CORE_STR("owner")};

static struct ai_prompt saved(struct fixture *f, const char *text, int64_t base)
{
    struct ai_prompt p = {0};
    assert_int_equal(ai_prompt_save(&f->ai, &owner, core_str(text), CORE_STR(""), base, &p), 0);
    assert_int_equal(p.version, base + 1);
    return p;
}

static void another_prompt_holds_from_the_next_question_on(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(ai__prompt_load(&f->ai), 0);
    generate(f, WARM, 0);
    assert_non_null(strstr(f->model.prompt, "Use only what they say."));
    ask(f, "How warm is the heated greenhouse in winter nights?");
    assert_true(f->cached);
    struct ai_prompt first = saved(f, "Speak like a gardener.", 0);
    ai_prompt_apply(&f->ai, &first);
    ask(f, "How warm is the heated greenhouse in winter nights?");
    assert_false(f->cached);
    assert_int_equal(f->model.calls, 2);
    assert_non_null(strstr(f->model.prompt, "Speak like a gardener."));
    /* What was acknowledged late changes nothing; a restart finds the last one. */
    struct ai_prompt second = saved(f, "Speak like a sailor.", 1);
    ai_prompt_apply(&f->ai, &second);
    ai_prompt_apply(&f->ai, &first);
    assert_string_equal(f->ai.prompt.text, "Speak like a sailor.");
    assert_int_equal(ai__prompt_load(&f->ai), 0);
    assert_string_equal(f->ai.prompt.text, "Speak like a sailor.");
    /* The text of before is remembered with its answers. */
    assert_int_equal(ai_prompt_restore(&f->ai, &owner, 0, 2, &second), 0);
    ai_prompt_apply(&f->ai, &second);
    ask(f, "How warm is the heated greenhouse in winter nights?");
    assert_true(f->cached);
    assert_int_equal(ai_prompt_save(&f->ai, &owner, CORE_STR("x"), CORE_STR(""), 2, &second),
                     CORE_EMISMATCH);
    assert_int_equal(ai_prompt_restore(&f->ai, &owner, 9, 3, &second), CORE_ENOTFOUND);
}

static void a_trial_leaves_nothing(void **state)
{
    struct fixture *f = *state;
    f->model.says = WARM;
    f->ai.confident = (struct ai_thresholds){.quote = 2};
    for (unsigned calls = 1; calls <= 2; calls++) {
        prepare(f, AI_ASK_DOCUMENTS, "How warm is the heated greenhouse in winter nights?");
        f->ask.trial = true;
        f->ask.prompt = CORE_STR("Be loud.");
        go(f);
        assert_int_equal(f->model.calls, calls);
        assert_string_equal(f->text, WARM);
        assert_false(f->kept);
    }
    assert_non_null(strstr(f->model.prompt, "Be loud."));
    assert_int_equal(count(f, "SELECT COUNT(*) FROM message"), 0);
    assert_int_equal(count(f, "SELECT COUNT(*) FROM conversation"), 0);
    assert_int_equal(count(f, "SELECT COUNT(*) FROM cache"), 0);
    count_soon(f, "SELECT COUNT(*) FROM telemetry WHERE route = 'preview'", 2);
}

static void local_tokens_have_a_price(void **state)
{
    struct fixture *f = *state;
    const struct ai_price price = {CORE_STR("local:fake"), 2000000, 10000000, false};
    assert_int_equal(ai_price_set(&f->ai, NULL, &price), 0);
    assert_true(ai_price_set(&f->ai, NULL, &(struct ai_price){CORE_STR("remote"), 1, 1, false}) <
                0);
    assert_int_equal(ai__price_load(&f->ai), 0);
    generate(f, WARM, 0); /* 7 tokens in, 5 out */
    assert_int_equal(count(f, "SELECT cost_microusd FROM telemetry"), 7 * 2 + 5 * 10);
    assert_int_equal(count(f, "SELECT SUM(receipt LIKE '%usd\":64,%') FROM message"), 1);
    ask(f, "How warm is the heated greenhouse in winter nights?");
    assert_true(f->cached);
    assert_int_equal(count(f, "SELECT SUM(cost_microusd) FROM telemetry"), 7 * 2 + 5 * 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_full_disk_costs_the_history_alone),
        TEST(a_sure_passage_is_quoted_and_kept),
        TEST(what_is_not_there_is_refused),
        TEST(rows_come_with_their_columns),
        TEST(options_are_found_by_name),
        TEST(small_talk_needs_no_documents),
        TEST(a_follow_up_uses_the_question_before),
        TEST(what_points_back_is_not_served_elsewhere),
        TEST(a_retry_replaces_the_answer),
        TEST(strange_conversations_are_not_found),
        TEST(bad_input_is_refused_at_once),
        TEST(another_prompt_holds_from_the_next_question_on),
        TEST(a_trial_leaves_nothing),
        TEST(local_tokens_have_a_price),
        TEST(levels_can_be_capped),
        TEST(generated_sentences_are_checked),
        TEST(an_invented_answer_is_not_shown),
        TEST(a_failing_model_falls_back),
        TEST(a_client_gets_what_the_model_says),
        TEST(a_client_is_quoted_with_and_without_a_cache),
        TEST(the_clients_system_text_stays_first),
        TEST(without_a_model_clients_are_told),
        TEST(cancel_while_generating),
        TEST(cancel_while_waiting),
        TEST(many_at_once_and_some_cancelled),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
