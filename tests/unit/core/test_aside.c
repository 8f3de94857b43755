/* test_aside.c: pieces run one at a time, all of them, elsewhere and behind others. */
#include "core/aside.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/resource.h>

#include <cmocka.h>

enum { THREADS = 8, PIECES = 200 };

struct piece {
    pthread_t by;
    int nice;
    unsigned long count; /* not atomic: one at a time */
    atomic_int inside;
};

static void count(void *arg)
{
    struct piece *p = arg;

    assert_int_equal(atomic_fetch_add(&p->inside, 1), 0);
    p->by = pthread_self();
    p->nice = getpriority(PRIO_PROCESS, 0); /* of the thread */
    p->count++;
    atomic_fetch_sub(&p->inside, 1);
}

static struct core_aside *aside;
static struct piece shared;

static void *client(void *arg)
{
    for (int i = 0; i < PIECES; i++)
        core_aside_run(aside, count, &shared);
    return arg;
}

static void one_at_a_time(void **state)
{
    pthread_t threads[THREADS];

    (void)state;
    aside = core_aside_new();
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, client, NULL), 0);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    assert_int_equal(shared.count, THREADS * PIECES);
    core_aside_free(aside);
}

static void elsewhere_and_behind(void **state)
{
    struct piece p = {.count = 0};
    int before = getpriority(PRIO_PROCESS, 0);

    (void)state;
    aside = core_aside_new();
    core_aside_run(aside, count, &p);
    assert_int_equal(p.count, 1);
    assert_false(pthread_equal(p.by, pthread_self()));
    assert_true(p.nice > before || before == 19);
    assert_int_equal(getpriority(PRIO_PROCESS, 0), before);
    core_aside_free(aside);
}

static void never_used(void **state)
{
    (void)state;
    core_aside_free(core_aside_new());
    core_aside_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_at_a_time),
        cmocka_unit_test(elsewhere_and_behind),
        cmocka_unit_test(never_used),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
