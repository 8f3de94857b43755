/*
 * sched.c: sched_setattr(2), for which the C library has no function. Not <sched.h>: it defines
 * some of what the kernel's headers define.
 */
#include "core/sched.h"

#include "core/limits.h"

#include <limits.h>
#include <linux/sched.h>
#include <linux/sched/types.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Each step costs a fifth of the weight: five leave a third, and ten between the two keep learning
 * from the time of answers. */
#define BEHIND_STEPS 5
#define BACKGROUND_STEPS 15
#define NICE_LEAST 19

/* The calling thread's attributes, when it is an ordinary one. */
static bool ordinary(struct sched_attr *attr)
{
    *attr = (struct sched_attr){.size = sizeof *attr};
    return syscall(SYS_sched_getattr, 0, attr, sizeof *attr, 0) == 0 &&
           attr->sched_policy == SCHED_NORMAL;
}

/* What the program was started with; the steps count from there, however often a thread or those
 * that start it take them. */
static int base_nice(void)
{
    static atomic_int base = INT_MIN; /* not looked at yet */

    if (atomic_load(&base) == INT_MIN)
        atomic_store(&base, getpriority(PRIO_PROCESS, (id_t)getpid()));
    return atomic_load(&base);
}

static void step_back(unsigned policy, int steps, uint64_t slice_ns)
{
    struct sched_attr attr;
    int nice;

    if (!ordinary(&attr))
        return;
    nice = base_nice() + steps < NICE_LEAST ? base_nice() + steps : NICE_LEAST;
    attr.sched_policy = policy;
    attr.sched_runtime = slice_ns;
    if (attr.sched_nice < nice)
        attr.sched_nice = nice;
    (void)syscall(SYS_sched_setattr, 0, &attr, 0);
}

void core_sched_behind(void)
{
    step_back(SCHED_NORMAL, BEHIND_STEPS, 0);
}

void core_sched_background(void)
{
    step_back(SCHED_BATCH, BACKGROUND_STEPS, CORE_LIMIT_SLICE_LONG_NS);
}

void core_sched_prompt(void)
{
    struct sched_attr attr;

    if (!ordinary(&attr))
        return;
    attr.sched_flags |= SCHED_FLAG_RESET_ON_FORK;
    attr.sched_runtime = CORE_LIMIT_SLICE_NS;
    (void)syscall(SYS_sched_setattr, 0, &attr, 0);
}
