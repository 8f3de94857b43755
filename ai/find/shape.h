/* shape.h: things that are known by how they look. Room only; pure functions of a text. */
#ifndef AI_FIND_SHAPE_H
#define AI_FIND_SHAPE_H

#include "ai/text/text.h"

/* "/etc/fstab", "~/bin", "setup.py" */
bool ai_shape_path(struct core_str text);
/* "tar(1)": the form in which manual pages name programs. */
bool ai_shape_page(struct core_str text);
/* "4:30" */
bool ai_shape_clock(struct core_str text);
/* In digits alone: "12.3.2026", "12. 3.", "3/12/2026", "2026-03-12". *year: has one, of four digits.
 */
bool ai_shape_date(struct core_str text, bool *ret_year);
/* "+420 555 010 233", "(0117) 496-0233": seven digits or more in a row of groups, not all of which
 * are a date's. */
bool ai_shape_phone(struct core_str text);
/* "name@example.org" */
bool ai_shape_mail(struct core_str text);
/* "612.40" */
bool ai_shape_cents(struct core_str text);
/* "$9", "9 €", but no "$ sky" and no "$HOME". */
bool ai_shape_sign(struct core_str text, struct core_str sign);
/* A folded word: "28th", "17h" */
bool ai_shape_time(struct core_str folded);
/* "kg" of "73kg" */
struct core_str ai_shape_behind_number(struct core_str folded);

#endif
