/*
 * str.h: byte strings by {pointer, length}, and the text helpers every room needs.
 *
 * A core_str never owns its bytes and is never assumed to end in NUL. Bytes from a peer may hold
 * anything. Nothing here allocates. Any thread.
 */
#ifndef CORE_STR_H
#define CORE_STR_H

#include "core/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/types.h>

struct core_str {
    const char *ptr;
    size_t len;
};

/* From a literal, from a C string (NULL gives the empty string), from both parts. */
#define CORE_STR(literal) ((struct core_str){"" literal, sizeof(literal) - 1})
static inline struct core_str core_str(const char *c)
{
    return (struct core_str){c ? c : "", c ? strlen(c) : 0};
}
static inline struct core_str core_strn(const void *ptr, size_t len)
{
    return (struct core_str){ptr, len};
}
/* printf("%.*s", CORE_STR_ARG(s)) */
#define CORE_STR_ARG(s) (int)((s).len > 2000000000 ? 2000000000 : (s).len), (s).ptr

/* Inline: against a literal mostly its length decides, and that is known to the compiler. */
static inline bool core_str_eq(struct core_str a, struct core_str b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}
static inline bool core_str_eq_c(struct core_str a, const char *b)
{
    return core_str_eq(a, core_str(b));
}
static inline bool core_str_starts(struct core_str s, struct core_str prefix)
{
    return s.len >= prefix.len && core_str_eq(core_strn(s.ptr, prefix.len), prefix);
}
/* ASCII only; other bytes compare as they are. */
bool core_str_ieq(struct core_str a, struct core_str b);
static inline bool core_str_istarts(struct core_str s, struct core_str prefix)
{
    return s.len >= prefix.len && core_str_ieq(core_strn(s.ptr, prefix.len), prefix);
}
/* Writes s.len bytes, capitals as small letters; ASCII only too. */
void core_str_lower(struct core_str s, char *out);
bool core_str_ends(struct core_str s, struct core_str suffix);
/* Offset of needle, or -1. An empty needle is found at 0. */
ssize_t core_str_find(struct core_str s, struct core_str needle);
ssize_t core_str_find_byte(struct core_str s, char byte);
/* Without leading and trailing ASCII space, tab, CR, LF. */
struct core_str core_str_trim(struct core_str s);
/* Takes the part before `sep` off the front of *s into *ret_part; false when *s was exhausted. A
 * separator at the very end does not make an empty last part: lines of a file come out right. */
bool core_str_split(struct core_str *s, char sep, struct core_str *ret_part);
/* Whole string is a decimal number in [min, max]; no sign but '-', no spaces. */
int core_str_to_i64(struct core_str s, int64_t min, int64_t max, int64_t *ret);
/* Whole string is a finite decimal number such as -1.5e3, of at most CORE_DOUBLE_TEXT_MAX bytes. */
#define CORE_DOUBLE_TEXT_MAX 64
int core_str_to_double(struct core_str s, double *ret);
/* In decimal, without a NUL. Returns the length. */
#define CORE_I64_SIZE 20
size_t core_str_from_i64(int64_t value, char out[static CORE_I64_SIZE]);
size_t core_str_from_u64(uint64_t value, char out[static CORE_I64_SIZE]);
/* As printf("%.*g") with at most 17 digits, but with '.' in every locale. Returns the length. */
#define CORE_DOUBLE_SIZE 32
size_t core_str_from_double(double value, int digits, char out[static CORE_DOUBLE_SIZE]);

/* --- UTF-8 ---------------------------------------------------------------------------------- */

/* Strict (no surrogates, no overlong forms, ≤ U+10FFFF). */
bool core_utf8_valid(struct core_str s);
/* Decodes one code point at `at`; returns its length in bytes, and U+FFFD with length 1 for a bad
 * byte. `at` must be < s.len. */
size_t core_utf8_next(struct core_str s, size_t at, uint32_t *ret_code);
/* Writes 1–4 bytes, returns how many. */
size_t core_utf8_put(uint32_t code, char out[static 4]);
/* The longest prefix of at most max bytes that ends on a code point boundary. */
size_t core_utf8_cut(struct core_str s, size_t max);
/* Simple case folding for Latin, Greek, Cyrillic; other code points unchanged. */
uint32_t core_utf8_lower(uint32_t code);
/* The letter without its marks for small Latin letters, 0 for a mark that stands alone (U+0300 …
 * U+036F); other code points unchanged. */
uint32_t core_utf8_plain(uint32_t code);
/* Letters and digits of any script by Unicode general category L*, M*, N*. */
bool core_utf8_is_word(uint32_t code);

/* --- Hex and base64 ------------------------------------------------------------------------- */

/* Of a digit in either case, or -1. */
int core_hex_value(char c);
/* out gets 2·len characters and a NUL. */
void core_hex_encode(const void *bytes, size_t len, char *out);
/* Returns the number of bytes written, or CORE_EINVAL / CORE_ETOOBIG. */
ssize_t core_hex_decode(struct core_str hex, void *out, size_t cap);
/* Standard alphabet with padding; url = RFC 4648 §5 without padding. out needs
 * core_base64_size(len) bytes (NUL included). Returns the characters written. */
size_t core_base64_size(size_t len);
size_t core_base64_encode(const void *bytes, size_t len, bool url, char *out);
/* Accepts both alphabets; padding optional; strict otherwise. */
ssize_t core_base64_decode(struct core_str text, void *out, size_t cap);

/* How many bytes must be inserted, deleted, replaced or swapped with their neighbour to make one of
 * the other: for "did you mean". Strings longer than 64 bytes count as infinitely far. */
size_t core_str_distance(struct core_str a, struct core_str b);

/* FNV-1a, 64 bit: hash tables only, never security. */
uint64_t core_str_hash(struct core_str s);

#endif
