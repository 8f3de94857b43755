/* english_verb.c: forms of English words → the words they are forms of. */
#include "ai/guard/lex.h"

/* Base, past, participle. Those whose forms are also other common words ("found", "left", "saw")
 * stand here too: forms count only where a verb is expected. */
static const char *const irregular[] = {"be was been",
                                        "be were been",
                                        "become became become",
                                        "begin began begun",
                                        "bend bent bent",
                                        "bind bound bound",
                                        "bite bit bitten",
                                        "bleed bled bled",
                                        "blow blew blown",
                                        "break broke broken",
                                        "bring brought brought",
                                        "build built built",
                                        "burn burnt burnt",
                                        "buy bought bought",
                                        "catch caught caught",
                                        "choose chose chosen",
                                        "come came come",
                                        "cost cost cost",
                                        "cut cut cut",
                                        "deal dealt dealt",
                                        "do did done",
                                        "draw drew drawn",
                                        "drink drank drunk",
                                        "drive drove driven",
                                        "eat ate eaten",
                                        "fall fell fallen",
                                        "feed fed fed",
                                        "feel felt felt",
                                        "fight fought fought",
                                        "find found found",
                                        "fly flew flown",
                                        "forget forgot forgotten",
                                        "freeze froze frozen",
                                        "get got got",
                                        "get got gotten",
                                        "give gave given",
                                        "go went gone",
                                        "grow grew grown",
                                        "hang hung hung",
                                        "have had had",
                                        "hear heard heard",
                                        "hide hid hidden",
                                        "hold held held",
                                        "keep kept kept",
                                        "know knew known",
                                        "lay laid laid",
                                        "lead led led",
                                        "learn learnt learnt",
                                        "leave left left",
                                        "lend lent lent",
                                        "let let let",
                                        "lose lost lost",
                                        "make made made",
                                        "mean meant meant",
                                        "meet met met",
                                        "pay paid paid",
                                        "put put put",
                                        "read read read",
                                        "ride rode ridden",
                                        "ring rang rung",
                                        "rise rose risen",
                                        "run ran run",
                                        "say said said",
                                        "see saw seen",
                                        "sell sold sold",
                                        "send sent sent",
                                        "set set set",
                                        "shut shut shut",
                                        "show showed shown",
                                        "sing sang sung",
                                        "sit sat sat",
                                        "sleep slept slept",
                                        "speak spoke spoken",
                                        "spend spent spent",
                                        "stand stood stood",
                                        "steal stole stolen",
                                        "stick stuck stuck",
                                        "sweep swept swept",
                                        "swim swam swum",
                                        "take took taken",
                                        "teach taught taught",
                                        "tell told told",
                                        "think thought thought",
                                        "throw threw thrown",
                                        "understand understood understood",
                                        "wake woke woken",
                                        "wear wore worn",
                                        "win won won",
                                        "write wrote written",
                                        NULL};

static const char no_ed[] = "need feed seed speed weed indeed bed red shed wed embed hundred "
                            "kindred sacred naked wicked rugged exceed proceed succeed";

static bool has_vowel(const char *w, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (strchr("aeiouy", w[i]))
            return true;
    return false;
}

static bool ends_ed(const char *w)
{
    size_t n = strlen(w);
    return n >= 4 && guard_ends(w, "ed") && has_vowel(w, n - 2) && !guard_listed(no_ed, w);
}

/* The base of which `word` is the form `column` (1 past, 2 participle) or any (0). */
static bool irregular_base(const char *word, int column, char *ret)
{
    for (size_t i = 0; irregular[i]; i++) {
        struct core_str rest = core_str(irregular[i]), base, form;
        core_str_split(&rest, ' ', &base);
        for (int at = 1; core_str_split(&rest, ' ', &form); at++) {
            if ((column && at != column) || !core_str_eq_c(form, word))
                continue;
            memcpy(ret, base.ptr, base.len);
            ret[base.len] = '\0';
            return true;
        }
    }
    return false;
}

bool guard_english_participle(const char *word)
{
    char base[AI_LIMIT_GUARD_WORD];
    return ends_ed(word) || irregular_base(word, 2, base);
}

bool guard_english_past(const char *word)
{
    char base[AI_LIMIT_GUARD_WORD];
    return ends_ed(word) || (irregular_base(word, 1, base) && strcmp(word, base) != 0);
}

static void add(guard_bases out, size_t *count, const char *w, size_t n, const char *tail)
{
    if (*count == GUARD_BASES_MAX)
        return;
    memcpy(out[*count], w, n);
    memcpy(out[(*count)++] + n, tail, strlen(tail) + 1);
}

static void add_plural(guard_bases out, size_t *count, const char *w)
{
    size_t n = strlen(w);
    if (n >= 4 && w[n - 1] == 's' && !strchr("suiao", w[n - 2]))
        add(out, count, w, n - 1, "");
    if (n >= 5 && (guard_ends(w, "ses") || guard_ends(w, "xes") || guard_ends(w, "zes") ||
                   guard_ends(w, "ches") || guard_ends(w, "shes")))
        add(out, count, w, n - 2, "");
    if (n >= 5 && guard_ends(w, "ies"))
        add(out, count, w, n - 3, "y");
    if (!strcmp(w, "has"))
        add(out, count, "have", 4, "");
    if (!strcmp(w, "goes"))
        add(out, count, "go", 2, "");
}

size_t guard_english_bases(const struct guard_token *t, guard_bases out)
{
    const char *w = t->text;
    size_t n = strlen(w), count = 0;
    add(out, &count, w, n, "");
    add_plural(out, &count, w);
    if (!(t->flags & GUARD_VERB))
        return count;
    char base[AI_LIMIT_GUARD_WORD];
    if (irregular_base(w, 0, base))
        add(out, &count, base, strlen(base), "");
    bool ing = n >= 6 && guard_ends(w, "ing");
    if (!ing && !ends_ed(w))
        return count;
    size_t stem = n - (ing ? 3 : 2);
    if (!has_vowel(w, stem))
        return count;
    add(out, &count, w, stem, "");
    add(out, &count, w, stem, "e");
    if (w[stem - 1] == 'i' && !ing)
        add(out, &count, w, stem - 1, "y");
    if (stem > 2 && w[stem - 1] == w[stem - 2] && !strchr("sfz", w[stem - 1]))
        add(out, &count, w, stem - 1, "");
    return count;
}
