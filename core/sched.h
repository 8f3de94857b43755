/*
 * sched.h: how the kernel schedules the calling thread. Best effort: a sandbox may forbid it and an
 * older kernel ignore it, and the work gets done all the same. A thread that was started under
 * another policy (chrt) is left alone.
 */
#ifndef CORE_SCHED_H
#define CORE_SCHED_H

/* Gives way to threads that are waited for by many, as do the threads it starts (five steps of
 * nice behind what the program was started with, or what it is beyond that). */
void core_sched_behind(void);
/* Works behind all others (SCHED_BATCH, fifteen steps, or what it is
 * beyond that), in slices of CORE_LIMIT_SLICE_LONG_NS, from which any
 * thread with usual ones that wakes takes the core at once. */
void core_sched_background(void);

/* For a thread that does little at a time and is waited for each time it wakes: asks for slices of
 * CORE_LIMIT_SLICE_NS, which the kernel grants sooner when others keep every core busy (EEVDF,
 * since Linux 6.12). The threads and children it starts have slices as usual. */
void core_sched_prompt(void);

#endif
