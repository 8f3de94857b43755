/*
 * child.h: this program started again (`PROGRAM COMMAND
 * …`) for what may die of its input. Any thread.
 *
 * Never a fork that goes on in the program's copy: other threads' locks would be copied in whatever
 * state they are.
 */
#ifndef AI_CHILD_H
#define AI_CHILD_H

#include <sys/types.h>

struct ai_child {
    pid_t pid; /* 0: none */
    int fd;    /* our end of its standard input and output: a stream socket that does not block */
};

/* argv[0]: the program's absolute path; NULL at the end. The child leads a process group, has
 * default signals, /dev/null for standard error, and of our environment what finds programs and
 * libraries. 0 or CORE_EIO; *ret is none then. */
int ai_child_start(const char *const argv[], struct ai_child *ret);
/* Waits until it has ended by itself; *ret_status as waitpid gives it. */
int ai_child_wait(struct ai_child *child, int *ret_status);
/* Ends it with all that it has started, and waits. None is fine. */
void ai_child_kill(struct ai_child *child);

#endif
