/* lex.h: questions as lists of tokens and forms, and the word lists. The guard's files
 * only. */
#ifndef AI_GUARD_LEX_H
#define AI_GUARD_LEX_H

#include "ai/guard/guard.h"
#include "ai/text/lang.h"
#include "core/limits.h"

enum {
    GUARD_NAME = 1,   /* capital inside the sentence: compared letter by letter */
    GUARD_CODE = 2,   /* holds something else than letters and digits, or is written in capitals to
                       tell it from a common word ("US", "WHO"): case counts */
    GUARD_FIRST = 4,  /* stood first in the question */
    GUARD_BREAK = 8,  /* a word that was dropped stood before it */
    GUARD_OWNER = 16, /* had a possessive 's */
    GUARD_VERB = 32,  /* an inflected verb: "changed", "changing" stand for "change" */
    GUARD_COMMA = 64, /* a comma behind it */
    GUARD_PROPER = 128,   /* a capital, then small letters, inside the sentence: "Bill" */
    GUARD_ARTICLE = 2048, /* an article was dropped before it: "the bill" */
    /* German: what the article in front says about the case. */
    GUARD_CASE_SUBJECT = 256,
    GUARD_CASE_OBJECT = 512,
    GUARD_CASE_DATIVE = 1024,
    GUARD_CASES = 256 | 512 | 1024,
    /* Czech: the one noun of the question, whose case says only how it was put. */
    GUARD_LOOSE = 4096,    /* subject or object */
    GUARD_GENITIVE = 8192, /* subject or genitive */
    GUARD_DEFINITE = 16384 /* English: behind "the" or "my": one thing or several matters */
};
struct guard_token {
    char text[AI_LIMIT_GUARD_WORD];
    unsigned flags;
};
struct guard_tokens {
    struct guard_token at[AI_LIMIT_GUARD_WORDS];
    size_t count;
};

/* False when the question has too many or too long words to be judged. */
bool guard_lex(struct core_str question, enum ai_lang lang, struct guard_tokens *ret);
/* Replaces set phrases ("can you tell me", "is there a way to" …) by plain ones. */
void guard_rewrite(struct guard_tokens *tokens, enum ai_lang lang);

enum guard_subject {
    GUARD_SUBJECT_NONE, /* a noun, or none */
    GUARD_SUBJECT_I,
    GUARD_SUBJECT_WE,
    GUARD_SUBJECT_YOU,
    GUARD_SUBJECT_ONE,
    GUARD_SUBJECT_THEY,
    GUARD_SUBJECT_PASSIVE, /* nobody is named: "is changed", "can be changed" */
};
/* What is left of a question. */
struct guard_form {
    char type;                  /* GUARD_TYPE_… */
    char tense;                 /* 0, 'p' past, 'r' perfect, 'f' future */
    enum guard_subject subject; /* the pronoun that was taken out */
    bool is;                    /* "what is", "how are": asks for a thing by its name */
    bool verbal;                /* holds a verb besides "be" */
    bool needs;                 /* the verb is "need" or "use" */
    bool aside;                 /* what is asked about is not what is acted upon: "on which" */
    bool turned;                /* a passive with its agent was made active */
    char number;                /* German: 's' or 'p', what the auxiliary says; 0 unknown */
    char modal[12];             /* "can", "must" … or "" */
    struct guard_tokens items, floating; /* in order; anywhere */
};
struct guard_language;
/* Tokens → form. One for each language that has lists. */
void guard_parse_english(const struct guard_language *l, struct guard_tokens *all,
                         struct guard_form *f);
void guard_parse_czech(const struct guard_language *l, struct guard_tokens *all,
                       struct guard_form *f);
void guard_parse_german(const struct guard_language *l, struct guard_tokens *all,
                        struct guard_form *f);

/* The last step of guard_parse_english(): `asked` items say what is asked about. */
void guard_shape_english(const struct guard_language *l, struct guard_form *f, size_t asked);
/* The last step of guard_parse_german(). */
void guard_shape_german(const struct guard_language *l, struct guard_form *f);

/* --- Tokens --------------------------------------------------------------------------------- */

/* Takes token `at` out; the next one is marked GUARD_BREAK. */
void guard_drop(struct guard_tokens *tokens, size_t at);
/* Token `from` is put before the one that is at `to` now. */
void guard_move(struct guard_tokens *tokens, size_t from, size_t to);
/* The first n tokens go to the end. */
void guard_rotate(struct guard_tokens *tokens, size_t n);
/* Puts a word; false when there is no room. */
bool guard_insert(struct guard_tokens *tokens, size_t at, const char *word, unsigned flags);
/* The token at `at` is the word; false beyond the end. */
bool guard_is(const struct guard_tokens *tokens, size_t at, const char *word);
/* The token at `at` stands in the list; false beyond the end. */
bool guard_in(const struct guard_tokens *tokens, size_t at, const char *list);
bool guard_ends(const char *word, const char *tail);
/* "If I am late, what happens" → "what happens if I am late". */
void guard_turn_clause(struct guard_tokens *tokens, const char *conjunctions);
/* Takes the question word out and sets f->type; its place, or −1. */
int guard_take_type(const struct guard_language *l, struct guard_tokens *tokens,
                    struct guard_form *f);
/* The type of question that a word asks, or GUARD_TYPE_NONE. */
char guard_wh_type(const struct guard_language *l, const char *word);

/* --- Verbs ---------------------------------------------------------------------------------- */

enum { GUARD_BASES_MAX = 6 };
typedef char guard_bases[GUARD_BASES_MAX][AI_LIMIT_GUARD_WORD + 1];
/* The word and what it may be a plural, or if it has GUARD_VERB an inflected form of. */
size_t guard_english_bases(const struct guard_token *token, guard_bases ret);
bool guard_english_participle(const char *word);
bool guard_english_past(const char *word);
/* "entlüfte", "entlüften", "entlüftet" → "entlüft". A strong past sets f->tense. */
void guard_german_stem(char *word, bool participle, bool infinitive, struct guard_form *f);
/* Two cases of one Czech word; in the genitive or as an object. */
bool guard_czech_same(const char *a, const char *b, bool genitive);
/* Nouns are written with a capital; the first word of a question tells nothing. */
bool guard_german_noun(const struct guard_tokens *tokens, size_t at);

/* --- Word lists ----------------------------------------------------------------------------- */

enum guard_where {
    GUARD_ANYWHERE,
    GUARD_START,    /* only at the beginning of the question */
    GUARD_BEFORE_WH /* only at the beginning, with a question word behind */
};
struct guard_phrase {
    const char *from, *to; /* words separated by single spaces; `to` is never longer */
    enum guard_where where;
};
struct guard_wh {
    const char *words;
    char type; /* one of GUARD_TYPE_… */
};
enum {
    GUARD_TYPE_NONE = 0,
    GUARD_TYPE_WHAT = 'w',
    GUARD_TYPE_WHO = 'p',
    GUARD_TYPE_WHOM = 'q',
    GUARD_TYPE_WHOSE = 's',
    GUARD_TYPE_WHERE = 'l',
    GUARD_TYPE_WHERE_TO = 't',
    GUARD_TYPE_WHERE_FROM = 'f',
    GUARD_TYPE_WHEN = 'd',
    GUARD_TYPE_TIME = 'c', /* what time */
    GUARD_TYPE_DATE = 'e', /* what date */
    GUARD_TYPE_DAY = 'a',  /* which day */
    GUARD_TYPE_UNTIL = 'u',
    GUARD_TYPE_BY = 'g', /* by when */
    GUARD_TYPE_SINCE = 'v',
    GUARD_TYPE_WHY = 'y',
    GUARD_TYPE_HOW = 'h',
    GUARD_TYPE_MEASURE = 'm', /* how long, how often */
    GUARD_TYPE_HOW_MANY = 'n',
    GUARD_TYPE_YES_NO = 'b'
};
/* Each list is words separated by spaces; "" when there is none. */
struct guard_language {
    const char *article;     /* dropped; marks the noun that follows */
    const char *neutral;     /* dropped everywhere */
    const char *preposition; /* ends a noun phrase */
    const char *system;   /* where things run: "in Debian", "on Debian", "under Debian" are one */
    const char *adverb;   /* may stand behind the subject or at the end */
    const char *standard; /* "default": may stand before or behind its noun */
    const char *courtesy; /* what a question may begin with before it begins … */
    const char *request;  /* … if one of these is among it */
    const char *accented; /* words that are none without their diacritics */
    const struct guard_wh *wh;
    const struct guard_phrase *phrases;
    const char *const *synonyms; /* groups of words that mean the same, NULL-terminated */
    void (*parse)(const struct guard_language *l, struct guard_tokens *all, struct guard_form *f);
};
extern const struct guard_language guard_english, guard_czech, guard_german;
/* NULL for languages without lists. */
const struct guard_language *guard_language(enum ai_lang lang);
/* `word` (NUL-terminated) stands in the list. */
bool guard_listed(const char *list, const char *word);
/* The group of synonyms a word stands in, or −1. */
int guard_synonym(const struct guard_language *l, const char *word);

#endif
