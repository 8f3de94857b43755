/* guard_lex.h: questions as lists of tokens, and the word lists. Shared by the guard's files only. */
#ifndef AI_GUARD_LEX_H
#define AI_GUARD_LEX_H

#include "ai/guard.h"
#include "ai/lang.h"
#include "core/limits.h"

enum {
    GUARD_NAME = 1, /* capital inside the sentence: compared letter by letter */
    GUARD_CODE =
        2, /* holds something else than letters and digits, or is written in capitals to tell
                        it from a common word ("US", "WHO"): case counts */
    GUARD_FIRST = 4,      /* stood first in the question */
    GUARD_BREAK = 8,      /* a word that was dropped stood before it */
    GUARD_OWNER = 16,     /* had a possessive 's */
    GUARD_AFTER_BE = 32,  /* a form of "be" was dropped right before it */
    GUARD_PARTICIPLE = 64 /* "changed" stands for "change" */
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

/* What is left of a question. */
struct guard_form {
    char type;                           /* GUARD_TYPE_… */
    bool is;                             /* "what is", "how are" */
    struct guard_tokens items, floating; /* in order; anywhere */
};
struct guard_language;
/* Brings different ways to say the same into one order. */
void guard_shape(const struct guard_language *language, struct guard_form *form);
bool guard_ends_adverb(const struct guard_language *language, const char *word);

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
    GUARD_TYPE_WHY = 'y',
    GUARD_TYPE_HOW = 'h',
    GUARD_TYPE_HOW_MANY = 'n',
    GUARD_TYPE_YES_NO = 'b'
};
/* Each list is words separated by spaces; "" when there is none. */
struct guard_language {
    const char *article; /* dropped; marks the noun that follows */
    const char *neutral; /* dropped everywhere */
    const char *place;   /* prepositions that begin a movable phrase; dropped before a `system` */
    const char *system;  /* where things run: "in Debian", "on Debian", "under Debian" are one */
    const char *self;    /* "I", dropped behind an auxiliary */
    const char *anybody; /* "you", the same in how-questions */
    const char *own;    /* pairs "subject possessive": the possessive is dropped with its subject */
    const char *be;     /* dropped in wh-questions */
    const char *can;    /* dropped in how-, where-, when- and why-questions */
    const char *should; /* dropped in how-questions */
    const char *past;   /* auxiliaries that mark the past: kept as such */
    const char *locate; /* participles dropped in where-questions */
    const char *adverb_end; /* what adverbs end with besides … */
    const char *no_adverb;  /* … except these words */
    const char *adverb;     /* may stand behind the subject or at the end */
    const char *standard;   /* "default": may stand before or behind its noun */
    const char *of;         /* "X of Y" is "Y X" */
    const char *to_after;   /* words after which `to` is only an infinitive's */
    const struct guard_wh *wh;
    const struct guard_phrase *phrases;
    const char *const *synonyms; /* groups of words that mean the same, NULL-terminated */
};
/* NULL for languages without lists. */
const struct guard_language *guard_language(enum ai_lang lang);
/* `word` (NUL-terminated) stands in the list. */
bool guard_listed(const char *list, const char *word);

#endif
