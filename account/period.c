/* period.c: the day and the month that a moment lies in, UTC. */
#include "account/room.h"

#include <time.h>

enum { DAY_MS = 86400000 };

void account__periods(int64_t wall_ms, struct account_periods *ret)
{
    time_t now = (time_t)(wall_ms / 1000);
    struct tm tm;
    gmtime_r(&now, &tm);
    tm.tm_sec = tm.tm_min = tm.tm_hour = 0;
    ret->day_ms = (int64_t)timegm(&tm) * 1000;
    ret->day_ends_ms = ret->day_ms + DAY_MS;
    tm.tm_mday = 1;
    ret->month_ms = (int64_t)timegm(&tm) * 1000;
    tm.tm_mon++; /* of December: timegm() makes it January */
    ret->month_ends_ms = (int64_t)timegm(&tm) * 1000;
}
