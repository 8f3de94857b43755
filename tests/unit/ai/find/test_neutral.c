/* test_neutral.c: the real multilingual model, with and without a language's share. */
#include "ai/room.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { DIM = AI_EMBED_DIMENSIONS };

static struct ai ai;

static int set_up(void **state)
{
    (void)state;
    static char path[4096];
    const char *deps = getenv("SKY_DEPS");
    snprintf(path, sizeof path, "%s/models/e5.gguf", deps ? deps : "build/deps");
    const struct ai_embedder_options options = {.env = core_env_real(),
                                                .program = "/proc/self/exe",
                                                .path = path,
                                                .name = "e5",
                                                .query_prefix = "query: ",
                                                .passage_prefix = "passage: ",
                                                .dimensions = DIM,
                                                .window_tokens = AI_EMBED_WINDOW,
                                                .slots = AI_ASK_WORKERS,
                                                .threads = 1,
                                                .idle_s = 600};
    ai.embedders[AI_EMBEDDER_MULTI] = ai_embedder_new(&options);
    return ai.embedders[AI_EMBEDDER_MULTI] ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    ai_embedder_free(ai.embedders[AI_EMBEDDER_MULTI]);
    return 0;
}

static void embed(enum ai_embed_kind kind, const char *text, float *ret)
{
    struct core_str s = core_str(text);
    assert_int_equal(ai_embedder_run(ai.embedders[AI_EMBEDDER_MULTI], 0, kind, &s, 1, ret), 0);
}

static float dot(const float *a, const float *b)
{
    float sum = 0;
    for (int i = 0; i < DIM; i++)
        sum += a[i] * b[i];
    return sum;
}

/* The answer is in English; the other passage only has the language in common with the question. */
struct crossing {
    enum ai_lang lang;
    const char *question, *answer, *other;
};
static const struct crossing crossings[] = {
    {AI_LANG_CS, "Ve kterém souboru je nastaveno časové pásmo počítače?",
     "localtime.5: The /etc/localtime file configures the system-wide timezone of the local system.",
     "Instalace: Soubory na disku počítače se při instalaci systému nastaví samy."},
    {AI_LANG_DE, "Wie hindere ich gewöhnliche Benutzer daran, sich anzumelden?",
     "nologin.5: If the file /etc/nologin exists, login will allow access only to root. Other users "
     "will be shown the contents of this file and their logins will be refused.",
     "Kapitel 6: Wie gewöhnliche Benutzer die Installation auf ihrem Rechner vorbereiten."},
    {AI_LANG_ES, "¿En qué archivo se configura la zona horaria?",
     "localtime.5: The /etc/localtime file configures the system-wide timezone of the local system.",
     "Instalación: en este archivo se configura la zona del disco en la que se instala."},
};

static void other_languages_come_nearer(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof crossings / sizeof *crossings; i++) {
        const struct crossing *c = &crossings[i];
        float question[DIM], answer[DIM], other[DIM];
        embed(AI_EMBED_QUERY, c->question, question);
        embed(AI_EMBED_PASSAGE, c->answer, answer);
        embed(AI_EMBED_PASSAGE, c->other, other);
        float before = dot(question, answer) - dot(question, other);
        assert_true(before < 0); /* the language alone wins */
        assert_true(ai_neutral_take(&ai, 0, c->lang, question));
        assert_true(fabsf(dot(question, question) - 1) < 1e-4f);
        float after = dot(question, answer) - dot(question, other);
        if (!(after > before + .01f))
            fail_msg("%s: %f, then %f", ai_lang_code(c->lang), (double)before, (double)after);
    }
}

/* The text is embedded once: the second time the same comes from memory. */
static void the_same_again(void **state)
{
    (void)state;
    float first[DIM], again[DIM];
    embed(AI_EMBED_QUERY, "Wo liegt die Datei?", first);
    memcpy(again, first, sizeof again);
    ai.neutral[1].known[AI_LANG_DE] = false;
    assert_true(ai_neutral_take(&ai, 1, AI_LANG_DE, first));
    assert_true(ai.neutral[1].known[AI_LANG_DE]);
    assert_true(ai_neutral_take(&ai, 1, AI_LANG_DE, again));
    assert_memory_equal(first, again, sizeof first);
}

static void what_is_not_known_stays(void **state)
{
    (void)state;
    float vector[DIM], before[DIM];
    embed(AI_EMBED_QUERY, "Where is the file?", vector);
    memcpy(before, vector, sizeof before);
    assert_false(ai_neutral_take(&ai, 0, AI_LANG_EN, vector));
    assert_false(ai_neutral_take(&ai, 0, AI_LANG_OTHER, vector));
    ai_embedder_stop(ai.embedders[AI_EMBEDDER_MULTI], 0);
    ai.neutral[0].known[AI_LANG_CS] = false;
    assert_false(ai_neutral_take(&ai, 0, AI_LANG_CS, vector));
    assert_memory_equal(vector, before, sizeof before);
}

int main(int argc, char **argv)
{
    if (argc == 3 && strcmp(argv[1], "model-probe") == 0)
        return ai_model_probe(argv[2]);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(other_languages_come_nearer),
        cmocka_unit_test(the_same_again),
        cmocka_unit_test(what_is_not_known_stays),
    };
    return cmocka_run_group_tests_name("ai-neutral", tests, set_up, tear_down);
}
