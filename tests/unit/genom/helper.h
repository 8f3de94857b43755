/* helper.h: a small dictionary made in memory, of the same format as the real one
 * (docs/genom.md). */
#ifndef TESTS_UNIT_GENOM_HELPER_H
#define TESTS_UNIT_GENOM_HELPER_H

#include "genom/inside.h"

/* The bytes of a dictionary of all single bytes, numbers 0 … 99, some words of English and Czech
 * and some signs, with made-up statistics. The caller frees. */
uint8_t *helper_dict_bytes(size_t *ret_len);
/* Opens it; `bytes` must stay. Aborts when it cannot be opened. */
struct genom_dict *helper_dict_open(const uint8_t *bytes, size_t len);
/* Sums of header and sections, after a test changed something. */
void helper_dict_seal(uint8_t *bytes, size_t len);
/* Of header and section table only. */
void helper_dict_seal_header(uint8_t *bytes);
/* Of a packed dictionary: of the header in it, and of the pack's own. */
void helper_pack_seal(uint8_t *pack);
/* Where a section lies, in bytes. */
size_t helper_section(const uint8_t *bytes, const char *tag, size_t *ret_len);

/* The dictionary that set-up made (build/deps/genom/genom.dict by SKY_DEPS), opened once. */
struct genom_dict *helper_real_dict(void);

#endif
