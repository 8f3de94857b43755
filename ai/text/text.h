/*
 * text.h: words, sentences, stop words and folding of stored text (see extract/extract.h for the
 * layout of stored text). No allocation; any thread; any bytes are accepted (bad UTF-8 separates
 * words), offsets are bytes into the given text.
 *
 * It is not a language parser: rules and short word lists, good for English, Czech, German and
 * Spanish, harmless for the rest.
 */
#ifndef AI_TEXT_TEXT_H
#define AI_TEXT_TEXT_H

#include "core/str.h"

/* --- Words ---------------------------------------------------------------------------------- */

/* Longer words fold to their first AI_WORD_MAX − 4 bytes. */
#define AI_WORD_MAX 64

enum {
    AI_WORD_CAPITAL = 1, /* begins with an upper-case letter */
    AI_WORD_UPPER = 2,   /* two or more letters, all of them upper case */
    AI_WORD_DIGIT = 4,   /* holds a digit */
    AI_WORD_NUMBER = 8   /* digits (and . , : between them) only */
};
struct ai_word {
    size_t start, end;
    struct core_str folded; /* points into the iterator: valid until the next call */
    unsigned flags;
};
/* A word is a run of letters and digits of any script, joined by an apostrophe between letters
 * ("don't") and by one of . , : between digits ("3.5", "12:30"). Each ideograph is a word. */
struct ai_words {
    struct core_str text;
    size_t at;
    char folded[AI_WORD_MAX];
};
void ai_words_init(struct ai_words *words, struct core_str text);
bool ai_words_next(struct ai_words *words, struct ai_word *ret);

/* Is a folded word in a list of them, each between spaces (" who whom ")? */
bool ai_word_in(const char *list, struct core_str folded);

/* Lower case, without diacritics ("Příkaz" → "prikaz", "Straße" → "strasse"), everything else as
 * it is. Writes at most cap bytes, cut at a character; returns how many. */
size_t ai_text_fold(struct core_str text, char *out, size_t cap);

/* --- Stop words ----------------------------------------------------------------------------- */

/* Languages of ai/text/lang.h as bits. */
#define AI_STOP_LANG(lang) (1u << (lang))
/* The languages in which the folded word says nothing by itself; 0 for a content word. Negations
 * and question words are stop words too. */
unsigned ai_stop_langs(struct core_str folded);
/* In the given language (enum ai_lang); for AI_LANG_OTHER: in any. */
bool ai_stop(struct core_str folded, unsigned lang);
/* The i-th of the table; NULL behind the last. For its test. */
const char *ai__stop_word(size_t i);

/* --- Sentences ------------------------------------------------------------------------------ */

enum ai_sentence_kind {
    AI_SENTENCE_PROSE,
    AI_SENTENCE_TITLE, /* a short line alone in its block without a final stop: mostly a heading */
    AI_SENTENCE_ITEM,  /* of a list; the bullet belongs to it */
    AI_SENTENCE_ROW,   /* of a table, cells separated by " | " */
    AI_SENTENCE_TERM,  /* the line that the following definition explains */
    AI_SENTENCE_DEFINITION, /* indented below its term */
    AI_SENTENCE_CODE        /* one line of preformatted text */
};
struct ai_sentence {
    size_t start, end; /* without surrounding white space; never empty */
    unsigned words;    /* separated by white space; ideographs count one each */
    unsigned tokens;   /* ai_text_tokens() of it */
    enum ai_sentence_kind kind;
    bool line_first;  /* begins its line … */
    bool block_first; /* … and that line begins a block */
};
/* Pieces longer than AI_LIMIT_SENTENCE_WORDS words or AI_LIMIT_SENTENCE_TOKENS tokens are cut. */
struct ai_sentences {
    struct core_str text;
    size_t at; /* next byte to look at */
    size_t line_start, line_end;
    enum ai_sentence_kind kind; /* of the current line */
    bool line_fresh, block_fresh;
};
void ai_sentences_init(struct ai_sentences *it, struct core_str text);
bool ai_sentences_next(struct ai_sentences *it, struct ai_sentence *ret);

/* May it stand between the end of a sentence and the white space behind: a quote, a bracket? */
bool ai_text_is_closer(uint32_t c);

/* Estimate of model tokens that errs on the high side (subword vocabularies of 30–50 thousand). */
unsigned ai_text_tokens(struct core_str text);
/* Words separated by white space; ideographs count one each. */
unsigned ai_text_words(struct core_str text);
/* Is a folded word a code, "E24" or "IPv6"? It has a digit, and is no quantity ("24h"). */
bool ai_text_is_code(struct core_str folded, unsigned flags);
/* Do two words with digits name things of one kind: codes of as many letters in the same places
 * ("E15", "F204"), numbers of as many digits ("2023", "2024")? */
bool ai_text_same_kind(struct core_str a, struct core_str b);

#endif
