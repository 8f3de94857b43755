/*
 * confine.h: what the extraction child gives up before it touches a document.
 *
 * It is a belt beside the process boundary, not a jail: files stay readable (the converters need
 * theirs), but nothing can be written, sent, or done to other processes.
 */
#ifndef AI_EXTRACT_CONFINE_H
#define AI_EXTRACT_CONFINE_H

#include <stdbool.h>

/* For this process and those that it starts: descriptors above 2 closed, no core files, limited
 * address space, a current folder that holds nothing of anybody, no new privileges, and a filter of
 * system calls (see confine.c). false: the filter could not be installed, the rest holds. */
bool ai_confine(void);
/* Processor time for the next document: what is used by now, and then AI_LIMIT_EXTRACT_CPU_S. */
void ai_confine_next(void);

#endif
