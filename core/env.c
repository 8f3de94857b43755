/*
 * env.c: identifiers and time stamps, made from whatever environment is passed in.
 *
 * Identifier, most significant bits first, 26 characters of 5 bits for 128 bits (the first
 * character holds 3):
 *
 *     | 48 bits milliseconds | 80 bits random |
 */
#include "core/env.h"

#include <endian.h>

/* Crockford: no i, l, o, u, so that an id survives being read aloud. */
static const char id_digits[] = "0123456789abcdefghjkmnpqrstvwxyz";

void core_id_new(const struct core_env *env, char out[static CORE_ID_SIZE])
{
    unsigned char random[10];
    env->random(env->ctx, random, sizeof random);
    uint64_t high = (uint64_t)core_wall_ms(env) << 16 | (uint64_t)random[0] << 8 | random[1], low;
    memcpy(&low, random + 2, sizeof low);
    low = be64toh(low);
    /* The five bits across both halves, then 60 of each side by side, then the three on top. */
    out[13] = id_digits[(low >> 60 | high << 4) & 31];
    high >>= 1;
    for (size_t i = 12; i > 0; i--, low >>= 5, high >>= 5) {
        out[13 + i] = id_digits[low & 31];
        out[i] = id_digits[high & 31];
    }
    out[0] = id_digits[high];
    out[CORE_ID_SIZE - 1] = '\0';
}

bool core_id_valid(struct core_str id)
{
    if (id.len != CORE_ID_SIZE - 1 || id.ptr[0] > '7')
        return false;
    for (size_t i = 0; i < id.len; i++)
        if (!memchr(id_digits, id.ptr[i], sizeof id_digits - 1))
            return false;
    return true;
}

#define DAY_MS 86400000
/* 0000-01-01 and 9999-12-31 as days since 1970: four digits of year are all the format has. */
#define DAY_MIN (-719528)
#define DAY_MAX 2932896

struct civil {
    unsigned year, month, day;
};

/* Days since 1970-01-01 to a proleptic Gregorian date. Years are counted from March, so that the
 * leap day is the last one, in eras of 400 years = 146097 days. */
static struct civil civil_from_days(int64_t days)
{
    uint64_t z = (uint64_t)(days + 719468 + 146097); /* one era more: never negative here */
    uint64_t era = z / 146097;
    unsigned doe = (unsigned)(z % 146097);
    unsigned yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    unsigned doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    unsigned mp = (5 * doy + 2) / 153;
    struct civil c;
    c.day = doy - (153 * mp + 2) / 5 + 1;
    c.month = mp < 10 ? mp + 3 : mp - 9;
    c.year = (unsigned)(era * 400) + yoe + (c.month <= 2) - 400;
    return c;
}

static char *put_digits(char *to, unsigned value, unsigned width, char after)
{
    for (unsigned i = width; i-- > 0; value /= 10)
        to[i] = (char)('0' + value % 10);
    to[width] = after;
    return to + width + 1;
}

void core_time_format(int64_t wall_ms, char out[static CORE_TIME_SIZE])
{
    int64_t days = wall_ms / DAY_MS - (wall_ms % DAY_MS < 0);
    unsigned ms = (unsigned)((wall_ms % DAY_MS + DAY_MS) % DAY_MS);
    if (days < DAY_MIN) {
        days = DAY_MIN;
        ms = 0;
    } else if (days > DAY_MAX) {
        days = DAY_MAX;
        ms = DAY_MS - 1;
    }
    struct civil c = civil_from_days(days);
    char *to = put_digits(out, c.year, 4, '-');
    to = put_digits(to, c.month, 2, '-');
    to = put_digits(to, c.day, 2, 'T');
    to = put_digits(to, ms / 3600000, 2, ':');
    to = put_digits(to, ms / 60000 % 60, 2, ':');
    to = put_digits(to, ms / 1000 % 60, 2, '.');
    to = put_digits(to, ms % 1000, 3, 'Z');
    *to = '\0';
}
