/*
 * lang.h: which language a text or a short question is written in, by stop words and letters.
 * No allocation; any thread.
 */
#ifndef AI_TEXT_LANG_H
#define AI_TEXT_LANG_H

#include "core/str.h"

enum ai_lang { AI_LANG_EN, AI_LANG_CS, AI_LANG_DE, AI_LANG_ES, AI_LANG_OTHER };

/* Looks at a sample of long texts. Plain ASCII without any evidence (a command, a name) counts as
 * English; other letters without evidence as AI_LANG_OTHER. */
enum ai_lang ai_lang_guess(struct core_str text);
struct genom_dict;
/* As ai_lang_guess(); a text without a function word that tells ("Kaution Wohnung") is of the
 * language that has its words, and has them more frequently. `dict` may be NULL. */
enum ai_lang ai_lang_of_words(const struct genom_dict *dict, struct core_str text);
/* How rare a word is in a language: 1 for what the dictionary does not list for it (a name), or from
 * AI_RANK_RARE on; AI_RARITY_LEAST for the AI_RANK_COMMON most frequent ones. `dict` may be NULL: 1. */
float ai_lang_rarity(const struct genom_dict *dict, enum ai_lang lang, struct core_str word);
/* "en", "cs", "de", "es", "other" */
const char *ai_lang_code(enum ai_lang lang);
/* The other way round; AI_LANG_OTHER for anything unknown. */
enum ai_lang ai_lang_parse(struct core_str code);

#endif
