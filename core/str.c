/*
 * str.c: comparing, searching, splitting and reading numbers out of byte strings.
 * Text as Unicode is utf8.c, hex and base64 are encode.c.
 *
 * A string of length 0 may have a NULL pointer; the libc functions must not see that, so every
 * function handles length 0 first.
 */
#include "core/str.h"

#include "core/err.h"

#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* What a capital lacks to be a small letter. */
static const unsigned char small[256] = {['A' ... 'Z'] = 'a' - 'A'};

static unsigned char ascii_lower(char c)
{
    return (unsigned char)c | small[(unsigned char)c];
}

bool core_str_ieq(struct core_str a, struct core_str b)
{
    if (a.len != b.len)
        return false;
    for (size_t i = 0; i < a.len; i++)
        if (a.ptr[i] != b.ptr[i] && ascii_lower(a.ptr[i]) != ascii_lower(b.ptr[i]))
            return false;
    return true;
}

void core_str_lower(struct core_str s, char *out)
{
    for (size_t i = 0; i < s.len; i++)
        out[i] = (char)ascii_lower(s.ptr[i]);
}

bool core_str_ends(struct core_str s, struct core_str suffix)
{
    if (suffix.len == 0)
        return true;
    return s.len >= suffix.len && memcmp(s.ptr + (s.len - suffix.len), suffix.ptr, suffix.len) == 0;
}

ssize_t core_str_find(struct core_str s, struct core_str needle)
{
    if (needle.len == 0)
        return 0;
    if (s.len < needle.len)
        return -1;
    const char *hit = memmem(s.ptr, s.len, needle.ptr, needle.len);
    return hit ? hit - s.ptr : -1;
}

ssize_t core_str_find_byte(struct core_str s, char byte)
{
    if (s.len == 0)
        return -1;
    const char *hit = memchr(s.ptr, byte, s.len);
    return hit ? hit - s.ptr : -1;
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

struct core_str core_str_trim(struct core_str s)
{
    while (s.len > 0 && is_space(s.ptr[0])) {
        s.ptr++;
        s.len--;
    }
    while (s.len > 0 && is_space(s.ptr[s.len - 1]))
        s.len--;
    return s;
}

bool core_str_split(struct core_str *s, char sep, struct core_str *ret_part)
{
    if (s->len == 0)
        return false;
    ssize_t at = core_str_find_byte(*s, sep);
    size_t part = at < 0 ? s->len : (size_t)at;
    size_t taken = at < 0 ? s->len : part + 1;
    *ret_part = core_strn(s->ptr, part);
    s->ptr += taken;
    s->len -= taken;
    return true;
}

int core_str_to_i64(struct core_str s, int64_t min, int64_t max, int64_t *ret)
{
    bool negative = s.len > 0 && s.ptr[0] == '-';
    size_t i = negative ? 1 : 0;
    if (i == s.len)
        return CORE_EINVAL;
    /* Counts downwards: the negative range is the larger one. */
    int64_t value = 0;
    for (; i < s.len; i++) {
        if (s.ptr[i] < '0' || s.ptr[i] > '9')
            return CORE_EINVAL;
        if (__builtin_mul_overflow(value, 10, &value) ||
            __builtin_sub_overflow(value, s.ptr[i] - '0', &value))
            return CORE_EINVAL;
    }
    if (!negative && __builtin_sub_overflow(0, value, &value))
        return CORE_EINVAL;
    if (value < min || value > max)
        return CORE_EINVAL;
    *ret = value;
    return 0;
}

/* How many decimal digits start at `at`. */
static size_t digits_at(struct core_str s, size_t at)
{
    size_t n = 0;
    while (at + n < s.len && s.ptr[at + n] >= '0' && s.ptr[at + n] <= '9')
        n++;
    return n;
}

/* -?digits(.digits)?([eE][+-]?digits)? : strtod alone would take hex, "inf", spaces. */
static bool is_decimal(struct core_str s)
{
    size_t at = s.len > 0 && s.ptr[0] == '-' ? 1 : 0;
    size_t n = digits_at(s, at);
    if (n == 0)
        return false;
    at += n;
    if (at < s.len && s.ptr[at] == '.') {
        n = digits_at(s, at + 1);
        if (n == 0)
            return false;
        at += 1 + n;
    }
    if (at < s.len && (s.ptr[at] == 'e' || s.ptr[at] == 'E')) {
        at++;
        if (at < s.len && (s.ptr[at] == '+' || s.ptr[at] == '-'))
            at++;
        n = digits_at(s, at);
        if (n == 0)
            return false;
        at += n;
    }
    return at == s.len;
}

int core_str_to_double(struct core_str s, double *ret)
{
    char text[CORE_DOUBLE_TEXT_MAX + 1];
    if (s.len > CORE_DOUBLE_TEXT_MAX || !is_decimal(s))
        return CORE_EINVAL;
    memcpy(text, s.ptr, s.len);
    text[s.len] = '\0';
    /* strtod reads the decimal separator of the process's locale; ours is always the point. */
    struct lconv *conv = localeconv();
    char *point = strchr(text, '.');
    if (point && conv->decimal_point[0] != '\0' && conv->decimal_point[1] == '\0')
        *point = conv->decimal_point[0];
    char *end;
    double value = strtod(text, &end);
    if (*end != '\0' || !isfinite(value))
        return CORE_EINVAL;
    *ret = value;
    return 0;
}

/* "000102…99" */
#define TEN(t) t "0" t "1" t "2" t "3" t "4" t "5" t "6" t "7" t "8" t "9"
static const char pairs[] = TEN("0") TEN("1") TEN("2") TEN("3") TEN("4") TEN("5") TEN("6") TEN("7")
    TEN("8") TEN("9");

static size_t decimal_len(uint64_t value)
{
    size_t len = 1;
    for (; value >= 10000; value /= 10000)
        len += 4;
    return len + (value >= 10) + (value >= 100) + (value >= 1000);
}

/* printf is several times slower, and numbers are most of a log line or a list of results. */
size_t core_str_from_u64(uint64_t value, char out[static CORE_I64_SIZE])
{
    size_t len = decimal_len(value), at = len;
    for (; value >= 100; value /= 100)
        memcpy(out + (at -= 2), pairs + value % 100 * 2, 2);
    if (value >= 10)
        memcpy(out, pairs + value * 2, 2);
    else
        out[0] = (char)('0' + value);
    return len;
}

size_t core_str_from_i64(int64_t value, char out[static CORE_I64_SIZE])
{
    if (value >= 0)
        return core_str_from_u64((uint64_t)value, out);
    char text[CORE_I64_SIZE];
    size_t len = core_str_from_u64(0 - (uint64_t)value, text);
    out[0] = '-';
    memcpy(out + 1, text, len);
    return len + 1;
}

/* What is nearest to a whole number of ten-thousandths and has at most six digits, as most times,
 * shares and angles are: six digits print it and the next nine are zeros. Returns 0 for others. */
static size_t from_short(double value, char out[static CORE_DOUBLE_SIZE])
{
    if (!(value > 0 && value < 1000))
        return 0;
    unsigned n = (unsigned)(value * 10000 + 0.5);
    if (n == 0 || n / 10000.0 != value || (n >= 1000000 && n % 10 > 0))
        return 0;
    size_t len = core_str_from_u64(n / 10000, out);
    unsigned rest = n % 10000;
    if (rest > 0) {
        out[len] = '.';
        memcpy(out + len + 1, pairs + rest / 100 * 2, 2);
        memcpy(out + len + 3, pairs + rest % 100 * 2, 2);
        for (len += 5; out[len - 1] == '0'; len--)
            continue;
    }
    out[len] = '\0';
    return len;
}

/* Six digits of what is neither large nor tiny, as shares and means are. Returns 0 for others, and
 * where the product is too near to a tie to say which way printf rounds. */
static size_t from_six(double value, char out[static CORE_DOUBLE_SIZE])
{
    static const double tens[] = {1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9};
    unsigned decimals = 0;
    if (!(value >= 1e-4 && value < 1e5))
        return 0;
    while (value * tens[decimals] < 1e5)
        decimals++;
    double scaled = value * tens[decimals];
    unsigned n = (unsigned)scaled;
    double rest = scaled - n;
    n += rest > .5;
    if (fabs(rest - .5) < 1e-6 || n >= 1000000)
        return 0;
    for (; decimals > 0 && n % 10 == 0; n /= 10)
        decimals--;
    unsigned one = (unsigned)tens[decimals], whole = n / one, part = n % one;
    size_t len = core_str_from_u64(whole, out);
    out[len] = '.';
    for (size_t i = decimals; i > 0; i--, part /= 10)
        out[len + i] = (char)('0' + part % 10);
    len += decimals ? decimals + 1 : 0;
    out[len] = '\0';
    return len;
}

static __attribute__((noinline)) size_t from_any(double value, int digits,
                                                 char out[static CORE_DOUBLE_SIZE])
{
    char text[CORE_DOUBLE_SIZE + 8];
    int len = snprintf(text, sizeof text, "%.*g", digits > 17 ? 17 : digits, value);
    size_t n = 0;
    bool foreign = false;
    for (int i = 0; i < len && n + 1 < CORE_DOUBLE_SIZE; i++) {
        bool plain = (unsigned char)text[i] < 0x80 && text[i] != ',';
        if (plain)
            out[n++] = text[i];
        else if (!foreign)
            out[n++] = '.'; /* the separator of the locale, perhaps several bytes */
        foreign = !plain;
    }
    out[n] = '\0';
    return n;
}

size_t core_str_from_double(double value, int digits, char out[static CORE_DOUBLE_SIZE])
{
    size_t len = digits >= 6 && digits <= 15 ? from_short(value, out) : 0;
    if (len == 0 && digits == 6)
        len = from_six(value, out);
    return len > 0 ? len : from_any(value, digits, out);
}

#define DISTANCE_MAX 64

static size_t min3(size_t a, size_t b, size_t c)
{
    size_t ab = a < b ? a : b;
    return ab < c ? ab : c;
}

size_t core_str_distance(struct core_str a, struct core_str b)
{
    if (a.len > DISTANCE_MAX || b.len > DISTANCE_MAX)
        return SIZE_MAX;
    /* Three rows of the usual table: this one, the one before, and the one before that (swaps). */
    size_t rows[3][DISTANCE_MAX + 1];
    for (size_t j = 0; j <= b.len; j++)
        rows[0][j] = j;
    for (size_t i = 1; i <= a.len; i++) {
        size_t *row = rows[i % 3];
        const size_t *up = rows[(i + 2) % 3];
        const size_t *up2 = rows[(i + 1) % 3];
        row[0] = i;
        for (size_t j = 1; j <= b.len; j++) {
            bool same = a.ptr[i - 1] == b.ptr[j - 1];
            row[j] = min3(up[j] + 1, row[j - 1] + 1, up[j - 1] + !same);
            if (i > 1 && j > 1 && a.ptr[i - 1] == b.ptr[j - 2] && a.ptr[i - 2] == b.ptr[j - 1] &&
                up2[j - 2] + 1 < row[j])
                row[j] = up2[j - 2] + 1;
        }
    }
    return rows[a.len % 3][b.len];
}

uint64_t core_str_hash(struct core_str s)
{
    uint64_t h = 0xcbf29ce484222325u;
    for (size_t i = 0; i < s.len; i++) {
        h ^= (unsigned char)s.ptr[i];
        h *= 0x100000001b3u;
    }
    return h;
}
