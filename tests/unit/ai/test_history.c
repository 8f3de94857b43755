/* test_history.c: turns are stored, listed in order, renamed, voted on, replaced, removed. */
#include "tests/unit/ai/answer_fixture.h"

#include "ai/history.h"

struct turn_ids {
    char conversation[CORE_ID_SIZE], user[CORE_ID_SIZE], answer[CORE_ID_SIZE];
};

static void turn(struct answer_fixture *f, struct turn_ids *ids, const char *question,
                 const char *answer, int64_t at_ms, const char *retry_of)
{
    struct ai_history_turn t = {.owner = CORE_STR("owner"),
                                .title = core_str(question),
                                .question = core_str(question),
                                .retry_of = core_str(retry_of),
                                .at_ms = at_ms,
                                .is_new = !ids->conversation[0]};
    struct ai_history_context context = {.count = 0};
    if (t.is_new)
        core_id_new(f->ai.env, ids->conversation);
    else
        assert_int_equal(ai_history_context(&f->ai, t.owner, core_str(ids->conversation),
                                            core_str(""), f->pool, &context),
                         0);
    if (retry_of[0]) {
        assert_int_equal(ai_history_id_again(&f->ai, core_str(ids->conversation),
                                             core_str(retry_of), ids->answer),
                         0);
    } else {
        ai_history_id_after(f->ai.env, context.last_id, ids->user);
        ai_history_id_after(f->ai.env, core_str(ids->user), ids->answer);
    }
    t.conversation = core_str(ids->conversation);
    t.user_message = core_str(ids->user);
    t.message = core_str(ids->answer);
    struct store_batch *batch = store_batch_new(STORE_RELAXED);
    ai_history_begin(batch, &t);
    assert_int_equal(store_write_wait(f->ai.store, batch), 0);
    batch = store_batch_new(STORE_RELAXED);
    ai_history_end(batch, &t, core_str(answer), true, CORE_STR("{\"level\":\"L1\"}"));
    assert_int_equal(store_write_wait(f->ai.store, batch), 0);
}

struct seen {
    char text[16][64];
    char ids[16][CORE_ID_SIZE];
    int votes[16];
    size_t count;
};

static int see_message(void *arg, const struct ai_history_message *m)
{
    struct seen *s = arg;
    snprintf(s->text[s->count], 64, "%.*s", CORE_STR_ARG(m->text));
    snprintf(s->ids[s->count], CORE_ID_SIZE, "%.*s", CORE_STR_ARG(m->id));
    s->votes[s->count++] = m->vote;
    return 0;
}

static int see_conversation(void *arg, const struct ai_conversation *c)
{
    struct seen *s = arg;
    snprintf(s->text[s->count], 64, "%.*s", CORE_STR_ARG(c->title));
    snprintf(s->ids[s->count], CORE_ID_SIZE, "%.*s", CORE_STR_ARG(c->id));
    s->votes[s->count++] = (int)c->messages;
    return 0;
}

static const struct core_str owner = CORE_STR("owner"), nobody = CORE_STR("nobody");

static struct seen messages(struct answer_fixture *f, const struct turn_ids *ids,
                            const char *before, unsigned limit)
{
    struct seen s = {.count = 0};
    assert_int_equal(ai_history_messages(&f->ai, owner, core_str(ids->conversation),
                                         core_str(before), limit, see_message, &s),
                     0);
    return s;
}

static void messages_are_paged_from_the_newest(void **state)
{
    struct answer_fixture *f = *state;
    struct turn_ids ids = {"", "", ""};
    turn(f, &ids, "q1", "a1", 1, "");
    turn(f, &ids, "q2", "a2", 2, "");
    turn(f, &ids, "q3", "a3", 3, "");
    struct seen s = messages(f, &ids, "", 3);
    assert_int_equal(s.count, 3);
    assert_string_equal(s.text[0], "a2");
    assert_string_equal(s.text[2], "a3");
    s = messages(f, &ids, s.ids[0], 10);
    assert_int_equal(s.count, 3);
    assert_string_equal(s.text[0], "q1");
    assert_string_equal(s.text[2], "q2");
}

static void conversations_are_paged_newest_first(void **state)
{
    struct answer_fixture *f = *state;
    struct turn_ids ids[4];
    memset(ids, 0, sizeof ids);
    for (int i = 0; i < 4; i++) {
        char title[8];
        snprintf(title, sizeof title, "t%d", i);
        turn(f, &ids[i], title, "a", i < 2 ? 100 : 200 + i, ""); /* two of one time */
    }
    struct seen all = {.count = 0}, page = {.count = 0};
    assert_int_equal(
        ai_history_conversations(&f->ai, owner, CORE_STR(""), 10, see_conversation, &all), 0);
    assert_int_equal(all.count, 4);
    assert_string_equal(all.text[0], "t3");
    assert_int_equal(all.votes[0], 2);
    char cursor[64];
    snprintf(cursor, sizeof cursor, "100.%s", all.ids[2]);
    assert_int_equal(
        ai_history_conversations(&f->ai, owner, core_str(cursor), 10, see_conversation, &page), 0);
    assert_int_equal(page.count, 1);
    assert_string_equal(page.ids[0], all.ids[3]);
    static const char *const bad[] = {"x", "1", "1.", "1.zz", ".", "99999999999999999999.0"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(
            ai_history_conversations(&f->ai, owner, core_str(bad[i]), 10, see_conversation, &page),
            CORE_EINVAL);
}

static void others_see_and_change_nothing(void **state)
{
    struct answer_fixture *f = *state;
    struct turn_ids ids = {"", "", ""};
    struct seen s = {.count = 0};
    turn(f, &ids, "q", "a", 1, "");
    struct core_str id = core_str(ids.conversation), message = core_str(ids.answer);
    assert_int_equal(
        ai_history_conversations(&f->ai, nobody, CORE_STR(""), 10, see_conversation, &s), 0);
    assert_int_equal(s.count, 0);
    assert_int_equal(ai_history_conversation(&f->ai, nobody, id, see_conversation, &s),
                     CORE_ENOTFOUND);
    assert_int_equal(ai_history_messages(&f->ai, nobody, id, CORE_STR(""), 9, see_message, &s),
                     CORE_ENOTFOUND);
    assert_int_equal(ai_history_rename(&f->ai, nobody, id, CORE_STR("x")), CORE_ENOTFOUND);
    assert_int_equal(ai_history_vote(&f->ai, nobody, message, 1), CORE_ENOTFOUND);
    assert_int_equal(ai_history_remove(&f->ai, nobody, id), CORE_ENOTFOUND);
    assert_int_equal(messages(f, &ids, "", 9).count, 2);
}

static void rename_vote_remove(void **state)
{
    struct answer_fixture *f = *state;
    struct turn_ids ids = {"", "", ""};
    struct seen s = {.count = 0};
    turn(f, &ids, "q", "a", 1, "");
    struct core_str id = core_str(ids.conversation);
    assert_int_equal(ai_history_rename(&f->ai, owner, id, CORE_STR("  new \n")), 0);
    assert_int_equal(ai_history_conversation(&f->ai, owner, id, see_conversation, &s), 0);
    assert_string_equal(s.text[0], "new");
    assert_int_equal(ai_history_rename(&f->ai, owner, id, CORE_STR(" ")), CORE_EINVAL);
    assert_int_equal(ai_history_rename(&f->ai, owner, id, CORE_STR("\xff")), CORE_EINVAL);
    assert_int_equal(ai_history_vote(&f->ai, owner, core_str(ids.answer), -1), 0);
    assert_int_equal(messages(f, &ids, "", 9).votes[1], -1);
    assert_int_equal(ai_history_vote(&f->ai, owner, core_str(ids.user), 1), CORE_ENOTFOUND);
    assert_int_equal(ai_history_vote(&f->ai, owner, core_str(ids.answer), 2), CORE_EINVAL);
    assert_int_equal(ai_history_remove(&f->ai, owner, id), 0);
    assert_int_equal(ai_history_remove(&f->ai, owner, id), CORE_ENOTFOUND);
    assert_int_equal(answer_count(f, "SELECT COUNT(*) FROM message"), 0);
}

static void a_new_answer_takes_the_place_of_the_old(void **state)
{
    struct answer_fixture *f = *state;
    struct turn_ids first = {"", "", ""};
    turn(f, &first, "q1", "a1", 1, "");
    /* Often within the millisecond in which the next question was born. */
    for (int i = 1; i <= 20; i++) {
        struct turn_ids next = first, again = first;
        turn(f, &next, "q2", "a2", 2, "");
        turn(f, &again, "q1", "better", 3, first.answer);
        struct seen s = messages(f, &first, "", 9);
        assert_int_equal(s.count, 4);
        assert_string_equal(s.text[1], "better");
        assert_string_equal(s.text[3], "a2");
        assert_int_equal(answer_count(f, "SELECT COUNT(*) FROM message WHERE replaced = 1"), i);
        first = (struct turn_ids){"", "", ""};
        turn(f, &first, "q1", "a1", 1, "");
    }
}

static void an_answer_after_removal_is_dropped(void **state)
{
    struct answer_fixture *f = *state;
    struct turn_ids ids = {"", "", ""};
    turn(f, &ids, "q", "a", 1, "");
    assert_int_equal(ai_history_remove(&f->ai, owner, core_str(ids.conversation)), 0);
    struct ai_history_turn t = {.conversation = core_str(ids.conversation),
                                .message = core_str(ids.answer),
                                .retry_of = CORE_STR("")};
    struct store_batch *batch = store_batch_new(STORE_RELAXED);
    ai_history_end(batch, &t, CORE_STR("late"), true, CORE_STR("{}"));
    assert_int_equal(store_write_wait(f->ai.store, batch), 0);
    assert_int_equal(answer_count(f, "SELECT COUNT(*) FROM message"), 0);
}

static void ids_keep_their_order(void **state)
{
    struct answer_fixture *f = *state;
    char last[CORE_ID_SIZE] = "7zzzzzzzzzzzzzzzzzzzz00000", next[CORE_ID_SIZE];
    for (int i = 0; i < 20; i++) { /* the clock is far behind */
        ai_history_id_after(f->ai.env, core_str(last), next);
        assert_true(strcmp(next, last) > 0);
        assert_true(core_id_valid(core_str(next)));
        memcpy(last, next, sizeof last);
    }
}

static void titles_are_short_lines(void **state)
{
    (void)state;
    char out[AI_LIMIT_TITLE_AUTO + 8], text[400];
    struct core_str t = ai_history_title(CORE_STR("  What\n is\t\tthis? "), out);
    assert_true(core_str_eq_c(t, "What is this?"));
    for (size_t n = 60; n < 200; n++) { /* cut anywhere, inside characters too */
        size_t len = 0;
        for (size_t i = 0; i < n; i++)
            len += (size_t)snprintf(text + len, sizeof text - len, "%s",
                                    i % 9 == 8 ? " " : "\xc5\x99");
        t = ai_history_title(core_strn(text, len), out);
        assert_true(core_utf8_valid(t));
        assert_true(t.len <= AI_LIMIT_TITLE_AUTO + 3);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, answer_setup, answer_teardown)
int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(messages_are_paged_from_the_newest),
        TEST(conversations_are_paged_newest_first),
        TEST(others_see_and_change_nothing),
        TEST(rename_vote_remove),
        TEST(a_new_answer_takes_the_place_of_the_old),
        TEST(an_answer_after_removal_is_dropped),
        TEST(ids_keep_their_order),
        cmocka_unit_test(titles_are_short_lines),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
