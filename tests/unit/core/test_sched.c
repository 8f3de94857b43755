/* test_sched.c: what the kernel says of a thread after it asked. */
#include "core/sched.h"

#include "core/limits.h"

#include <linux/sched.h>
#include <linux/sched/types.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static struct sched_attr now(void)
{
    struct sched_attr attr = {.size = sizeof attr};
    assert_return_code(syscall(SYS_sched_getattr, 0, &attr, sizeof attr, 0), 0);
    return attr;
}

/* Runs in a child, whose attributes end with it. check() returns 0 when all is as it should be. */
static void in_child(int (*check)(void))
{
    int status = 0;
    pid_t child = fork();
    if (child == 0)
        _exit(check());
    assert_return_code(waitpid(child, &status, 0), 0);
    assert_int_equal(status, 0);
}

/* The tests may have been started with less than the usual share. */
static int behind_by(int steps, int before)
{
    return before + steps < 19 ? before + steps : 19;
}

static int background(void)
{
    struct sched_attr before = now();
    core_sched_background();
    struct sched_attr attr = now();
    if (attr.sched_policy != SCHED_BATCH || attr.sched_nice != behind_by(15, before.sched_nice))
        return 1;
    /* A kernel before 6.12 knows no slices. */
    if (before.sched_runtime && attr.sched_runtime != CORE_LIMIT_SLICE_LONG_NS)
        return 2;
    core_sched_background();
    core_sched_prompt(); /* who works behind all others is not hurried */
    struct sched_attr again = now();
    return memcmp(&again, &attr, sizeof attr) != 0 ? 3 : 0;
}

static int behind(void)
{
    int before = now().sched_nice;
    core_sched_behind();
    core_sched_behind();
    struct sched_attr attr = now();
    return attr.sched_policy != SCHED_NORMAL || attr.sched_nice != behind_by(5, before);
}

/* Steps count from the program, which was started with less than the usual share. */
static int steps_are_relative(void)
{
    if (nice(3) == -1)
        return 1;
    int program = now().sched_nice;
    core_sched_behind();
    if (now().sched_nice != behind_by(5, program))
        return 2;
    core_sched_background();
    return now().sched_nice != behind_by(15, program);
}

static int nicer_stays(void)
{
    core_sched_behind();
    if (nice(9) == -1)
        return 1;
    int before = now().sched_nice;
    core_sched_behind();
    return now().sched_nice != before;
}

static uint64_t usual_slice;
static int usual_nice;

static int child_is_usual(void)
{
    struct sched_attr attr = now();
    return attr.sched_policy != SCHED_NORMAL || attr.sched_nice != usual_nice ||
           attr.sched_runtime != usual_slice;
}

static int prompt(void)
{
    if (nice(3) == -1)
        return 1;
    usual_slice = now().sched_runtime;
    usual_nice = now().sched_nice;
    core_sched_prompt();
    struct sched_attr attr = now();
    if (attr.sched_policy != SCHED_NORMAL || attr.sched_nice != usual_nice)
        return 2;
    /* A kernel before 6.12 knows no slices. */
    if (usual_slice && attr.sched_runtime != CORE_LIMIT_SLICE_NS)
        return 3;
    in_child(child_is_usual);
    return 0;
}

static void test_steps_back(void **state)
{
    (void)state;
    in_child(behind);
    in_child(background);
    in_child(steps_are_relative);
    in_child(nicer_stays);
}

static void test_prompt(void **state)
{
    (void)state;
    in_child(prompt);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_steps_back),
        cmocka_unit_test(test_prompt),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
