/*
 * passage.h: L1, choosing the sentences that answer a question, and how sure that is. Room only;
 * pool threads, blocking.
 */
#ifndef AI_FIND_PASSAGE_H
#define AI_FIND_PASSAGE_H

#include "ai/find/retrieve.h"

/* What is known about a sentence as an answer; each about 0 … 1. */
enum ai_passage_feature {
    AI_PASSAGE_COSINE,  /* question · sentence */
    AI_PASSAGE_WINDOW,  /* question · the embedded window it lies in */
    AI_PASSAGE_TERMS,   /* weight of the question's terms that it holds */
    AI_PASSAGE_ALL,     /* … or its headings, title and the sentence before hold */
    AI_PASSAGE_TYPE,    /* holds the kind of thing that is asked for */
    AI_PASSAGE_RANK,    /* of its chunk */
    AI_PASSAGE_KEYWORD, /* rank of its chunk among the keyword hits */
    AI_PASSAGE_HEADING, /* terms in the nearest heading above */
    AI_PASSAGE_NAME,    /* terms in the document's name */
    AI_PASSAGE_SHORT,   /* under five words */
    AI_PASSAGE_LONG,    /* over forty words */
    AI_PASSAGE_CODE,    /* preformatted */
    AI_PASSAGE_TERMED,  /* the definition of an option, where an option is asked for */
    AI_PASSAGE_OPTION,  /* says what the option does that is asked for (1), goes on about it
                           (.75), names it (.25) */
    AI_PASSAGE_DEFINES, /* says what the thing is, where that is asked for */
    AI_PASSAGE_LABEL, /* stands behind a label ("Deposit: …") of which the question asks so much */
    AI_PASSAGE_FEATURES
};

/* A source with the content it belongs to, for the cache. */
struct ai_citation {
    struct ai_source source;
    struct core_str content_id;
};

/* A run of one to three sentences of one chunk. */
struct ai_passage {
    const struct ai_found_chunk *chunk;
    unsigned rank;         /* of the chunk, from 0 */
    size_t start, end;     /* bytes of chunk->text */
    struct core_str term;  /* what its main sentence defines, or empty */
    struct core_str text;  /* to be read: white space collapsed, in front the term that it defines
                              or the names of its columns */
    struct core_str lines; /* the same to be shown: rows, items, paragraphs on lines of their own */
    float features[AI_PASSAGE_FEATURES]; /* of its main sentence */
    double score;
    bool coded; /* its main sentence has a code of the question */
};
struct ai_passages {
    struct ai_passage at[AI_LIMIT_PASSAGES]; /* best first */
    size_t count;
    double confidence; /* probability that the first passage answers the question */
    double answerable; /* … that something in the documents does */
};
/* Looks through the chunks of `found`. No chunks, no passages. */
int ai_passages_choose(struct ai *ai, const struct ai_found *found, struct core_pool *pool,
                       struct ai_passages *ret);
/* The source of a passage. */
int ai_passage_cite(const struct ai_passage *passage, struct core_pool *pool,
                    struct ai_citation *ret);

/* --- passage_score.c ------------------------------------------------------------------------ */

/* Log odds that a sentence answers. */
double ai_passage_score(const float features[static AI_PASSAGE_FEATURES]);

enum ai_confidence_feature {
    AI_CONFIDENCE_SCORE,   /* of the best passage, squeezed to 0 … 1 */
    AI_CONFIDENCE_COSINE,  /* best sentence */
    AI_CONFIDENCE_WINDOW,  /* best chunk */
    AI_CONFIDENCE_COVERED, /* weight of terms held by the best passage with its surroundings */
    AI_CONFIDENCE_MISSING, /* rarity of the rarest term its chunk does not hold */
    AI_CONFIDENCE_UNKNOWN, /* rarity of the rarest term that no chunk holds */
    AI_CONFIDENCE_NAME,    /* rarity of the rarest name or number its chunk does not hold */
    AI_CONFIDENCE_TYPE,    /* the passage holds the kind of thing asked for */
    AI_CONFIDENCE_BOTH,    /* its chunk ranks high by keywords and by vectors */
    AI_CONFIDENCE_FOREIGN, /* the question is not in English */
    AI_CONFIDENCE_FEATURES
};
void ai_confidence_features(const struct ai_found *found, const struct ai_passages *passages,
                            float ret[static AI_CONFIDENCE_FEATURES]);
/* Rarity of the rarest term (name or number) that
 * the chunk, its headings and its name do not hold. */
float ai_passage_missing(const struct ai_found *found, const struct ai_found_chunk *chunk,
                         bool names);
double ai_confidence(const float features[static AI_CONFIDENCE_FEATURES]);
double ai_answerable(const float features[static AI_CONFIDENCE_FEATURES]);

#endif
