/*
 * term.h: what may be done with the terminal: width, colour, progress, and text from elsewhere.
 */
#ifndef SHELL_TERM_H
#define SHELL_TERM_H

#include "core/str.h"

#include <stdio.h>

bool shell_term_is(FILE *file);
/* COLUMNS or the terminal's width; 80 when neither is known; never below 20. */
unsigned shell_term_columns(void);
/* On a terminal and without NO_COLOR. */
bool shell_term_colour(FILE *file);
/* "\033[…m" or "" by shell_term_colour. */
const char *shell_term_style(FILE *file, const char *code);

/* Nobody reads stdout any more: the other end of its pipe is closed. */
bool shell_output_gone(void);

/* What is put on a terminal in place of a character: '?' for those that drive it. */
uint32_t shell_term_safe(uint32_t code);
/* Writes text from elsewhere: control bytes but newline and tab become '?', bad UTF-8 U+FFFD, so
 * that nothing in a document or an answer can drive the terminal. */
void shell_term_put(FILE *file, struct core_str text);
/* The same with newline and tab too: for names, which must not pretend to be lines of ours. */
void shell_term_put_line(FILE *file, struct core_str text);

/* One line that is drawn over again, cut to the width; nothing when stderr is no terminal
 * or a dumb one. */
void shell_progress(const char *format, ...) __attribute__((format(printf, 1, 2)));
void shell_progress_clear(void);
/* "[#####-----]" of `width` characters (≥ 3) into out (width + 1 bytes). */
void shell_bar(double done, unsigned width, char *out);

/* Ctrl-C, SIGTERM, and the SIGHUP of a terminal that is closed: noted instead of ending the
 * program, which then leaves in order. */
void shell_interrupt_catch(void);
bool shell_interrupted(void);
/* Waits until fd can be read or its other end is
 * gone. False: a signal came, be it only just before. */
bool shell_interrupt_wait(int fd);
/* For what is still to be done; shell_ended_by() stays. */
void shell_interrupt_clear(void);
/* SIGTERM or SIGHUP, after which nothing new is begun; 0: neither came. */
int shell_ended_by(void);

#endif
