/* test_view.c: by which embedder a passage is looked at, and one scale for both. */
#include "ai/find/retrieve.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static const struct ai_view english = {.model = "minilm", .embedder = AI_EMBEDDER_ENGLISH};
static const struct ai_view multi = {.model = "e5", .embedder = AI_EMBEDDER_MULTI};

static struct ai_found *asked(enum ai_lang lang, struct ai_view first, struct ai_view second)
{
    static struct ai_found found;
    found = (struct ai_found){.lang = lang, .views = {first, second}};
    return &found;
}

static void each_passage_by_who_reads_it(void **state)
{
    (void)state;
    const struct ai_found *f = asked(AI_LANG_EN, english, multi);
    assert_ptr_equal(ai_found_view(f, AI_LANG_EN), &f->views[0]);
    assert_ptr_equal(ai_found_view(f, AI_LANG_CS), &f->views[1]);
    assert_ptr_equal(ai_found_view(f, AI_LANG_OTHER), &f->views[1]);
    f = asked(AI_LANG_CS, multi, english);
    assert_ptr_equal(ai_found_view(f, AI_LANG_EN), &f->views[0]);
    assert_ptr_equal(ai_found_view(f, AI_LANG_CS), &f->views[0]);
    /* The other one is not there, or has not seen all. */
    f = asked(AI_LANG_EN, english, (struct ai_view){0});
    assert_ptr_equal(ai_found_view(f, AI_LANG_CS), &f->views[0]);
    f = asked(AI_LANG_EN, (struct ai_view){0}, (struct ai_view){0});
    assert_ptr_equal(ai_found_view(f, AI_LANG_CS), &f->views[0]);
}

static void one_scale(void **state)
{
    (void)state;
    struct ai_view neutral = multi;
    neutral.neutral = true;
    const struct ai_view *const views[] = {&english, &multi, &neutral};
    static const float related[] = {.6f, .88f, .65f}, unrelated[] = {.1f, .77f, .5f};
    for (size_t i = 0; i < 3; i++) {
        assert_true(ai_view_near(views[i], AI_LANG_EN, -1) == 0);
        assert_true(ai_view_near(views[i], AI_LANG_EN, related[i]) > .5f);
        assert_true(ai_view_near(views[i], AI_LANG_EN, unrelated[i]) < .15f);
    }
    /* The same said in English comes first, but not before what says more. */
    assert_true(ai_view_near(&multi, AI_LANG_DE, .85f) < ai_view_near(&multi, AI_LANG_EN, .85f));
    assert_true(ai_view_near(&multi, AI_LANG_DE, .88f) > ai_view_near(&multi, AI_LANG_EN, .85f));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_passage_by_who_reads_it),
        cmocka_unit_test(one_scale),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
