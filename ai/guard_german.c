/*
 * guard_german.c: a German question → its form.
 *
 * The finite verb stands second in a question and last in a clause ("wann der Zug fährt"); here it
 * always goes last, joined with its prefix ("läuft … ab" → "abläuft"). What auxiliaries say is kept
 * beside the items. Articles go, but the case they show stays with the noun: "den Hund der Mann" is
 * not "der Hund den Mann".
 */
#include "ai/guard_lex.h"

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

/* --- Verbs ---------------------------------------------------------------------------------- */

static bool is_noun(const struct guard_tokens *t, size_t at)
{
    return at < t->count && (t->at[at].flags & (GUARD_NAME | GUARD_CODE));
}

static bool may_be_verb(const struct guard_language *l, const struct guard_tokens *t, size_t at)
{
    return at < t->count && !is_noun(t, at) && !guard_in(t, at, articles) &&
           !guard_in(t, at, possessives) && !guard_in(t, at, pronouns) &&
           !guard_in(t, at, l->preposition) && !guard_in(t, at, "nicht kein keine keinen");
}

/* Where the finite verb stands second; t->count when the question is a clause with the verb last. */
static size_t find_second(const struct guard_language *l, const struct guard_tokens *t,
                          const struct guard_form *f, size_t from)
{
    bool noun_first = f->type == GUARD_TYPE_WHAT || f->type == GUARD_TYPE_HOW_MANY;
    size_t at = from;
    if (noun_first && !may_be_verb(l, t, at))
        while (at < t->count && !may_be_verb(l, t, at) && !guard_in(t, at, pronouns))
            at++;
    else if (noun_first && is_noun(t, at + 1) && !is_noun(t, at))
        at += 2; /* an adjective and its noun */
    return may_be_verb(l, t, at) && at + 1 < t->count ? at : t->count;
}

/* "entlüfte", "entlüften", "entlüftet" → "entlüft"; "eingeschaltet" → "einschalt". */
static void stem(char *w, bool participle, bool infinitive)
{
    size_t n = strlen(w);
    static const char *const ends[] = {"en", "et", "st", "e", "t", "n"};
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
        if (n > strlen(ends[i]) + 3 && guard_ends(w, ends[i])) {
            w[n -= strlen(ends[i])] = '\0';
            break;
        }
    /* "ich wechsle" */
    if (n > 4 && w[n - 1] == 'l' && strchr("bdfgkmnpstz", w[n - 2]) &&
        n + 2 < AI_LIMIT_GUARD_WORD) {
        memcpy(w + n - 1, "el", 3);
        n++;
    }
    size_t at = 0;
    struct core_str rest = core_str(prefixes), prefix;
    while (core_str_split(&rest, ' ', &prefix))
        if (n > prefix.len + 5 && !memcmp(w, prefix.ptr, prefix.len))
            at = prefix.len > at ? prefix.len : at;
    /* "gehört" may be what belongs, not what was heard. */
    if (participle && n > at + 5 && !memcmp(w + at, "ge", 2))
        memmove(w + at, w + at + 2, n - at - 1);
    else if (infinitive && at && n > at + 5 && !memcmp(w + at, "zu", 2))
        memmove(w + at, w + at + 2, n - at - 1);
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
    return (guard_ends(w, "t") || guard_ends(w, "en")) && strlen(w) > 4 &&
           (!memcmp(w, "ge", 2) || !memcmp(w, "ver", 3) || !memcmp(w, "be", 2) ||
            !memcmp(w, "er", 2) || !memcmp(w, "ent", 3) || !memcmp(w, "über", 5) ||
            !memcmp(w, "unter", 5) || strstr(w, "ge") || guard_ends(w, "iert"));
}

static void take_auxiliary(struct guard_tokens *t, struct guard_form *f, size_t at, bool *passive)
{
    bool participle = false;
    for (size_t i = t->count > 2 ? t->count - 2 : 0; i < t->count; i++)
        participle |= i != at && !is_noun(t, i) && is_participle(t->at[i].text);
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
    f->turned = true;
}

/* Where a thing lies or can be found is where it is. */
static void take_place(struct guard_tokens *t, struct guard_form *f)
{
    if (f->type != GUARD_TYPE_WHERE || f->tense || t->count < 2 ||
        !guard_in(t, t->count - 1, "find befind lieg steck speicher ableg ableg"))
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
    if (is_noun(t, n - 1))
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
    /* "endete" behind a noun is past; "ich miete" is not. */
    if (!f->tense && !f->subject && !f->modal[0] && !passive && len > 5 && guard_ends(w, "te")) {
        w[len - 1] = '\0';
        f->tense = 'p';
    }
    stem(w, passive || f->tense == 'p', f->modal[0]);
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
    if (is_noun(all, at) || !is_noun(all, at + 1) || guard_in(all, at, l->preposition) ||
        guard_in(all, at, possessives) || guard_in(all, at, "immer wieder oder aber später früher"))
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
    bool one = f->subject != GUARD_SUBJECT_NONE;
    for (size_t i = 0; i < all->count && f->items.count + 1 < AI_LIMIT_GUARD_WORDS; i++) {
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
        bool floating = guard_listed(l->adverb, t.text) || guard_listed(l->standard, t.text);
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

/* "in der Wohnung einen Hund halten" → "einen Hund in der Wohnung halten": one noun and one phrase
 * of place or time before the verb, nothing else. */
static void sort_middle(struct guard_form *f)
{
    static const char places[] = "in an auf vor nach bei um ab bis seit während";
    struct guard_tokens *t = &f->items;
    size_t at = f->type == GUARD_TYPE_MEASURE, noun = at + 1;
    if (!guard_in(t, at, places) || f->type == GUARD_TYPE_WHAT || f->type == GUARD_TYPE_HOW_MANY)
        return;
    while (noun < t->count && !is_noun(t, noun))
        noun++;
    size_t second = noun + 1;
    while (second < t->count && !is_noun(t, second))
        second++;
    if (second + 2 != t->count || is_noun(t, second + 1))
        return;
    for (size_t i = noun + 1; i <= second; i++)
        if (guard_in(t, i,
                     "in an auf vor nach bei um ab bis seit während von mit für aus ohne zu "
                     "nicht kein keine keinen und oder durch gegen als"))
            return;
    for (size_t i = noun + 1; i <= second; i++)
        guard_move(t, i, at + i - noun - 1);
}

/* May the word begin a question without a question word? "Monatliche Miete" and "Adresse des
 * Arztes" begin none. */
static bool opens(const struct guard_language *l, const struct guard_tokens *t)
{
    static const char helpers[] = "haben werden können müssen dürfen sollen sollten war wird";
    if (t->count < 2 || is_noun(t, 0) || !may_be_verb(l, t, 0) || guard_in(t, 1, "des eines"))
        return false;
    const char *w = t->at[0].text;
    if (guard_listed(helpers, w))
        return true;
    if (!guard_in(t, 1, articles) && !guard_in(t, 1, possessives) && !guard_in(t, 1, pronouns))
        return is_noun(t, 1) && !guard_ends(w, "e") && !guard_ends(w, "en") &&
               !guard_ends(w, "er") && !guard_ends(w, "es");
    return guard_ends(w, "t") || guard_ends(w, "e") || guard_ends(w, "en") || guard_ends(w, "d") ||
           guard_listed("darf soll kann muss", w);
}

static bool ends_in(const struct guard_tokens *t, size_t at, const char *tails)
{
    struct core_str rest = core_str(tails), tail;
    if (at >= t->count)
        return false;
    struct core_str w = core_str(t->at[at].text);
    while (core_str_split(&rest, ' ', &tail))
        if (w.len >= tail.len && !memcmp(w.ptr + w.len - tail.len, tail.ptr, tail.len))
            return true;
    return false;
}

static void be_what_is(struct guard_form *f)
{
    f->type = GUARD_TYPE_WHAT;
    f->is = true;
}

static void shape(const struct guard_language *l, struct guard_form *f)
{
    static const char amounts[] = "miete kaution preis gehalt gebühr rate rechnung betrag "
                                  "kosten beitrag lohn rabatt prämie budget",
                      spans[] = "frist dauer laufzeit",
                      names[] = "passwort adresse nummer name pin code kennwort";
    struct guard_tokens *t = &f->items;
    size_t end = 1;
    while (end < t->count && !guard_in(t, end, l->preposition))
        end++;
    static const char *const sizes[][2] = {
        {"breit", "breite"}, {"hoch", "höhe"},      {"alt", "alter"}, {"groß", "größe"},
        {"lang", "länge"},   {"schwer", "gewicht"}, {"tief", "tiefe"}};
    size_t n = t->count;
    if (!n)
        return;
    if (f->type == GUARD_TYPE_MEASURE && f->is && n > 1 && guard_is(t, 0, "teuer")) {
        guard_drop(t, 0);
        if (guard_insert(t, n - 1, "kost", 0))
            f->type = GUARD_TYPE_WHAT;
        f->is = false;
    } else if (f->type == GUARD_TYPE_HOW_MANY && n > 1 &&
               guard_in(t, n - 1, "kost betrag beträg") && (t->at[0].flags & GUARD_BREAK)) {
        f->type = GUARD_TYPE_WHAT;
        if (!guard_is(t, n - 1, "kost")) {
            t->count--;
            f->is = true;
        }
    } else if (f->type == GUARD_TYPE_WHO && f->is && n > 2 && guard_in(t, 0, l->preposition) &&
               !is_noun(t, n - 1)) {
        guard_move(t, n - 1, 0);
    } else if (f->type == GUARD_TYPE_HOW && n > 1 && guard_is(t, n - 1, "heiß") && !f->subject &&
               !f->modal[0] && end == n) {
        t->count--;
        guard_insert(t, 0, "von", 0);
        guard_insert(t, 0, "name", 0);
        t->at[2].flags &= ~(unsigned)GUARD_CASES;
        be_what_is(f);
    } else if (f->type == GUARD_TYPE_MEASURE && f->is && end > 1 &&
               ((guard_in(t, 0, "hoch viel") && ends_in(t, end - 1, amounts)) ||
                (guard_in(t, 0, "lang lange") && ends_in(t, end - 1, spans)))) {
        guard_drop(t, 0);
        be_what_is(f);
    } else if (f->type == GUARD_TYPE_MEASURE && f->is && end == n && n > 1) {
        for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
            if (guard_is(t, 0, sizes[i][0])) {
                memcpy(t->at[0].text, sizes[i][1], strlen(sizes[i][1]) + 1);
                guard_insert(t, 1, "von", 0);
                for (size_t k = 2; k < t->count; k++)
                    t->at[k].flags &= ~(unsigned)GUARD_CASES;
                be_what_is(f);
                break;
            }
    } else if (f->type == GUARD_TYPE_HOW && f->is && !f->modal[0] &&
               ends_in(t, (end < t->count ? end : t->count) - 1, names)) {
        be_what_is(f);
    } else if (f->type == GUARD_TYPE_WHAT && !f->is && !f->modal[0] && !f->subject &&
               t->count > 2 && guard_in(t, t->count - 1, "hat hab") && end == t->count &&
               is_noun(t, 0) && (t->at[1].flags & GUARD_BREAK)) {
        t->count--;
        guard_insert(t, 1, "von", 0);
        t->at[2].flags &= ~(unsigned)GUARD_CASES;
        be_what_is(f);
    }
    sort_middle(f);
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
                while (noun + 1 < t->count && !is_noun(t, noun))
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
    shape(l, f);
    for (size_t i = 0; i < f->items.count; i++)
        f->items.at[i].flags &= ~(unsigned)(GUARD_NAME | GUARD_BREAK);
}
