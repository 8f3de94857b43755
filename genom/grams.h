/*
 * grams.h: what follows what, for mode dense (docs/genom.md, "Mode dense"): lists of the codes that
 * were seen behind one, two and three others. A code is a symbol of mode fast below 288, else a
 * word by its rank in language 0, or one of the frequent other tokens.
 */
#ifndef GENOM_GRAMS_H
#define GENOM_GRAMS_H

#include "genom/inside.h"
#include "genom/range.h"

/* Codes of this text that may come again, the last first. */
#define RECENT_MAX 32

struct recent {
    struct coded code[RECENT_MAX];
    uint32_t times[RECENT_MAX];
    uint32_t count;
    uint32_t came, chances; /* how often one came where one could have */
};

struct grams {
    const struct genom_dict *dict;
    uint32_t from[GRAMS_ORDERS], to[GRAMS_ORDERS]; /* what follows one, two, three codes */
    uint32_t lean[GRAMS_ORDERS];                   /* of this text to shorter contexts */
    uint32_t share;                                /* that the first list leaves, of 2^16 */
    /* Of the next code: what each list leaves to shorter ones; weight of a count, in 2^-32. */
    uint32_t below[GRAMS_ORDERS];
    uint64_t scale[GRAMS_ORDERS];
    uint32_t first_sum; /* of values before the first list */
    /* What longer contexts add to entries of the first list: where, and how much up to there. */
    uint32_t extras;
    uint16_t place[GRAMS_LIST_MAX];
    uint32_t added[GRAMS_LIST_MAX];
    uint32_t escape, total;
    struct recent recent;
};

/* Codes: below 288 a symbol, then words by rank, then other tokens. */
#define CODE_NONE 7 /* of what has none */
#define CODE_WORDS 64000
#define CODE_EXTRA (SYM_LISTED + CODE_WORDS)

/* Of an altered dictionary the total may be anything; a sound one's is lower. */
#define GRAMS_TOTAL_MOST (1u << 21)

void genom__grams_init(struct grams *g, const struct genom_dict *dict);

unsigned genom__grams_code(const struct grams *g, struct coded c);
struct coded genom__grams_coded(const struct grams *g, unsigned code);

/* The first list: what follows the last code, by code, ascending. */
uint32_t genom__grams_length(const struct grams *g);
unsigned genom__grams_code_at(const struct grams *g, uint32_t place);
/* The first place whose code is not less. */
uint32_t genom__grams_place(const struct grams *g, unsigned code);

/* Works out escape, total and extras. */
void genom__grams_predict(struct grams *g);
/* Weights of the entries before a place, without the extras. */
uint32_t genom__grams_before(const struct grams *g, uint32_t place);
/* After the code, which stood at the place of the first list if it was listed. */
void genom__grams_pass(struct grams *g, unsigned code, bool listed, uint32_t place);

/* Codes the symbol, and the value if it is one of a
 * bucket's; context: of mode fast. False: impossible. */
bool genom__dense_put(struct grams *g, struct genom__enc *e, struct coded c, unsigned context);
/* GENOM_EDATA: nothing has that place. */
int genom__dense_get(struct grams *g, struct genom__dec *d, unsigned context, struct coded *ret);

#endif
