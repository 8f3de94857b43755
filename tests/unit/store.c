/* store.c: see store.h. */
#include "tests/unit/store.h"

#include <ctype.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <setjmp.h>

#include <cmocka.h>
#include <libpq-fe.h>

bool test_store_is_pg(void)
{
    const char *wanted = getenv("SKY_TEST_STORE");

    return wanted && strcmp(wanted, "postgresql") == 0;
}

/* A schema is called as the folder is, in small letters and no others. Folders of mkdtemp() differ
 * in more than case often enough, but not always: hence the letters' cases, as digits. */
static void schema_name(const char *data_dir, char *out, size_t cap)
{
    const char *at = strrchr(data_dir, '/') ? strrchr(data_dir, '/') + 1 : data_dir;
    size_t len = 0;

    for (; *at && len + 3 < cap; at++) {
        if (isupper((unsigned char)*at))
            out[len++] = '_';
        out[len++] = isalnum((unsigned char)*at) ? (char)tolower((unsigned char)*at) : '0';
    }
    out[len] = '\0';
}

static void no_notice(void *arg, const char *message)
{
    (void)arg;
    (void)message;
}

const char *test_store_url(const char *data_dir)
{
    static char url[512];
    const char *base = getenv("SKY_TEST_STORE_PG");
    char name[100], sql[160];
    PGconn *db;
    PGresult *result;

    if (!test_store_is_pg())
        return "sqlite";
    if (!base)
        fail_msg("SKY_TEST_STORE_PG names no PostgreSQL: see tests/unit/store.h");
    schema_name(data_dir, name, sizeof name);
    snprintf(sql, sizeof sql, "CREATE SCHEMA IF NOT EXISTS \"%s\"", name);
    db = PQconnectdb(base);
    PQsetNoticeProcessor(db, no_notice, NULL);
    result = PQexec(db, sql);
    if (PQresultStatus(result) != PGRES_COMMAND_OK)
        fail_msg("%s", PQerrorMessage(db));
    PQclear(result);
    PQfinish(db);
    snprintf(url, sizeof url, "%s%coptions=-csearch_path%%3D%s,public", base,
             strchr(base, '?') ? '&' : '?', name);
    return url;
}
