/*
 * plan.h: where the pieces of a window begin and end, from the bits that window.h makes of it, as
 * long as they are easy: short words of ASCII in one of three casings, short numbers, single signs,
 * runs of signs. Only for cut.c: all of it goes into functions that are compiled for one
 * instruction set each.
 */
#ifndef GENOM_PLAN_H
#define GENOM_PLAN_H

#include "genom/cut.h"
#include "genom/window.h"

#define INLINE static inline __attribute__((always_inline))

/* An easy piece is at most so long, and so many bytes of it are read at once. */
#define EASY_MAX 16
/* Where the last piece of a window may end: one more byte tells whether it does. */
#define END_MAX (WINDOW - 2)

struct plan {
    uint64_t starts, ends;    /* of pieces; an end is the byte behind */
    uint64_t marks;           /* spaces that belong to the piece behind them */
    uint64_t named;           /* bytes of words and numbers */
    uint64_t capitals, twice; /* with another one behind */
    uint64_t tied;            /* ends of words with an apostrophe */
    uint64_t hard;            /* bytes whose piece is not easy, or not all in sight */
    uint64_t entry;           /* where cutting may go on behind a hard piece */
    unsigned behind;          /* pieces that end behind it are the next window's */
};

/* Bytes of words whose casing is none of the three. */
INLINE uint64_t plan_mixed(const struct window *w, uint64_t tie)
{
    uint64_t small = w->letters & ~w->capitals, two = w->capitals << 1 & w->capitals << 2;
    return (w->capitals & small << 1) | (small & two) | (w->capitals & tie << 1) | (tie & two);
}

/* The n-th bytes of stretches, n being 17 or 5. */
INLINE uint64_t plan_long(uint64_t bits, unsigned n)
{
    uint64_t found = bits & bits << 1;
    found &= found << 2;
    if (n > 5) {
        found &= found << 4;
        found &= found << 8;
    }
    return found & bits << (n - 1);
}

/* A run that begins at `at` may go on out of sight: it is the next window's. */
INLINE bool plan_late(struct plan *p, unsigned at)
{
    if (p->behind < END_MAX || at <= END_MAX - RUN_MAX)
        return false;
    p->behind = at;
    p->hard |= UINT64_C(1) << at;
    return true;
}

/* Where pieces of at most n bytes begin in stretches that begin at `starts`; n is 4 or 8. */
INLINE uint64_t plan_every(uint64_t bits, uint64_t starts, unsigned n)
{
    uint64_t whole = bits & bits << 1;
    whole &= whole << 2;
    if (n > 4)
        whole &= whole << 4;
    for (uint64_t more = starts << n & whole; more; more = more << n & whole)
        starts |= more;
    return starts;
}

/* Ends of lines go together by four, spaces by eight, those behind a single end of a line with it:
 * what plan_runs() says of them, of all at once. */
INLINE void plan_blanks(struct plan *p, uint64_t lines, uint64_t spaces)
{
    const unsigned sure = END_MAX - RUN_MAX + 1;
    uint64_t starts = plan_every(lines, lines & ~(lines << 1), 4), single = starts & ~(lines >> 1);
    starts |= plan_every(spaces, single | (spaces & ~((spaces | single) << 1)), 8);
    uint64_t inside = (lines | spaces) & ~starts, late = (starts & inside >> 1) >> sure;
    p->starts &= ~inside;
    p->ends &= ~inside;
    if (late)
        plan_late(p, sure + (unsigned)__builtin_ctzll(late));
}

/* Runs of signs become pieces of more than one byte. */
INLINE void plan_runs(struct plan *p, const struct runs *runs, const char *win, uint64_t other,
                      uint64_t spaces)
{
    for (uint64_t left = other & other >> 1; left;) {
        unsigned at = (unsigned)__builtin_ctzll(left), lens = genom__run_lens(runs, win + at);
        left &= left - 1;
        if (lens == 0)
            continue;
        if (plan_late(p, at))
            return;
        uint64_t with = win[at] == ' ' || win[at] == '\n' ? other : other & ~spaces;
        unsigned most = (unsigned)__builtin_ctzll(~(with >> at) | 1u << RUN_MAX);
        unsigned len = genom__run(runs, win + at, lens, most);
        uint64_t inside = ((UINT64_C(1) << len) - 2) << at;
        p->starts &= ~inside;
        p->ends &= ~inside;
        left = left >> (at + len) << (at + len);
    }
}

/* valid: how many bytes of the window are text; first: its first byte is the text's. */
INLINE void plan_make(struct plan *p, const struct runs *runs, struct window *w, const char *win,
                      size_t valid, bool first)
{
    uint64_t beyond = valid < WINDOW ? UINT64_MAX << valid : 0;
    uint64_t tie = w->ties & w->letters << 1 & w->letters >> 1, run = w->letters | tie, other;
    w->odd &= ~beyond;
    p->behind = valid < END_MAX ? (unsigned)valid : END_MAX;
    p->marks = w->spaces & ~((w->white | beyond) >> 1) & ~(uint64_t)first;
    p->named = run | w->digits;
    p->capitals = w->capitals;
    p->twice = w->capitals & w->capitals >> 1;
    p->tied = (run + tie) & ~run;
    other = ~(p->named | p->marks | w->odd | beyond);
    p->starts = (run & ~(run << 1)) | (w->digits & ~(w->digits << 1)) | other;
    p->ends = (~run & run << 1) | (~w->digits & w->digits << 1) | other << 1;
    p->hard = w->odd | (w->odd >> 1 & run) | (w->odd >> 2 & w->ties >> 1 & run) |
              plan_mixed(w, tie) | plan_long(run, 17) | plan_long(w->digits, 5) | beyond |
              UINT64_C(3) << END_MAX;
    uint64_t blanks = other & (w->lines | w->spaces);
    if (runs->blanks && (other & w->white) == blanks) {
        plan_blanks(p, w->lines, other & w->spaces);
        other &= ~blanks;
    }
    plan_runs(p, runs, win, other, w->spaces);
    p->entry = p->starts | p->marks | w->odd;
}

#endif
