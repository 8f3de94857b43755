/*
 * forms.c: tables of irregular words, and rules for German participles and for the e of Czech
 * nouns that comes and goes.
 */
#include "ai/text/forms.h"

#include "ai/text/text.h"

#include <string.h>

/* Folded. Every word of a row is a form of every other one; what stands behind > is only looked for,
 * since asked about it mostly means something else ("left", "LED"). */
static const char *const english[] = {
    "arise arose arisen",
    "bear >bore borne",
    "beat beaten",
    "become became",
    "begin began begun",
    "bend bent",
    "bind bound",
    "bite bitten >bit",
    "bleed bled",
    "blow blew blown",
    "break broke broken",
    "bring brought",
    "build built",
    "buy bought",
    "catch caught",
    "choose chose chosen",
    "come came",
    "creep crept",
    "dig dug",
    "draw drew drawn",
    "drink drank drunk",
    "drive drove driven",
    "eat ate eaten",
    "fall fallen >fell",
    "feed fed",
    "feel >felt",
    "fight fought",
    "find found",
    "flee fled",
    "fly flew flown",
    "forbid forbade forbidden",
    "forget forgot forgotten",
    "forgive forgave",
    "freeze froze frozen",
    "get got gotten",
    "give gave",
    "go went gone",
    "grind >ground",
    "grow grew grown",
    "hang hung",
    "hear heard",
    "hide hid hidden",
    "hold held",
    "keep kept",
    "know knew known",
    "lay laid",
    "lead >led",
    "leave >left",
    "lend lent",
    "lie lain >lay",
    "light >lit",
    "lose lost",
    "make made",
    "mean meant",
    "meet met",
    "pay paid",
    "ride rode ridden",
    "ring rang rung",
    "rise risen >rose",
    "run ran",
    "say said",
    "see seen >saw",
    "seek sought",
    "sell sold",
    "send sent",
    "shake shook shaken",
    "shine shone",
    "shoot shot",
    "shrink shrank shrunk",
    "sing sang sung",
    "sink sank sunk",
    "sit sat",
    "sleep slept",
    "slide slid",
    "speak spoke spoken",
    "spend spent",
    "spin spun",
    "stand stood",
    "steal stole stolen",
    "stick stuck",
    "strike struck",
    "swear swore sworn",
    "sweep swept",
    "swim swam swum",
    "swing swung",
    "take took",
    "teach taught",
    "tear tore torn",
    "tell told",
    "think thought",
    "throw threw thrown",
    "understand understood",
    "wake woke woken",
    "wear wore worn",
    "win won",
    "wind >wound",
    "withdraw withdrew withdrawn",
    "write wrote written",
    "foot feet",
    "tooth teeth",
    "mouse mice",
    "man men",
    "woman women",
    "person people",
    "life lives",
    "knife knives",
    "half halves",
    "shelf shelves",
    "wolf wolves",
    "thief thieves",
    "loaf loaves",
    "index indices",
    "axis axes",
    NULL,
};

/* As they stand without a prefix; a participle keeps its "ge". */
static const char *const german[] = {
    "beginnen begann begonnen",
    "bieten bot geboten",
    "binden band gebunden",
    "bitten bat gebeten",
    "bleiben blieb geblieben",
    "brechen bricht brach gebrochen",
    "brennen brannte gebrannt",
    "bringen brachte gebracht",
    "denken dachte gedacht",
    "essen isst ass gegessen",
    "fahren fuhr gefahren",
    "fallen fiel gefallen",
    "fangen fing gefangen",
    "finden fand gefunden",
    "fliegen flog geflogen",
    "fliessen floss geflossen",
    "frieren fror gefroren",
    "geben gibt gab gegeben",
    "gehen ging gegangen",
    "gelten gilt galt gegolten",
    "gewinnen gewann gewonnen",
    "giessen goss gegossen",
    "greifen griff gegriffen",
    "halten hielt gehalten",
    "hangen hing gehangen",
    "heben hob gehoben",
    "helfen hilft half geholfen",
    "kennen kannte gekannt",
    "kommen kam gekommen",
    "laden lud geladen",
    "lassen liess gelassen",
    "laufen lief gelaufen",
    "leihen lieh geliehen",
    "lesen liest las gelesen",
    "liegen lag gelegen",
    "nehmen nimmt nahm genommen",
    "nennen nannte genannt",
    "raten riet geraten",
    "reissen riss gerissen",
    "rufen rief gerufen",
    "scheiden schied geschieden",
    "schieben schob geschoben",
    "schlafen schlief geschlafen",
    "schlagen schlug geschlagen",
    "schliessen schloss geschlossen",
    "schneiden schnitt geschnitten",
    "schreiben schrieb geschrieben",
    "schwimmen schwamm geschwommen",
    "sehen sieht sah gesehen",
    "singen sang gesungen",
    "sinken sank gesunken",
    "sitzen sass gesessen",
    "sprechen spricht sprach gesprochen",
    "springen sprang gesprungen",
    "stehen stand gestanden",
    "stehlen stiehlt stahl gestohlen",
    "steigen stieg gestiegen",
    "sterben stirbt starb gestorben",
    "streichen strich gestrichen",
    "tragen trug getragen",
    "treffen trifft traf getroffen",
    "treiben trieb getrieben",
    "treten tritt trat getreten",
    "trinken trank getrunken",
    "verlieren verlor verloren",
    "wachsen wuchs gewachsen",
    "waschen wusch gewaschen",
    "weisen wies gewiesen",
    "werfen wirft warf geworfen",
    "wiegen wog gewogen",
    "ziehen zog gezogen",
    NULL,
};

static const char *const czech[] = {
    "dite ditete deti detem", "rok roku roky let",
    "penize penez penezi",    "jit jde sel",
    "jet jede jel",           NULL,
};

struct forms {
    struct core_pool *pool;
    struct core_str *at;
    size_t count;
};

static void add(struct forms *f, struct core_str first, struct core_str middle, const char *last)
{
    char form[3 * AI_WORD_MAX];
    size_t end = strlen(last), len = first.len + middle.len + end;
    if (f->count == AI_WORD_FORMS || len > AI_WORD_MAX)
        return;
    memcpy(form, first.ptr, first.len);
    memcpy(form + first.len, middle.ptr, middle.len);
    memcpy(form + first.len + middle.len, last, end);
    struct core_str copy = core_pool_str(f->pool, core_strn(form, len));
    if (copy.ptr)
        f->at[f->count++] = copy;
}

/* The next word of a row; *only: it is only looked for. */
static bool next(struct core_str *row, struct core_str *ret, bool *only)
{
    if (!core_str_split(row, ' ', ret))
        return false;
    *only = *only || ret->ptr[0] == '>';
    if (ret->ptr[0] == '>')
        *ret = core_strn(ret->ptr + 1, ret->len - 1);
    return true;
}

/* The row that has the word, or nothing. */
static struct core_str row_of(const char *const *rows, struct core_str word)
{
    for (; *rows; rows++) {
        struct core_str row = core_str(*rows), form;
        bool only = false;
        while (next(&row, &form, &only) && !only)
            if (core_str_eq(form, word))
                return core_str(*rows);
    }
    return CORE_STR("");
}

/* The other words of a row, behind a prefix; `bare`: their "ge" goes. */
static void add_row(struct forms *f, struct core_str row, struct core_str word,
                    struct core_str prefix, bool bare)
{
    struct core_str form;
    bool only = false;
    while (row.len > 0 && next(&row, &form, &only)) {
        bool same = core_str_eq(form, word);
        if (bare && core_str_starts(form, CORE_STR("ge")) && form.len > 6)
            form = core_strn(form.ptr + 2, form.len - 2);
        if (!same)
            add(f, prefix, form, "");
    }
}

/* --- German --------------------------------------------------------------------------------- */

/* Of a verb: what its participle puts before the "ge", and what takes the place of it. */
static const char *const apart[] = {"ab",   "an",  "auf", "aus",    "bei",      "durch", "ein",
                                    "fest", "her", "hin", "los",    "mit",      "nach",  "um",
                                    "vor",  "weg", "zu",  "zuruck", "zusammen", NULL};
static const char *const joined[] = {"be", "ent", "er", "ver", "zer", NULL};

/* "kaufen" ↔ "gekauft", "abholen" ↔ "abgeholt". */
static void add_weak(struct forms *f, struct core_str prefix, struct core_str rest)
{
    char infinitive[AI_WORD_MAX + 1];
    if (rest.len > 4 && core_str_ends(rest, CORE_STR("en"))) {
        size_t n = rest.len - 2;
        bool dental = rest.ptr[n - 1] == 't' || rest.ptr[n - 1] == 'd';
        memcpy(infinitive, "ge", 2);
        memcpy(infinitive + 2, rest.ptr, n);
        add(f, prefix, core_strn(infinitive, n + 2), dental ? "et" : "t");
    } else if (rest.len > 5 && core_str_starts(rest, CORE_STR("ge")) &&
               core_str_ends(rest, CORE_STR("t"))) {
        size_t end = rest.len - (core_str_ends(rest, CORE_STR("tet")) ? 2 : 1);
        add(f, prefix, core_strn(rest.ptr + 2, end - 2), "en");
    }
}

static bool add_german(struct forms *f, struct core_str word, struct core_str prefix, bool bare)
{
    struct core_str rest = core_strn(word.ptr + prefix.len, word.len - prefix.len);
    struct core_str row = row_of(german, rest);
    if (bare && !row.len &&
        rest.len <= AI_WORD_MAX - 2) { /* "verschlossen": the "ge" is not there */
        char whole[AI_WORD_MAX];
        memcpy(whole, "ge", 2);
        memcpy(whole + 2, rest.ptr, rest.len);
        row = row_of(german, core_strn(whole, rest.len + 2));
        rest = row.len ? core_strn(whole, rest.len + 2) : rest;
        add_row(f, row, rest, prefix, bare);
        return row.len > 0;
    }
    add_row(f, row, rest, prefix, bare);
    return row.len > 0;
}

static void german_forms(struct forms *f, struct core_str word)
{
    if (add_german(f, word, CORE_STR(""), false))
        return;
    for (size_t i = 0; apart[i]; i++)
        if (core_str_starts(word, core_str(apart[i])) &&
            add_german(f, word, core_str(apart[i]), false))
            return;
    for (size_t i = 0; joined[i]; i++)
        if (core_str_starts(word, core_str(joined[i])) &&
            add_german(f, word, core_str(joined[i]), true))
            return;
    struct core_str prefix = CORE_STR("");
    for (size_t i = 0; apart[i]; i++)
        if (core_str_starts(word, core_str(apart[i])) && strlen(apart[i]) > prefix.len)
            prefix = core_str(apart[i]);
    add_weak(f, prefix, core_strn(word.ptr + prefix.len, word.len - prefix.len));
    if (prefix.len)
        add_weak(f, CORE_STR(""), word);
}

/* --- Czech ---------------------------------------------------------------------------------- */

static bool is_consonant(char c)
{
    return c >= 'a' && c <= 'z' && !strchr("aeiouy", c);
}

/* "nájem", "nájmu"; "týden", "týdne". */
static void czech_forms(struct forms *f, struct core_str word)
{
    static const char *const endings[] = {"u", "e", "y", "a"};
    struct core_str row = row_of(czech, word);
    add_row(f, row, word, CORE_STR(""), false);
    if (row.len || word.len < 3)
        return;
    const char *end = word.ptr + word.len - 1;
    if (end[-1] != 'e' || !is_consonant(*end) || !is_consonant(end[-2]))
        return;
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++)
        add(f, core_strn(word.ptr, word.len - 2), core_strn(end, 1), endings[i]);
}

size_t ai_word_forms(struct core_pool *pool, struct core_str folded, enum ai_lang lang,
                     struct core_str ret[static AI_WORD_FORMS])
{
    struct forms f = {pool, ret, 0};
    if (folded.len > AI_WORD_MAX)
        return 0;
    switch (lang) {
    case AI_LANG_EN:
        add_row(&f, row_of(english, folded), folded, CORE_STR(""), false);
        break;
    case AI_LANG_DE:
        german_forms(&f, folded);
        break;
    case AI_LANG_CS:
        czech_forms(&f, folded);
        break;
    case AI_LANG_ES:
    case AI_LANG_OTHER:
        break;
    }
    return f.count;
}
