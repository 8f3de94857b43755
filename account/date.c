/* date.c: days as people write them, "2026-01-31". */
#include "account/room.h"

bool account__date_valid(struct core_str text)
{
    static const unsigned char days[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int64_t year, month, day;
    if (text.len != 10 || text.ptr[4] != '-' || text.ptr[7] != '-' ||
        core_str_to_i64(core_strn(text.ptr, 4), 1970, 9999, &year) ||
        core_str_to_i64(core_strn(text.ptr + 5, 2), 1, 12, &month) ||
        core_str_to_i64(core_strn(text.ptr + 8, 2), 1, days[month - 1], &day)) {
        return false;
    }
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return leap || month != 2 || day < 29;
}
