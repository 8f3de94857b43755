/*
 * german.c: a German question → its form.
 *
 * The finite verb stands second in a question and last in a clause ("wann der Zug fährt"); here it
 * always goes last, joined with its prefix ("läuft … ab" → "abläuft"). What auxiliaries say is kept
 * beside the items. Articles go, but the case they show stays with the noun: "den Hund der Mann" is
 * not "der Hund den Mann".
 */
#include "ai/guard/lex.h"

static const char pronouns[] =
    "ich du er sie es wir ihr man mir dir mich dich uns euch ihm ihn ihnen "
    "sich";
static const char measures[] = "lang lange hoch groß alt weit oft häufig teuer schwer breit tief "
                               "schnell spät früh viel warm heiß";
static const char prefixes[] = "ab an auf aus bei ein fest her hin los mit nach um vor weg zu "
                               "zurück zusammen";
static const char possessives[] = "mein meine meinen meinem meiner meines dein deine deinen deinem "
                                  "deiner deines sein seine seinen seinem seiner seines unser "
                                  "unsere unseren unserem unserer unseres euer eure euren eurem "
                                  "eurer ihre ihren ihrem ihrer ihres";
static const char articles[] = "der die das den dem des ein eine einen einem einer eines";

/* "im" → "in dem". */
static void open_contractions(struct guard_tokens *t)
{
    static const char *const forms[][3] = {
        {"vom", "von", "dem"}, {"zum", "zu", "dem"}, {"zur", "zu", "der"},
        {"am", "an", "dem"},   {"im", "in", "dem"},  {"beim", "bei", "dem"},
        {"ins", "in", "das"},  {"ans", "an", "das"}, {"aufs", "auf", "das"}};
    for (size_t i = 0; i < t->count; i++)
        for (size_t j = 0; j < sizeof forms / sizeof *forms; j++)
            if (guard_is(t, i, forms[j][0]) && guard_insert(t, i + 1, forms[j][2], 0))
                memcpy(t->at[i].text, forms[j][1], strlen(forms[j][1]) + 1);
}

/* "am Freitag" → "freitags". */
static void turn_days(struct guard_tokens *t)
{
    static const char days[] = "montag dienstag mittwoch donnerstag freitag samstag sonntag";
    for (size_t i = 0; i + 2 < t->count; i++)
        if (guard_is(t, i, "an") && guard_is(t, i + 1, "dem") && guard_in(t, i + 2, days)) {
            size_t len = strlen(t->at[i + 2].text);
            memcpy(t->at[i + 2].text + len, "s", 2);
            t->at[i + 2].flags &= ~(unsigned)GUARD_NAME;
            guard_drop(t, i);
            guard_drop(t, i);
        }
}

/* "Petras Auto" → "Auto von Petra". */
static void turn_owner(struct guard_tokens *t)
{
    for (size_t i = 0; i + 1 < t->count; i++) {
        bool behind = i && (guard_in(t, i - 1, articles) || guard_in(t, i - 1, possessives));
        size_t len = strlen(t->at[i].text);
        bool alone = i + 2 == t->count || !guard_german_noun(t, i + 2);
        if (behind || len < 4 || !guard_ends(t->at[i].text, "s") || !alone ||
            (i && (!guard_german_noun(t, i) || guard_german_noun(t, i - 1))) ||
            !guard_german_noun(t, i + 1) || t->count == AI_LIMIT_GUARD_WORDS)
            continue;
        t->at[i].text[len - 1] = '\0';
        t->at[i].flags |= GUARD_NAME;
        guard_move(t, i, i + 2);
        guard_insert(t, i + 1, "von", 0);
        return;
    }
}

/* --- Verbs ---------------------------------------------------------------------------------- */

static bool may_be_verb(const struct guard_language *l, const struct guard_tokens *t, size_t at)
{
    return at < t->count && !guard_german_noun(t, at) && !guard_in(t, at, articles) &&
           !guard_in(t, at, possessives) && !guard_in(t, at, pronouns) &&
           !guard_in(t, at, l->preposition) && !guard_in(t, at, "nicht kein keine keinen");
}

/* Where the finite verb stands second; t->count when the question is a clause with the verb
 * last. */
static size_t find_second(const struct guard_language *l, const struct guard_tokens *t,
                          const struct guard_form *f, size_t from)
{
    static const char helpers[] =
        "sind waren haben hatten werden wurden können müssen dürfen sollen";
    bool noun_first = f->type == GUARD_TYPE_WHAT || f->type == GUARD_TYPE_HOW_MANY;
    size_t at = from;
    if (noun_first && !may_be_verb(l, t, at))
        while (at < t->count && !may_be_verb(l, t, at) && !guard_in(t, at, pronouns))
            at++;
    else if (noun_first && guard_german_noun(t, at + 1) && !guard_german_noun(t, at) &&
             !guard_in(t, at, helpers) && !guard_ends(t->at[at].text, "t"))
        at += 2; /* an adjective and its noun */
    return may_be_verb(l, t, at) && at + 1 < t->count ? at : t->count;
}

static enum guard_subject pronoun(const struct guard_tokens *t, size_t at)
{
    static const char *const words[] = {"", "ich", "wir", "du", "man"};
    for (int i = GUARD_SUBJECT_I; i <= GUARD_SUBJECT_ONE; i++)
        if (guard_is(t, at, words[i]))
            return (enum guard_subject)i;
    return GUARD_SUBJECT_NONE;
}

/* What an auxiliary says; false when the word is none. */
static bool read_auxiliary(struct guard_form *f, const char *w, bool participle, bool *passive)
{
    static const char *const modals[][2] = {
        {"kann können kannst", "can"},    {"könnte könnten", "could"},
        {"muss müssen musst", "must"},    {"darf dürfen darfst", "may"},
        {"soll sollen sollst", "should"}, {"sollte sollten", "should"}};
    for (size_t i = 0; i < sizeof modals / sizeof *modals; i++)
        if (guard_listed(modals[i][0], w)) {
            memcpy(f->modal, modals[i][1], strlen(modals[i][1]) + 1);
            return true;
        }
    if (guard_listed("wurde wurden", w)) {
        f->tense = 'p';
        *passive = true;
    } else if (guard_listed("wird werden", w)) {
        *passive = participle;
        f->tense = participle ? f->tense : 'f';
    } else if (guard_listed("hat haben habe hast", w) && participle) {
        f->tense = 'p';
    } else {
        return false;
    }
    return true;
}

static bool is_participle(const char *w)
{
    if (guard_ends(w, "t"))
        return strlen(w) > 4 && !guard_listed("nicht jetzt zuletzt überhaupt erst selbst sonst", w);
    return guard_ends(w, "en") && strlen(w) > 4 &&
           (!memcmp(w, "ge", 2) || !memcmp(w, "ver", 3) || !memcmp(w, "be", 2) ||
            !memcmp(w, "er", 2) || !memcmp(w, "ent", 3) || !memcmp(w, "über", 5) ||
            !memcmp(w, "unter", 5) || strstr(w, "ge"));
}

static void take_auxiliary(struct guard_tokens *t, struct guard_form *f, size_t at, bool *passive)
{
    bool participle = false;
    for (size_t i = t->count > 2 ? t->count - 2 : 0; i < t->count; i++)
        participle |= i != at && !guard_german_noun(t, i) && is_participle(t->at[i].text);
    if (read_auxiliary(f, t->at[at].text, participle, passive)) {
        guard_drop(t, at);
        size_t last = t->count - 1;
        /* "gewechselt werden" behind a modal; "worden" behind "ist". */
        if (t->count > 1 && guard_in(t, last, "werden worden") && f->modal[0]) {
            *passive = true;
            guard_drop(t, last);
        }
    } else if (guard_in(t, at, "ist sind") && guard_in(t, t->count - 1, "worden")) {
        f->tense = 'p';
        *passive = true;
        guard_drop(t, t->count - 1);
        guard_drop(t, at);
    } else if (guard_in(t, at, "war waren")) {
        f->tense = 'p';
        guard_drop(t, at);
    } else if (guard_in(t, at, "ist sind bin")) {
        f->is = true;
        *passive = f->type == GUARD_TYPE_WHERE; /* asks like "where is it kept" */
        guard_drop(t, at);
    } else {
        guard_move(t, at, t->count);
    }
}

/* "Schäden von der Versicherung gedeckt" → "die Versicherung Schäden deckt". */
static void turn_agent(struct guard_tokens *t, struct guard_form *f, bool passive)
{
    size_t by = 0, n = t->count;
    while (by < n && !guard_in(t, by, "von durch"))
        by++;
    if (!passive || by == n || by == 0 || f->type != GUARD_TYPE_YES_NO)
        return;
    for (size_t i = 0; i < n; i++)
        if (i != by &&
            (guard_in(t, i, "von durch nicht kein keine keinen und oder in an auf mit") ||
             guard_in(t, i, "für zu aus nach bei vor")))
            return;
    guard_drop(t, by);
    for (size_t i = by; i + 1 < t->count; i++)
        guard_move(t, i, i - by);
    f->subject = GUARD_SUBJECT_NONE;
    f->number = 0;
    f->turned = true;
}

/* Where a thing lies or can be found is where it is. */
static void take_place(struct guard_tokens *t, struct guard_form *f)
{
    if (f->type != GUARD_TYPE_WHERE || f->tense || t->count < 2 ||
        (!guard_in(t, t->count - 1, "befind lieg steck") &&
         !(f->subject && guard_in(t, t->count - 1, "find")) &&
         !(f->subject == GUARD_SUBJECT_PASSIVE && guard_in(t, t->count - 1, "speicher ableg"))))
        return;
    t->count--;
    for (size_t i = 0; i < t->count; i++)
        if (guard_is(t, i, "sich"))
            guard_drop(t, i--);
    f->is = true;
    f->subject = GUARD_SUBJECT_PASSIVE;
    if (!strcmp(f->modal, "can"))
        f->modal[0] = '\0';
}

/* The verb stands last now: joins it with its prefix and leaves its stem. */
static void finish_verb(struct guard_tokens *t, struct guard_form *f, bool passive)
{
    size_t n = t->count;
    if (n > 2 && f->modal[0] && guard_is(t, n - 2, "zu")) {
        t->at[n - 2] = t->at[n - 1];
        n = --t->count;
    }
    if (guard_german_noun(t, n - 1))
        return;
    if (n > 2 && guard_in(t, n - 2, prefixes) &&
        strlen(t->at[n - 1].text) + strlen(t->at[n - 2].text) < AI_LIMIT_GUARD_WORD) {
        char joined[2 * AI_LIMIT_GUARD_WORD];
        size_t len = strlen(t->at[n - 2].text), rest = strlen(t->at[n - 1].text) + 1;
        memcpy(joined, t->at[n - 2].text, len);
        memcpy(joined + len, t->at[n - 1].text, rest);
        memcpy(t->at[n - 2].text, joined, len + rest);
        n = --t->count;
    }
    char *w = t->at[n - 1].text;
    size_t len = strlen(w);
    bool helped = f->tense == 'p';
    /* "endete" behind a noun is past; "ich miete" is not. */
    if (!f->tense && !f->subject && !f->modal[0] && !passive && len > 5 && guard_ends(w, "te")) {
        w[len - 1] = '\0';
        f->tense = 'p';
    }
    guard_german_stem(w, passive || helped, f->modal[0], f);
    f->needs = guard_listed("brauch benötig verwend benutz", w);
    turn_agent(t, f, passive);
    take_place(t, f);
}

/* "sie hat", "sie haben": the verb tells who "sie" is. */
static void mark_plural(struct guard_tokens *t, size_t verb, size_t subject)
{
    if (guard_is(t, subject, "sie") &&
        (guard_ends(t->at[verb].text, "en") || guard_is(t, verb, "sind")))
        memcpy(t->at[subject].text, "sie-alle", 9);
}

static void find_verb(const struct guard_language *l, struct guard_tokens *t, struct guard_form *f,
                      size_t from, bool clause)
{
    bool passive = false;
    size_t at = clause ? t->count : f->type == GUARD_TYPE_YES_NO ? 0 : find_second(l, t, f, from);
    size_t finite = at < t->count ? at : t->count - 1;
    f->number = guard_in(t, finite, "ist war wird wurde hat")           ? 's'
                : guard_in(t, finite, "sind waren werden wurden haben") ? 'p'
                                                                        : 0;
    mark_plural(t, at < t->count ? at : t->count - 1, at < t->count ? at + 1 : from);
    if (at < t->count) {
        take_auxiliary(t, f, at, &passive);
        f->subject = pronoun(t, at);
        if (f->subject)
            guard_drop(t, at);
    } else {
        f->subject = pronoun(t, from);
        if (f->subject)
            guard_drop(t, from);
        if (t->count)
            take_auxiliary(t, f, t->count - 1, &passive);
    }
    if (f->subject)
        f->number = 0;
    if (passive)
        f->subject = GUARD_SUBJECT_PASSIVE;
    if (t->count && !f->is)
        finish_verb(t, f, passive);
}

/* --- Nouns ---------------------------------------------------------------------------------- */

static unsigned case_of(const char *article, bool behind_preposition)
{
    static const char object[] = "den einen meinen deinen seinen unseren ihren euren",
                      dative[] = "dem einem meinem deinem seinem unserem ihrem eurem",
                      third[] = "einer meiner deiner seiner unserer ihrer eurer";
    if (guard_listed(object, article))
        return GUARD_CASE_OBJECT;
    if (guard_listed(dative, article) || guard_listed(third, article))
        return GUARD_CASE_DATIVE;
    if (!strcmp(article, "der"))
        return behind_preposition ? GUARD_CASE_DATIVE : GUARD_CASE_SUBJECT;
    return behind_preposition && guard_listed("die das eine ein", article) ? GUARD_CASE_OBJECT : 0;
}

/* "meinem" → "mein". */
static void cut_possessive(char *w)
{
    static const char *const roots[] = {"mein", "dein", "sein", "unser", "ihr"};
    for (size_t i = 0; i < sizeof roots / sizeof *roots; i++)
        if (!strncmp(w, roots[i], strlen(roots[i])))
            w[strlen(roots[i])] = '\0';
}

static bool drops(const struct guard_language *l, const struct guard_form *f,
                  const struct guard_tokens *t, size_t at)
{
    const char *w = t->at[at].text;
    if (t->at[at].flags & GUARD_CODE)
        return false;
    if (guard_listed(l->article, w) || guard_listed(l->neutral, w))
        return true;
    if (guard_listed("in unter bei auf", w) && guard_in(t, at + 1, l->system))
        return true;
    return f->type == GUARD_TYPE_HOW && f->subject == GUARD_SUBJECT_I &&
           guard_listed("mein meine meinen meinem meiner", w);
}

static void cut_genitive(struct guard_token *t)
{
    size_t n = strlen(t->text);
    if (n > 4 && guard_ends(t->text, "s"))
        t->text[n - (guard_ends(t->text, "es") ? 2 : 1)] = '\0';
    t->flags &= ~(unsigned)GUARD_CASES;
}

/* "des Klempners" → "von Klempner". */
static void put_genitive(struct guard_tokens *to, struct guard_token *t)
{
    if (to->count && guard_insert(to, to->count, "von", 0))
        cut_genitive(t);
}

/* "beiden Parteien", "beide Parteien": the ending of an adjective follows its noun. */
static void cut_adjective(const struct guard_language *l, const struct guard_tokens *all, size_t at,
                          char *w)
{
    static const char *const ends[] = {"en", "er", "em", "es", "e"};
    size_t n = strlen(w);
    if (guard_german_noun(all, at) || !guard_german_noun(all, at + 1) ||
        guard_in(all, at, l->preposition) || guard_in(all, at, possessives) ||
        guard_in(all, at, "immer wieder oder aber später früher"))
        return;
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
        if (n > strlen(ends[i]) + 2 && guard_ends(w, ends[i])) {
            w[n - strlen(ends[i])] = '\0';
            return;
        }
}

static void filter(const struct guard_language *l, struct guard_tokens *all, struct guard_form *f)
{
    unsigned grammatical = 0;
    bool dropped = true, genitive = false, owned = false, preposition = false;
    bool one = f->subject != GUARD_SUBJECT_NONE, simple = true;
    for (size_t i = 0; i < all->count; i++)
        simple &= !guard_in(all, i, "wenn dass weil ob und oder als zu falls");
    for (size_t i = 0; i < all->count; i++) {
        if (f->items.count + 3 > AI_LIMIT_GUARD_WORDS) {
            f->items.count = 0; /* too long to be judged: agrees with nothing */
            return;
        }
        struct guard_token t = all->at[i];
        if (guard_in(all, i, articles) || guard_in(all, i, possessives)) {
            grammatical = case_of(t.text, preposition);
            genitive = guard_listed("des eines", t.text);
            bool own = guard_ends(t.text, "es") && guard_in(all, i, possessives);
            if (own && f->items.count && guard_insert(&f->items, f->items.count, "von", 0))
                owned = true;
            preposition = false;
        }
        if (drops(l, f, all, i)) {
            dropped = true;
            continue;
        }
        if (guard_in(all, i, possessives))
            cut_possessive(t.text);
        cut_adjective(l, all, i, t.text);
        preposition = guard_in(all, i, l->preposition);
        bool floating = guard_listed(l->adverb, t.text) || guard_listed(l->standard, t.text) ||
                        (simple && guard_in(all, i, "mir mich dir dich uns euch ihm ihn sich"));
        struct guard_tokens *to = floating ? &f->floating : &f->items;
        if (t.flags & GUARD_NAME) {
            /* With a pronoun for subject the one noun left is the object, whatever its case. */
            bool plain = one && !(to->count && guard_in(to, to->count - 1, l->preposition)) &&
                         !(grammatical & GUARD_CASE_DATIVE);
            t.flags |= plain || f->turned ? 0 : grammatical;
            if (genitive)
                put_genitive(to, &t);
            if (owned)
                cut_genitive(&t);
            grammatical = 0;
            genitive = owned = false;
        }
        if (dropped)
            t.flags |= GUARD_BREAK;
        to->at[to->count++] = t;
        dropped = floating ? dropped : false;
    }
}

/* May the word begin a question without a question word? "Monatliche Miete" and "Adresse des
 * Arztes" begin none. */
static bool opens(const struct guard_language *l, const struct guard_tokens *t)
{
    static const char helpers[] = "haben werden können müssen dürfen sollen sollten war wird";
    if (t->count < 2 || guard_german_noun(t, 0) || !may_be_verb(l, t, 0) ||
        guard_in(t, 1, "des eines"))
        return false;
    const char *w = t->at[0].text;
    if (guard_listed(helpers, w))
        return true;
    if (!guard_in(t, 1, articles) && !guard_in(t, 1, possessives) && !guard_in(t, 1, pronouns))
        return guard_german_noun(t, 1) && !guard_ends(w, "e") && !guard_ends(w, "en") &&
               !guard_ends(w, "er") && !guard_ends(w, "es");
    return guard_ends(w, "t") || guard_ends(w, "e") || guard_ends(w, "en") || guard_ends(w, "d") ||
           guard_listed("darf soll kann muss", w);
}

/* "Bei Regen, wo feiern wir" → "wo feiern wir bei Regen". */
static void turn_front(const struct guard_language *l, struct guard_tokens *all)
{
    for (size_t i = 1; i + 1 < all->count; i++) {
        bool asks = guard_wh_type(l, all->at[i + 1].text) ||
                    (i + 2 < all->count && guard_in(all, i + 1, l->preposition) &&
                     guard_wh_type(l, all->at[i + 2].text));
        if ((all->at[i].flags & GUARD_COMMA) && asks) {
            guard_rotate(all, i + 1);
            return;
        }
    }
}

/* "Welcher Lehrer lobt Eva", "welchen Lehrer lobt Eva". */
static void mark_asked(struct guard_tokens *t)
{
    static const char *const words[] = {"welcher", "welchen", "welchem"};
    static const unsigned cases[] = {GUARD_CASE_SUBJECT, GUARD_CASE_OBJECT, GUARD_CASE_DATIVE};
    for (size_t i = 0; i + 1 < t->count; i++)
        for (size_t j = 0; j < 3; j++)
            if (guard_is(t, i, words[j])) {
                size_t noun = i + 1;
                while (noun + 1 < t->count && !guard_german_noun(t, noun))
                    noun++;
                t->at[noun].flags |= cases[j];
            }
}

void guard_parse_german(const struct guard_language *l, struct guard_tokens *all,
                        struct guard_form *f)
{
    guard_turn_clause(all, "wenn falls sobald");
    open_contractions(all);
    if (guard_is(all, 0, "von") && guard_is(all, 1, "wem") &&
        guard_in(all, 2, "wurde wurden wird werden")) {
        /* Who was it done by is who did it. */
        f->tense = guard_in(all, 2, "wurde wurden") ? 'p' : 0;
        f->turned = true;
        guard_drop(all, 2);
        guard_drop(all, 0);
        memcpy(all->at[0].text, "wer", 4);
    }
    turn_days(all);
    turn_owner(all);
    if (guard_in(all, 0, l->preposition) && !guard_wh_type(l, all->at[1].text))
        turn_front(l, all);
    mark_asked(all);
    int at = guard_take_type(l, all, f);
    size_t from = at < 0 ? 0 : (size_t)at;
    bool clause = guard_is(all, 0, "ob") || f->turned;
    if (clause && !f->turned)
        guard_drop(all, 0);
    if ((clause && !f->turned) || (at < 0 && opens(l, all)))
        f->type = GUARD_TYPE_YES_NO;
    if (f->type == GUARD_TYPE_HOW && guard_in(all, from, measures)) {
        f->type = GUARD_TYPE_MEASURE;
        from++;
    }
    if (f->type != GUARD_TYPE_NONE && all->count)
        find_verb(l, all, f, from, clause);
    filter(l, all, f);
    if (f->type == GUARD_TYPE_HOW_MANY && f->items.count > 1 && guard_is(&f->items, 0, "geld"))
        guard_drop(&f->items, 0);
    f->aside = f->items.count && guard_in(&f->items, 0, l->preposition);
    guard_shape_german(l, f);
    for (size_t i = 0; i < f->items.count; i++)
        f->items.at[i].flags &= ~(unsigned)(GUARD_NAME | GUARD_BREAK);
}
