/*
 * grams.h: what follows what, for mode dense (docs/genom.md, "Mode dense"): lists of the codes that were
 * seen behind one, two and three others. A code is a symbol of mode fast below 288, else a word by its
 * rank in language 0, or one of the frequent other tokens.
 */
#ifndef GENOM_GRAMS_H
#define GENOM_GRAMS_H

#include "genom/inside.h"
#include "genom/range.h"

struct grams {
    const struct genom_dict *dict;
    uint32_t from[GRAMS_ORDERS], to[GRAMS_ORDERS]; /* what follows one, two, three codes */
    uint32_t lean[GRAMS_ORDERS];                   /* of this text to shorter contexts */
    uint32_t share;                                /* that the first list leaves, of 2^16 */
    /* Of the next code: what each list leaves to shorter ones; weight of a count, in 2^-32. */
    uint32_t below[GRAMS_ORDERS];
    uint64_t scale[GRAMS_ORDERS];
    uint32_t first_sum; /* of values before the first list */
    /* What longer contexts add to entries of the first list. */
    uint32_t extras;
    uint16_t place[GRAMS_LIST_MAX];
    uint32_t extra[GRAMS_LIST_MAX];
    uint32_t escape, total;
};

void genom__grams_init(struct grams *g, const struct genom_dict *dict);
/* Codes the symbol, and the value if it is one of a bucket's; context: of mode fast. False: impossible. */
bool genom__grams_put(struct grams *g, struct genom__enc *e, struct coded c, unsigned context);
/* GENOM_EDATA: nothing has that place. */
int genom__grams_get(struct grams *g, struct genom__dec *d, unsigned context, struct coded *ret);

#endif
