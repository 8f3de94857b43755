/*
 * wrap.h: text on a terminal, broken between words. Text may come in pieces, cut
 * anywhere between two characters; a word is held back until it is whole. A word
 * longer than a line is left to the terminal, which keeps it one word for whoever
 * copies it. Control bytes are replaced as by shell_term_put.
 */
#ifndef SHELL_WRAP_H
#define SHELL_WRAP_H

#include "core/buf.h"

#include <stdio.h>

struct shell_wrap {
    FILE *file;
    unsigned columns; /* 0: lines stay as they are */
    unsigned indent;  /* of the lines that are begun here; the caller's to set */
    unsigned at;      /* the column where the next character goes */
    unsigned spaces;  /* before the word */
    unsigned width;   /* of the word */
    struct core_buf word;
};

/* Lines as wide as the terminal (SHELL_LIMIT_LINE at most); left as they are when file is none. */
void shell_wrap_init(struct shell_wrap *wrap, FILE *file);
/* What is still held, and the end of it. */
void shell_wrap_done(struct shell_wrap *wrap);

void shell_wrap_put(struct shell_wrap *wrap, struct core_str text);
/* The same for names and other text that must not begin lines of its own: any space is one
 * blank. */
void shell_wrap_put_line(struct shell_wrap *wrap, struct core_str text);
void shell_wrap_c(struct shell_wrap *wrap, const char *text);
void shell_wrap_f(struct shell_wrap *wrap, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* One sentence and the end of its line. */
void shell_wrap_say(FILE *file, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* "\033[…m" where colours are wanted: takes no room. */
void shell_wrap_style(struct shell_wrap *wrap, const char *code);
/* A path, as one line; where there is no room for all of it, its beginning becomes "…". */
void shell_wrap_path(struct shell_wrap *wrap, struct core_str path);
#endif
