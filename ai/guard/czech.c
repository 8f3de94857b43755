/*
 * czech.c: a Czech question → its form.
 *
 * The endings of nouns say who does what to whom, and they are compared letter by letter. What
 * moves freely is put into one place: the verb to the front, the clitics ("se", "mi", "jsem") and
 * some adverbs into a set. In how-questions "nainstaluji", "nainstalovat" and "se nainstaluje" are
 * one.
 */
#include "ai/guard/lex.h"

static const char clitics[] = "se si mi ti mu jí nám vám jim jsem jsi jsme jste";
static const char measures[] = "dlouho dlouhá dlouhý dlouhé často daleko velký velká velké starý "
                               "stará staré vysoký vysoká vysoké hluboko těžký těžká těžké drahý "
                               "drahá drahé brzy pozdě moc";
static const char connectives[] = "který která které kteří že když pokud jestliže nebo a i ani "
                                  "než aby protože či jako";

static bool is_verb(const char *w)
{
    static const char verbs[] =
        "končí skončí začíná platí odjíždí přijíždí jede jezdí stojí má mají dluží zbývá zůstává "
        "pracuje pracují zastupuje odpovídá slaví žije bydlí patří leží potřebuje používá "
        "naslouchá hradí kryje obsahuje znamená trvá vydělává bere užívá učí vlastní stál stála "
        "stálo stály koupil koupila prodal prodala zaplatil zaplatila podepsal podepsala napsal "
        "napsala vyhrál vyhrála zpozdil zpozdila zpozdilo zpozdily skončil skončila skončilo začal "
        "začala začalo dostal dostala dal dala půjčil půjčila vrátil vrátila bral brala platil "
        "platila byl byla bylo byli byly měl měla mělo měli měly dělá jmenuje začne skončí vyprší "
        "vypršela vypršel funguje nefunguje startuje nestartuje";
    return guard_listed(verbs, w) ||
           (strlen(w) > 5 &&
            (guard_ends(w, "uje") || guard_ends(w, "ují") || guard_ends(w, "uji") ||
             guard_ends(w, "uju") || guard_ends(w, "ujeme")));
}

bool guard_czech_same(const char *a, const char *b, bool genitive)
{
    static const char *const object[][2] = {{"a", "u"}, {"á", "ou"}, {"e", "i"}},
                             *const of[][2] = {{"a", "y"},   {"á", "é"}, {"", "u"},   {"", "a"},
                                               {"ý", "ého"}, {"o", "a"}, {"í", "ího"}};
    size_t count = genitive ? sizeof of / sizeof *of : sizeof object / sizeof *object;
    for (size_t i = 0; i < 2 * count; i++) {
        const char *const *pair = genitive ? of[i / 2] : object[i / 2];
        const char *x = pair[i % 2], *y = pair[1 - i % 2];
        size_t n = strlen(a) - strlen(x);
        if (strlen(a) > strlen(x) + 2 && strlen(b) == n + strlen(y) && !memcmp(a, b, n) &&
            !strcmp(a + n, x) && !strcmp(b + n, y))
            return true;
    }
    return false;
}

static bool ends_any(const char *w, const char *const ends[])
{
    for (size_t i = 0; ends[i]; i++)
        if (guard_ends(w, ends[i]))
            return true;
    return false;
}

/* A past form, by its ending. */
static bool looks_past(const struct guard_tokens *t, size_t at)
{
    static const char *const ends[] = {"il",  "al",  "ila", "ala", "ela", "ilo", "alo", "elo",
                                       "ili", "ali", "eli", "ily", "aly", "ely", NULL};
    static const char nouns[] = "mobil automobil profil fosil email mobily profily emaily kapela "
                                "kapely karamela karamely chvíle zrcadla kilo portal";
    const char *w = t->at[at].text;
    return !(t->at[at].flags & (GUARD_NAME | GUARD_CODE)) && strlen(w) > 4 && ends_any(w, ends) &&
           !guard_ends(w, "teli") && !guard_listed(nouns, w);
}

/* The last word of a question that must hold a verb. */
static bool looks_present(const struct guard_tokens *t, size_t at)
{
    static const char *const ends[] = {"í", "á", NULL};
    return !(t->at[at].flags & (GUARD_NAME | GUARD_CODE)) && strlen(t->at[at].text) > 4 &&
           ends_any(t->at[at].text, ends);
}

/* The one verb of a simple question goes to the front. */
static void move_verb(struct guard_tokens *t, const struct guard_form *f, size_t from)
{
    size_t known = 0, past = 0, verb = from, past_verb = from, last = t->count - 1;
    for (size_t i = 0; i < t->count; i++)
        if (guard_in(t, i, connectives))
            return;
    for (size_t i = from; i < t->count; i++) {
        if (!(t->at[i].flags & (GUARD_NAME | GUARD_CODE)) && is_verb(t->at[i].text)) {
            verb = i;
            known++;
        } else if (looks_past(t, i)) {
            past_verb = i;
            past++;
        }
    }
    bool adverbial = f->type != GUARD_TYPE_NONE && f->type != GUARD_TYPE_YES_NO &&
                     f->type != GUARD_TYPE_WHAT && f->type != GUARD_TYPE_HOW_MANY;
    if (known == 1)
        guard_move(t, verb, from);
    else if (!known && past == 1)
        guard_move(t, past_verb, from);
    else if (!known && !past && adverbial && from < last && !looks_present(t, from) &&
             looks_present(t, last))
        guard_move(t, last, from);
    else if (!known && !past && adverbial && f->type != GUARD_TYPE_WHO && from + 2 == t->count &&
             strcmp(t->at[from].text, t->at[last].text) > 0)
        guard_move(t, last, from); /* a verb and who acts: no other reading in any order */
}

/* "nainstaluji", "nainstalovat", "nainstaluje" → "nainstal"; "povolím", "povolit" → "povol". */
static void stem(char *w)
{
    static const char *const ends[] = {"ovat", "ujeme", "uji", "uju", "uje", "ují",
                                       "íme",  "áme",   "ím",  "ám",  "out", "it",
                                       "at",   "át",    "ít",  "í",   "á"};
    size_t n = strlen(w);
    if (n > 3 && guard_ends(w, "nu"))
        w[n - 1] = '\0';
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
        if (guard_ends(w, ends[i]) && n > strlen(ends[i]) + 2) {
            w[n - strlen(ends[i])] = '\0';
            return;
        }
}

/* In a how-question it does not matter who acts: "jak vyměním filtr", "jak se vymění filtr". But
 * "jak se přihlásím" keeps its "se", which belongs to the verb. */
static void take_how(struct guard_tokens *t, struct guard_form *f, size_t from)
{
    static const char idle[] = "lze jde mohu můžu můžeme mám máme dá bych mohl mohla já";
    static const char *const own[] = {"ím", "ám", "uji", "uju", "nu",  "out",  "at",
                                      "it", "át", "ít",  "íme", "áme", "ujeme"};
    size_t se = t->count;
    for (size_t i = from; i < t->count;)
        if (guard_in(t, i, idle))
            guard_drop(t, i);
        else
            i++;
    for (size_t i = from; i < t->count && se == t->count; i++)
        if (guard_is(t, i, "se"))
            se = i;
    size_t at = se == from ? from + 1 : from;
    if (at >= t->count || (t->at[at].flags & (GUARD_NAME | GUARD_CODE)))
        return;
    char *w = t->at[at].text;
    bool personal = false;
    for (size_t i = 0; i < sizeof own / sizeof *own; i++)
        personal |= guard_ends(w, own[i]);
    if (!strcmp(w, "jmenuje") || (!personal && (se == t->count || strlen(w) < 6)))
        return; /* "jak funguje", "jak končí": the noun acts */
    stem(w);
    f->subject = GUARD_SUBJECT_I;
    if (!personal)
        guard_drop(t, se);
}

static bool is_infinitive(const struct guard_tokens *t, size_t at)
{
    const char *w = t->at[at].text;
    return !(t->at[at].flags & (GUARD_NAME | GUARD_CODE)) && strlen(w) > 3 &&
           (guard_ends(w, "at") || guard_ends(w, "it") || guard_ends(w, "et") ||
            guard_ends(w, "ít") || guard_ends(w, "át") || guard_ends(w, "out") ||
            guard_ends(w, "ést") || guard_ends(w, "ýt") || guard_ends(w, "ct"));
}

/* "Musím", "je třeba", "musí se" with an infinitive; who acts is kept. */
static void take_modal(struct guard_tokens *t, struct guard_form *f, size_t from)
{
    static const struct {
        const char *words, *modal;
        enum guard_subject subject;
    } modals[] = {{"musím", "must", GUARD_SUBJECT_I},
                  {"musíme", "must", GUARD_SUBJECT_WE},
                  {"musí", "must", GUARD_SUBJECT_PASSIVE},
                  {"třeba potřeba nutné", "must", GUARD_SUBJECT_ONE},
                  {"můžu mohu", "can", GUARD_SUBJECT_I},
                  {"můžeme", "can", GUARD_SUBJECT_WE},
                  {"lze možné", "can", GUARD_SUBJECT_ONE},
                  {"smím", "may", GUARD_SUBJECT_I},
                  {"smíme", "may", GUARD_SUBJECT_WE},
                  {"dovoleno povoleno", "may", GUARD_SUBJECT_ONE},
                  {"smí", "may", GUARD_SUBJECT_PASSIVE},
                  {"může mohou", "can", GUARD_SUBJECT_PASSIVE},
                  {"dá dají", "can", GUARD_SUBJECT_PASSIVE},
                  {"mám", "should", GUARD_SUBJECT_I},
                  {"máme", "should", GUARD_SUBJECT_WE},
                  {"má mají", "should", GUARD_SUBJECT_PASSIVE}};
    size_t verb = from, count = 0;
    for (size_t i = from; i < t->count; i++)
        count += is_infinitive(t, i);
    for (size_t i = 0; i < sizeof modals / sizeof *modals && count; i++) {
        size_t at = from;
        while (at < t->count && !guard_in(t, at, modals[i].words))
            at++;
        if (at == t->count)
            continue;
        /* "se musí", "musí se"; "je třeba". */
        size_t beside = at > from && guard_in(t, at - 1, "se je") ? at - 1 : at + 1;
        bool passive = modals[i].subject == GUARD_SUBJECT_PASSIVE;
        if (passive && !guard_is(t, beside, "se"))
            continue;
        memcpy(f->modal, modals[i].modal, strlen(modals[i].modal) + 1);
        f->subject = modals[i].subject;
        if (f->type == GUARD_TYPE_NONE)
            f->type = GUARD_TYPE_YES_NO; /* "můžu platit kartou" */
        bool helper = passive || (beside < at && guard_is(t, beside, "je"));
        guard_drop(t, helper && beside > at ? beside : at);
        if (helper)
            guard_drop(t, beside < at ? beside : at);
        break;
    }
    if (count != 1 || (!f->modal[0] && !guard_in(t, from, "má mají")))
        return;
    while (verb < t->count && !is_infinitive(t, verb))
        verb++;
    for (size_t i = from; i < t->count; i++)
        if (guard_in(t, i, connectives))
            return;
    if (verb < t->count)
        guard_move(t, verb, from);
}

static bool drops(const struct guard_language *l, const struct guard_form *f,
                  const struct guard_tokens *t, size_t at)
{
    static const char locate[] = "uložen uložena uloženo uloženy uložené najdu najdeme najít leží "
                                 "umístěn umístěna umístěno umístěny";
    const char *w = t->at[at].text;
    if (t->at[at].flags & GUARD_CODE)
        return false;
    if (guard_listed(l->neutral, w) || guard_listed("je jsou", w))
        return true;
    if (guard_listed("v ve na u pro při", w))
        return guard_in(t, at + 1, l->system);
    return f->type == GUARD_TYPE_WHERE && guard_listed(locate, w);
}

static void filter(const struct guard_language *l, struct guard_tokens *all, struct guard_form *f)
{
    for (size_t i = 0; i < all->count; i++) {
        if (drops(l, f, all, i))
            continue;
        bool last = i + 1 == all->count, free = false;
        if (guard_in(all, i, l->adverb))
            free = last || !f->items.count || guard_in(all, i + 1, l->preposition) ||
                   is_verb(all->at[i - 1].text) || is_verb(all->at[i + 1].text);
        struct guard_tokens *to = free || guard_in(all, i, clitics) ? &f->floating : &f->items;
        to->at[to->count++] = all->at[i];
    }
}

static void be_what_is(struct guard_form *f)
{
    f->type = GUARD_TYPE_WHAT;
    f->is = true;
}

static bool names_any(const struct guard_tokens *t, size_t from, size_t to, const char *list)
{
    for (size_t i = from; i < to; i++)
        if (guard_in(t, i, list))
            return true;
    return false;
}

/* One noun alone: its case says only how the question was put. A name is not loosened. */
static void loosen(struct guard_tokens *t, unsigned how)
{
    size_t plain = 0;
    for (size_t i = 0; i < t->count; i++)
        plain += !(t->at[i].flags & GUARD_NAME);
    for (size_t i = 0; i < t->count && plain <= 2; i++)
        t->at[i].flags |= how;
}

/* "Kolik je nájem", "jak dlouhá je lhůta" ask what it is. */
static void shape(const struct guard_language *l, struct guard_form *f, bool is)
{
    static const char amounts[] = "nájem nájemné cena mzda plat kauce pokuta poplatek záloha úrok "
                                  "pojistné částka sazba",
                      spans[] = "lhůta";
    struct guard_tokens *t = &f->items;
    bool measured = f->type == GUARD_TYPE_MEASURE;
    size_t end = measured;
    while (end < t->count && !guard_in(t, end, l->preposition))
        end++;
    /* "Kolik stojí oprava", "jaká je cena opravy". */
    bool price = f->type == GUARD_TYPE_WHAT && f->is && guard_is(t, 0, "cena");
    bool called = f->type == GUARD_TYPE_HOW && guard_is(t, 0, "jmenuje") && f->floating.count == 1;
    bool title = f->type == GUARD_TYPE_WHAT && f->is && guard_is(t, 0, "jméno");
    bool costs = f->type == GUARD_TYPE_HOW_MANY && guard_is(t, 0, "stojí");
    bool place = f->type == GUARD_TYPE_WHERE && !f->floating.count && end == t->count;
    if ((price || costs || called || title) && end == t->count && t->count > 1) {
        guard_drop(t, 0);
        loosen(t, GUARD_LOOSE | GUARD_GENITIVE);
        f->floating.count = called ? 0 : f->floating.count;
        if (price || costs)
            guard_insert(t, 0, "cena", 0);
        f->type = price || costs ? GUARD_TYPE_WHAT : GUARD_TYPE_WHO;
        f->is = price || costs;
        return;
    }
    if (place)
        loosen(t, GUARD_LOOSE);
    if (!is || end == (size_t)measured)
        return;
    if ((f->type == GUARD_TYPE_HOW_MANY || (measured && guard_in(t, 0, "vysoká vysoký vysoké"))) &&
        names_any(t, measured, end, amounts)) {
        if (measured)
            guard_drop(t, 0);
        be_what_is(f);
    } else if (measured && guard_in(t, 0, "dlouhá") &&
               (names_any(t, 1, end, spans) ||
                (guard_in(t, 1, "záruční výpovědní zkušební") && guard_is(t, 2, "doba")))) {
        guard_drop(t, 0);
        be_what_is(f);
    }
}

void guard_parse_czech(const struct guard_language *l, struct guard_tokens *all,
                       struct guard_form *f)
{
    guard_turn_clause(all, "když pokud jestliže");
    int at = guard_take_type(l, all, f);
    size_t from = at < 0 ? 0 : (size_t)at;
    if (at < 0 && all->count &&
        (guard_in(all, 0, "je jsou není nejsou bude budou") || is_verb(all->at[0].text) ||
         looks_past(all, 0)))
        f->type = GUARD_TYPE_YES_NO;
    if (f->type == GUARD_TYPE_HOW && guard_in(all, from, measures)) {
        f->type = GUARD_TYPE_MEASURE;
        from++;
    }
    bool is = guard_in(all, from, "je jsou");
    if (f->type == GUARD_TYPE_HOW)
        take_how(all, f, from);
    else
        take_modal(all, f, from);
    f->is = is && f->type == GUARD_TYPE_WHAT;
    if (f->type == GUARD_TYPE_HOW_MANY && guard_is(all, from, "peněz"))
        guard_drop(all, from);
    if (from < all->count)
        move_verb(all, f, from);
    filter(l, all, f);
    shape(l, f, is);
}
