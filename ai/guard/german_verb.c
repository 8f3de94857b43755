/* german_verb.c: forms of German verbs → their stems. */
#include "ai/guard/lex.h"

static const char prefixes[] = "ab an auf aus bei ein fest her hin los mit nach um vor weg zu "
                               "zurück zusammen unter über be ver er ent";

/* Stem, third person, past, participle of those that change their vowel. */
static const char *const strong_verbs[] = {"back bäckt backte gebacken",
                                           "beginn beginnt begann begonnen",
                                           "bind bindet band gebunden",
                                           "bleib bleibt blieb geblieben",
                                           "brech bricht brach gebrochen",
                                           "bring bringt brachte gebracht",
                                           "denk denkt dachte gedacht",
                                           "ess isst aß gegessen",
                                           "fahr fährt fuhr gefahren",
                                           "fall fällt fiel gefallen",
                                           "fang fängt fing gefangen",
                                           "find findet fand gefunden",
                                           "flieg fliegt flog geflogen",
                                           "frier friert fror gefroren",
                                           "geb gibt gab gegeben",
                                           "geh geht ging gegangen",
                                           "gieß gießt goss gegossen",
                                           "halt hält hielt gehalten",
                                           "heb hebt hob gehoben",
                                           "helf hilft half geholfen",
                                           "kenn kennt kannte gekannt",
                                           "komm kommt kam gekommen",
                                           "lad lädt lud geladen",
                                           "lass lässt ließ gelassen",
                                           "lauf läuft lief gelaufen",
                                           "leih leiht lieh geliehen",
                                           "les liest las gelesen",
                                           "lieg liegt lag gelegen",
                                           "nehm nimmt nahm genommen",
                                           "rat rät riet geraten",
                                           "ruf ruft rief gerufen",
                                           "schließ schließt schloss geschlossen",
                                           "schneid schneidet schnitt geschnitten",
                                           "schreib schreibt schrieb geschrieben",
                                           "seh sieht sah gesehen",
                                           "sitz sitzt saß gesessen",
                                           "sprech spricht sprach gesprochen",
                                           "steh steht stand gestanden",
                                           "stehl stiehlt stahl gestohlen",
                                           "steig steigt stieg gestiegen",
                                           "sterb stirbt starb gestorben",
                                           "trag trägt trug getragen",
                                           "treff trifft traf getroffen",
                                           "treib treibt trieb getrieben",
                                           "trink trinkt trank getrunken",
                                           "tu tut tat getan",
                                           "vergess vergisst vergaß vergessen",
                                           "verlier verliert verlor verloren",
                                           "wasch wäscht wusch gewaschen",
                                           "werf wirft warf geworfen",
                                           "wieg wiegt wog gewogen",
                                           "zieh zieht zog gezogen",
                                           NULL};

/* Bytes of the longest prefix that leaves more than `rest` bytes. */
static size_t prefix_of(const char *w, size_t n, size_t rest)
{
    size_t at = 0;
    struct core_str list = core_str(prefixes), prefix;
    while (core_str_split(&list, ' ', &prefix))
        if (n > prefix.len + rest && !memcmp(w, prefix.ptr, prefix.len))
            at = prefix.len > at ? prefix.len : at;
    return at;
}

/* The word without its prefix may be a form, and behind one that keeps no "ge" a participle lacks
 * it too ("unterschrieben"). */
static bool is_form(struct core_str form, int column, const char *w, bool participle)
{
    if (core_str_eq_c(form, w))
        return column != 3 || participle;
    return column == 3 && participle && form.len > 2 && !memcmp(form.ptr, "ge", 2) &&
           core_str_eq_c(core_strn(form.ptr + 2, form.len - 2), w);
}

/* Puts the stem of a strong verb; its past makes the question past. */
static bool strong(char *w, bool participle, struct guard_form *f)
{
    size_t n = strlen(w), cuts[2] = {0, prefix_of(w, n, 1)};
    for (int cut = 0; cut < 2; cut++)
        for (size_t i = 0; strong_verbs[i] && (!cut || cuts[cut]); i++) {
            struct core_str rest = core_str(strong_verbs[i]), stem, form;
            core_str_split(&rest, ' ', &stem);
            for (int column = 1; core_str_split(&rest, ' ', &form); column++) {
                if (!is_form(form, column, w + cuts[cut], participle))
                    continue;
                if (column == 2 && !participle)
                    f->tense = 'p';
                memcpy(w + cuts[cut], stem.ptr, stem.len);
                w[cuts[cut] + stem.len] = '\0';
                return column != 2 || !participle;
            }
        }
    return false;
}

bool guard_german_noun(const struct guard_tokens *t, size_t at)
{
    return at < t->count && (t->at[at].flags & (GUARD_NAME | GUARD_CODE));
}

/* "entlüfte", "entlüften", "entlüftet" → "entlüft"; "eingeschaltet" → "einschalt". */
void guard_german_stem(char *w, bool participle, bool infinitive, struct guard_form *f)
{
    if (strong(w, participle, f))
        return;
    size_t n = strlen(w);
    static const char *const ends[] = {"en", "et", "st", "e", "t", "n"};
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
        if (n > strlen(ends[i]) + 2 && guard_ends(w, ends[i])) {
            w[n -= strlen(ends[i])] = '\0';
            break;
        }
    /* "ich wechsle" */
    if (n > 4 && w[n - 1] == 'l' && strchr("bdfgkmnpstz", w[n - 2]) &&
        n + 2 < AI_LIMIT_GUARD_WORD) {
        memcpy(w + n - 1, "el", 3);
        n++;
    }
    size_t at = prefix_of(w, n, 5);
    /* "gehört" may be what belongs, not what was heard. */
    if (participle && n > at + 5 && !memcmp(w + at, "ge", 2))
        memmove(w + at, w + at + 2, n - at - 1);
    else if (infinitive && at && n > at + 5 && !memcmp(w + at, "zu", 2))
        memmove(w + at, w + at + 2, n - at - 1);
}
