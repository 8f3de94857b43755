/*
 * sched.c: sched_setattr(2), for which the C library has no function. Not <sched.h>: it defines some
 * of what the kernel's headers define.
 */
#include "core/sched.h"

#include "core/limits.h"

#include <linux/sched.h>
#include <linux/sched/types.h>
#include <stdbool.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Each step costs a fifth of the weight: five leave a third, and ten between the two keep learning from
 * the time of answers. */
#define BEHIND_NICE 5
#define BACKGROUND_NICE 15

/* The calling thread's attributes, when it is an ordinary one. */
static bool ordinary(struct sched_attr *attr)
{
    *attr = (struct sched_attr){.size = sizeof *attr};
    return syscall(SYS_sched_getattr, 0, attr, sizeof *attr, 0) == 0 &&
           attr->sched_policy == SCHED_NORMAL;
}

static void step_back(unsigned policy, int nice)
{
    struct sched_attr attr;

    if (!ordinary(&attr))
        return;
    attr.sched_policy = policy;
    if (attr.sched_nice < nice)
        attr.sched_nice = nice;
    (void)syscall(SYS_sched_setattr, 0, &attr, 0);
}

void core_sched_behind(void)
{
    step_back(SCHED_NORMAL, BEHIND_NICE);
}

void core_sched_background(void)
{
    step_back(SCHED_BATCH, BACKGROUND_NICE);
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
