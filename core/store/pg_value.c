/* pg_value.c: see pg_value.h. */
#include "core/store/pg_value.h"

#include "core/str.h"

static uint64_t be_bytes(const char *at, int len)
{
    uint64_t n = 0;

    for (int i = 0; i < len; i++)
        n = n << 8 | (unsigned char)at[i];
    return n;
}

/* A numeric: i16 groups, i16 weight of the first, u16 sign, i16 scale, and the groups: digits of
 * base 10000. Sums of integers are of that type. */
static double numeric(const char *at, int len, int64_t *ret_whole)
{
    int groups = (int16_t)be_bytes(at, 2), weight = (int16_t)be_bytes(at + 2, 2);
    bool negative = be_bytes(at + 4, 2) == 0x4000;
    int64_t whole = 0;
    double real = 0, unit = 1;

    for (int i = 0; i < groups && 10 + 2 * i <= len; i++) {
        uint64_t group = be_bytes(at + 8 + 2 * i, 2);
        if (i <= weight) {
            real = real * 10000 + (double)group;
            if (__builtin_mul_overflow(whole, 10000, &whole) ||
                __builtin_add_overflow(whole, (int64_t)group, &whole))
                whole = INT64_MAX / 20000;
        } else {
            unit /= 10000;
            real += (double)group * unit;
        }
    }
    for (int i = groups; i <= weight; i++) {
        real *= 10000;
        if (__builtin_mul_overflow(whole, 10000, &whole))
            whole = INT64_MAX / 20000;
    }
    *ret_whole = negative ? -whole : whole;
    return negative ? -real : real;
}

/* As a double, and the same as an integer. */
static double number(const PGresult *result, int row, unsigned column, int64_t *ret)
{
    const char *at = PQgetvalue(result, row, (int)column);
    int len = PQgetlength(result, row, (int)column);
    double real;
    float small;
    uint64_t bits;
    uint32_t bits32;

    switch (PQftype(result, (int)column)) {
    case STORE__PG_BOOL:
        *ret = *at;
        return (double)*ret;
    case STORE__PG_INT2:
        *ret = (int16_t)be_bytes(at, 2);
        return (double)*ret;
    case STORE__PG_INT4:
        *ret = (int32_t)be_bytes(at, 4);
        return (double)*ret;
    case STORE__PG_INT8:
        *ret = (int64_t)be_bytes(at, 8);
        return (double)*ret;
    case STORE__PG_NUMERIC:
        return numeric(at, len, ret);
    case STORE__PG_FLOAT4:
        bits32 = (uint32_t)be_bytes(at, 4);
        memcpy(&small, &bits32, sizeof small);
        real = small;
        break;
    case STORE__PG_FLOAT8:
        bits = be_bytes(at, 8);
        memcpy(&real, &bits, sizeof real);
        break;
    default:
        /* A text: SQLite reads the number in it too. */
        if (core_str_to_i64(core_strn(at, (size_t)len), INT64_MIN, INT64_MAX, ret) == 0)
            return (double)*ret;
        if (core_str_to_double(core_strn(at, (size_t)len), &real) < 0)
            real = 0;
    }
    *ret = real >= -9e18 && real <= 9e18 ? (int64_t)real : 0;
    return real;
}

int64_t store__pg_i64(const PGresult *result, int row, unsigned column)
{
    int64_t n = 0;

    if (!PQgetisnull(result, row, (int)column))
        number(result, row, column, &n);
    return n;
}

double store__pg_real(const PGresult *result, int row, unsigned column)
{
    int64_t n;

    return PQgetisnull(result, row, (int)column) ? 0 : number(result, row, column, &n);
}

struct core_str store__pg_str(const PGresult *result, int row, unsigned column)
{
    return core_strn(PQgetvalue(result, row, (int)column),
                     (size_t)PQgetlength(result, row, (int)column));
}
