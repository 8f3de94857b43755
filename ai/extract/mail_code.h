/*
 * mail_code.h: how mail carries what is not ASCII: quoted-printable, base64, and encoded words in
 * headers (RFC 2045, 2047). What is damaged is decoded as far as it goes. Any thread.
 */
#ifndef AI_EXTRACT_MAIL_CODE_H
#define AI_EXTRACT_MAIL_CODE_H

#include "core/buf.h"

/* Both append. word: of a header, where an underscore is a space and no line ends. */
void ai_mail_quoted_printable(struct core_str text, bool word, struct core_buf *out);
/* Bytes of neither alphabet are passed over. */
void ai_mail_base64(struct core_str text, struct core_buf *out);
/* "a%20b" → "a b", as in parameters that name their charset (RFC 2231). */
void ai_mail_percent(struct core_str text, struct core_buf *out);
/* Appends the text of a header in valid UTF-8: words like "=?iso-8859-2?Q?=BE?=" decoded, also
 * where a character is parted between two of them, and bytes in no declared charset guessed. */
void ai_mail_words(struct core_str text, struct core_buf *out);

#endif
