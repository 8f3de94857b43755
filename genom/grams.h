/*
 * grams.h: what follows what, for mode dense (docs/genom.md, "Mode dense"): lists of the codes that were
 * seen behind one, two and three others. A code is a symbol of mode fast below 288, else a word by its
 * rank in language 0, or one of the frequent other tokens.
 */
#ifndef GENOM_GRAMS_H
#define GENOM_GRAMS_H

#include "genom/inside.h"
#include "genom/range.h"

/* No list is longer. */
#define GRAMS_LIST_MAX 4096

struct grams {
    const struct genom_dict *dict;
    uint32_t from[GRAMS_ORDERS], to[GRAMS_ORDERS]; /* what follows one, two, three codes */
    /* Of the entries of the first list, and of everything else. */
    uint32_t weight[GRAMS_LIST_MAX];
    uint32_t count, total, escape;
};

void genom__grams_init(struct grams *g, const struct genom_dict *dict);
/* Codes the symbol, and the value if it is one of a bucket's; context: of mode fast. False: impossible. */
bool genom__grams_put(struct grams *g, struct genom__enc *e, struct coded c, unsigned context);
/* GENOM_EDATA: nothing has that place. */
int genom__grams_get(struct grams *g, struct genom__dec *d, unsigned context, struct coded *ret);

#endif
