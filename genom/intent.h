/*
 * intent.h: what is between genom/intent_read.c, intent_clause.c and intent.c. Only for genom/.
 *
 * A message becomes marks: words and phrases that say something about an intent, by their role;
 * other words; what separates. Roles of phrases: genom/intent/<language>.txt, of which
 * tools/intent-table makes genom/intent_table.h.
 */
#ifndef GENOM_INTENT_H
#define GENOM_INTENT_H

#include "genom/genom.h"

enum { GENOM__EN, GENOM__CS, GENOM__DE, GENOM__ES, GENOM__LANGS };

enum genom__role {
    ROLE_NONE,     /* a word that says nothing */
    ROLE_HI,       /* hello */
    ROLE_HIWEAK,   /* hey: a greeting if nothing else is said */
    ROLE_HIBYE,    /* ahoj: on meeting and on parting */
    ROLE_PHATIC,   /* how are you: asked out of politeness */
    ROLE_BYE,      /* see you */
    ROLE_BYEWEAK,  /* until tomorrow: only at the beginning */
    ROLE_THANK,    /* thank you */
    ROLE_THANKTO,  /* thanks to …: names a cause */
    ROLE_SORRY,    /* I'm sorry */
    ROLE_SORRYNOT, /* sorry to hear: no apology */
    ROLE_EXCUSE,   /* excuse me: an apology if nothing else is said */
    ROLE_YES,      /* yes, sounds good: whatever follows */
    ROLE_YESWEAK,  /* ok, great: if nothing else is said */
    ROLE_YESALONE, /* I do: if nothing follows */
    ROLE_NO,       /* no, I disagree */
    ROLE_NOWEAK,   /* false, I didn't: if nothing follows */
    ROLE_NOLEAD,   /* no one: looks like no, but is not */
    ROLE_WH,       /* what, how many */
    ROLE_ASK,      /* is there, did you: a question at the beginning */
    ROLE_WONDER,   /* does anyone know: a question, with or without its mark */
    ROLE_AUX,      /* had: a question before I, you, it … */
    ROLE_MODAL,    /* could you: a request by form of a question */
    ROLE_MODALI,   /* may I */
    ROLE_ABLE,     /* hear: after could you a question about ability; at the beginning like VERB */
    ROLE_TELL, /* tell me: after could you and before what a question; at the beginning like WANT */
    ROLE_PLEASE,
    ROLE_WANT, /* I need, give me, don't forget */
    ROLE_VERB, /* restart: a request at the beginning */
    ROLE_LETS,
    ROLE_FILL,   /* so, guys: may stand before anything */
    ROLE_PRON,   /* I: begins a statement */
    ROLE_DET,    /* the: the same */
    ROLE_FUNC,   /* of: tells the language */
    ROLE_IF,     /* if: a condition, not what is */
    ROLE_PAST,   /* yesterday: it is over */
    ROLE_CALM,   /* fixed, drill: no alarm */
    ROLE_HELP,   /* help: an alarm if nothing else is said */
    ROLE_A3,     /* on fire: an alarm */
    ROLE_URGENT, /* urgent: an alarm, but less than what is requested */
    ROLE_FAIL,   /* crashed: an alarm if it is said of something that matters */
    ROLE_FAILT,  /* down: the same, and else nothing */
    ROLE_THING,  /* the server: what matters */
    ROLE_URGE,   /* now */
    ROLE_NUMBER,
    ROLE_SLASH, /* /restart */
    /* What separates, from the least to the most. */
    ROLE_COMMA,
    ROLE_STOP,
    ROLE_BANG,
    ROLE_ASKED, /* a question mark */
};

struct genom__mark {
    uint32_t tail; /* the last three letters of its first word, plain; the last of all lowest */
    uint8_t role;
    uint8_t words; /* how many it stands for; 0: a sign */
    bool capital;  /* its first letter is */
    bool loud;     /* all of two or more letters are capitals */
};

/* Both ends of a long message say what it is for; no more marks than these are looked at. */
#define GENOM__MARKS 256

struct genom__said {
    struct genom__mark marks[GENOM__MARKS];
    unsigned count;
    unsigned lang;
};

/* Reads any bytes, of a long text only the beginning and the end. */
void genom__intent_read(const char *text, size_t len, struct genom__said *ret_said);

/* --- What clauses say: genom/intent_clause.c ------------------------------------------------ */

/* How much something says. */
enum { NOTHING, HINT, LIKELY, SURE };

/* What was said in the clauses up to here. When something was
 * first said (the number of its clause from 1; 0: never). */
struct genom__notes {
    unsigned clause;
    unsigned hi, phatic, bye, thank, sorry, yes, yes_weak, no, no_weak;
    unsigned told_first;       /* clause of the first thing told */
    bool thank_for, sorry_for; /* and for what */
    bool hi_weak, parting_hi;
    bool excuse;
    unsigned told; /* words that tell something */
    unsigned request, question;
    unsigned request_at, question_at;
    int alarm;
};

/* A sentence, and where in it we are. */
struct genom__sentence {
    const struct genom__mark *marks;
    unsigned from, to; /* without the sign at its end */
    unsigned lang;
    bool asked, loud;
    bool open; /* so far only words that lead in, or a condition */
    bool asks, requests;
    bool social; /* thanks or apologizes: what it names is no alarm */
};

/* Notes what marks at … end − 1, the next clause of a sentence, say. */
void genom__intent_clause(struct genom__notes *n, struct genom__sentence *s, unsigned at,
                          unsigned end);
/* Notes that the sentence asks, as surely as `much` says. */
void genom__intent_ask(struct genom__notes *n, struct genom__sentence *s, unsigned much);

#endif
