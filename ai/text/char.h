/* char.h: classes of code points that text.c and sentence.c share. Inside ai/text
 * only. */
#ifndef AI_TEXT_CHAR_H
#define AI_TEXT_CHAR_H

#include "core/str.h"

/* Han, kana, hangul: written without spaces between words. */
bool ai__char_is_ideograph(uint32_t c);
/* White space of Unicode, with the byte order mark and the zero-width space. */
bool ai__char_is_space(uint32_t c);
/* Has a lower-case form other than itself. */
bool ai__char_is_upper(uint32_t c);

#endif
