/* test_pg_sql.c: what is seen in a statement before PostgreSQL sees it. */
#include "core/store/pg_sql.h"

#include "core/err.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

static int check(const char *sql, size_t count, enum store__sql_use use)
{
    const char *why = NULL;
    int err = store__sql_check(core_str(sql), count, use, &why);

    assert_true((err < 0) == (why != NULL));
    return err;
}

static void parameters_are_one_to_n(void **state)
{
    (void)state;
    assert_int_equal(check("SELECT 1", 0, STORE__SQL_READ), 0);
    assert_int_equal(check("SELECT $2, $1, $2", 2, STORE__SQL_READ), 0);
    assert_int_equal(check("SELECT $1", 0, STORE__SQL_READ), CORE_EINVAL);
    assert_int_equal(check("SELECT 1", 1, STORE__SQL_READ), CORE_EINVAL);
    assert_int_equal(check("SELECT $1, $3", 2, STORE__SQL_READ), CORE_EINVAL);
    assert_int_equal(check("SELECT $0", 0, STORE__SQL_READ), CORE_EINVAL);
    assert_int_equal(check("SELECT $", 0, STORE__SQL_READ), CORE_EINVAL);
    assert_int_equal(check("SELECT $65", 0, STORE__SQL_READ), CORE_EINVAL);
    assert_int_equal(check("SELECT $18446744073709551617", 1, STORE__SQL_READ), CORE_EINVAL);
    /* In strings and quoted names there is none. */
    assert_int_equal(check("SELECT '$1', \"$2\", 'it''s $3'", 0, STORE__SQL_READ), 0);
    assert_int_equal(check("SELECT '$1", 0, STORE__SQL_READ), 0);
}

static void all_sixty_four_count(void **state)
{
    char sql[1024] = "SELECT ";
    size_t len = 7;

    (void)state;
    for (int i = 1; i <= CORE_LIMIT_SQL_PARAMS; i++)
        len += (size_t)snprintf(sql + len, sizeof sql - len, "%s$%d", i > 1 ? ", " : "", i);
    assert_int_equal(check(sql, CORE_LIMIT_SQL_PARAMS, STORE__SQL_READ), 0);
    assert_int_equal(check(sql, CORE_LIMIT_SQL_PARAMS - 1, STORE__SQL_READ), CORE_EINVAL);
}

static void the_first_word_says_what_it_does(void **state)
{
    (void)state;
    assert_int_equal(check("", 0, STORE__SQL_READ), CORE_EINVAL);
    assert_int_equal(check(" ;\n", 0, STORE__SQL_WRITE), CORE_EINVAL);
    assert_int_equal(check("\n  sElEcT 1", 0, STORE__SQL_READ), 0);
    assert_int_equal(check("(SELECT 1)", 0, STORE__SQL_READ), 0);
    assert_int_equal(check("DELETE FROM t", 0, STORE__SQL_READ), CORE_EINVAL);
    assert_int_equal(check("DELETE FROM t", 0, STORE__SQL_WRITE), 0);
    assert_int_equal(check("WITH x AS (SELECT 1) INSERT INTO t SELECT 1", 0, STORE__SQL_WRITE), 0);
    assert_int_equal(check("TRUNCATE t", 0, STORE__SQL_WRITE), CORE_EUNSUPPORTED);
    assert_int_equal(check("selected", 0, STORE__SQL_WRITE), CORE_EUNSUPPORTED);
    assert_int_equal(check("SAVEPOINT x", 0, STORE__SQL_OURS), 0);
}

static void dice_are_seen(void **state)
{
    (void)state;
    assert_int_equal(check("SELECT random()", 0, STORE__SQL_WRITE), CORE_EUNSUPPORTED);
    assert_int_equal(check("SELECT 1, NOW \n ()", 0, STORE__SQL_WRITE), CORE_EUNSUPPORTED);
    assert_int_equal(check("SELECT current_timestamp", 0, STORE__SQL_WRITE), CORE_EUNSUPPORTED);
    /* A column may be called so. */
    assert_int_equal(check("SELECT now, random FROM t", 0, STORE__SQL_WRITE), 0);
    assert_int_equal(check("SELECT 'now()', \"random\"", 0, STORE__SQL_WRITE), 0);
    assert_int_equal(check("SELECT random()", 0, STORE__SQL_READ), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parameters_are_one_to_n),
        cmocka_unit_test(all_sixty_four_count),
        cmocka_unit_test(the_first_word_says_what_it_does),
        cmocka_unit_test(dice_are_seen),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
