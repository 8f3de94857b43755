/*
 * confine.h: what the processes of extraction give up before they touch a document. Each call is
 * for the calling process and those that it starts; the limits cannot be raised again.
 *
 *     worker     ai_confine(), ai_tools_start(), ai_confine_parser()
 *     desk       what the worker had given up when it started the desk
 *     converter  besides ai_confine_converter(), between fork and exec
 *
 * After ai_confine() files may be read, but nothing can be written, sent, or
 * done to other processes. A parser is left with its memory, the clock, and
 * bytes over descriptors that are open already. A converter may read what
 * belongs to the system (no documents of people), and start nothing.
 *
 * true: in force. false: a filter could not be installed (a kernel without them, or a build with
 * sanitizers, which need more than that), the rest holds. Parts that only newer kernels have
 * (Landlock) do not count.
 */
#ifndef AI_EXTRACT_CONFINE_H
#define AI_EXTRACT_CONFINE_H

#include <stdbool.h>

/* Also closes descriptors above 2, and moves to a folder that holds nothing of anybody. */
bool ai_confine(void);
bool ai_confine_parser(void);
/* program: the absolute path of what will be executed; cpu_s: its processor time. */
bool ai_confine_converter(const char *program, unsigned cpu_s);
/* Processor time for the next document: what is used by now, and then AI_LIMIT_EXTRACT_CPU_S. */
void ai_confine_next(void);

#endif
