/* forms_words.h: rows of words, ended by NULL. For forms.c only. */
#ifndef AI_TEXT_FORMS_WORDS_H
#define AI_TEXT_FORMS_WORDS_H

extern const char *const ai__forms_en[], *const ai__forms_de[], *const ai__forms_cs[];
extern const char *const ai__same_en[], *const ai__same_de[], *const ai__same_cs[];

#endif
