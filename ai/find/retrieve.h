/*
 * retrieve.h: question → the chunks that may answer it. Room only; pool threads, blocking.
 *
 * Keywords (BM25) and vectors are ranked apart and fused by reciprocal ranks; without vectors yet,
 * keywords alone answer.
 */
#ifndef AI_FIND_RETRIEVE_H
#define AI_FIND_RETRIEVE_H

#include "ai/find/passage_type.h"
#include "ai/find/view.h"
#include "ai/room.h"
#include "ai/text/forms.h"
#include "core/limits.h"
#include "core/mem.h"

/* A content word of the question. */
struct ai_term {
    struct core_str word;                 /* folded */
    struct core_str forms[AI_WORD_FORMS]; /* other ones of it, as good */
    size_t form_count;
    float weight;   /* the rarer among the chunks, the more; 0 … 1, the rarest term is 1. Words
                             that only name the type of answer weigh little. */
    float idf;      /* inverse document frequency, as BM25 counts it */
    float rarity;   /* the same on a fixed scale */
    float general;  /* how rare it is in the question's language: ai_lang_rarity() */
    int64_t chunks; /* how many chunks hold it */
    unsigned flags; /* AI_WORD_… of text/text.h */
    bool first;     /* begins the question */
    bool carried;   /* only the question before has it, on which this one leans */
};
struct ai_found_chunk {
    int64_t id, ordinal, start, end; /* start, end: bytes of the stored text */
    struct core_str content_id, document_id, document, name, title, heading, text;
    float keywords;    /* BM25, 0 when not among the hits */
    int64_t beginning; /* the first chunk of its document; 0: not asked yet, or gone */
    enum ai_lang lang; /* known with it */
    float cosine;      /* best window by its view, −1 without vector */
    unsigned keyword_rank, vector_rank; /* from 1; 0 = not among the hits */
    double fused;                       /* 1 when it is the first of every list */
    unsigned repeats;                   /* chunks of the same content before it */
};
struct ai_found {
    struct core_str query;
    enum ai_lang lang;
    enum ai_answer_type type;
    enum ai_answer_unit unit;
    struct ai_term terms[AI_LIMIT_TERMS];
    size_t term_count;
    struct core_str options[AI_LIMIT_OPTIONS]; /* named in the question; point into query */
    size_t option_count;
    struct ai_read_as read_as[AI_LIMIT_SPELL_WORDS];
    size_t read_as_count;
    const char *model; /* embedder of `vector`, NULL when there is none */
    unsigned embedder; /* AI_EMBEDDER_… */
    unsigned dimensions;
    float vector[AI_LIMIT_DIMENSIONS];
    bool empty; /* nothing was learned yet */
    /* Filled by ai_retrieve. */
    struct ai_view views[2]; /* by the embedder of the question's language, and by the other one
                                when it has seen nearly all passages */
    struct ai_found_chunk *chunks; /* best first */
    size_t count;
};

/* --- question/question.c ----------------------------------------------------------------------------- */

/* Language, terms (not yet weighed) and vector of the
 * question. Without a working embedder model stays NULL. */
void ai_retrieve_question(struct ai *ai, unsigned worker, struct core_str query,
                          struct core_pool *pool, struct ai_found *ret);
/* The question that was given leans on the one before it: this one counts where it says what is asked
 * for. Behind "when was it mended?", "and by whom?" wants a name, "and the roof?" another thing. */
void ai_retrieve_leans(struct ai_found *found, struct core_str before, struct core_str question);
/* How much it says that a text in that language does not hold the term: where it could, less of a
 * word that everybody uses. */
float ai_term_missed(const struct ai_found *found, const struct ai_term *term, enum ai_lang lang);
/* Is a folded word of a text the term, in any form? */
bool ai_term_is(const struct ai_term *term, struct core_str folded);
/* Two folded words of one stem, more or less: "install", "installing"; with digits, only the same. */
bool ai_word_alike(struct core_str a, struct core_str b);
/* Has the text the folded word, or unless it must be exact one that is alike? */
bool ai_word_stands(struct core_str text, struct core_str folded, bool exact);
/* The terms of the question that a text holds, as bits. */
typedef uint32_t ai_terms;
_Static_assert(AI_LIMIT_TERMS <= 32, "a bit for each term");
ai_terms ai_terms_in(const struct ai_found *found, struct core_str text);
/* How rare each term is among the chunks. */
void ai_retrieve_weigh_terms(struct ai *ai, struct ai_found *found);
/* A vector by AI_EMBEDDER_…; false when that does not work. */
bool ai_retrieve_vector(struct ai *ai, unsigned worker, unsigned embedder, struct core_str text,
                        float *ret);

/* --- retrieve.c ----------------------------------------------------------------------------- */

/* By which embedder passages of a language are looked at. */
const struct ai_view *ai_found_view(const struct ai_found *found, enum ai_lang lang);

/* The best k chunks for the question; a further one of a document counts `repeat` of the one before
 * (AI_FUSE_REPEAT, AI_FUSE_REPEAT_ASK). Strings live in pool. An empty knowledge gives count 0. */
int ai_retrieve(struct ai *ai, unsigned worker, unsigned k, double repeat, struct core_pool *pool,
                struct ai_found *found);

/* Gives chunk and sentence vectors (sentence_vector.h) by a model of those chunks that have them to
 * on_row. 0 or an error. */
int ai_retrieve_sentences(struct ai *ai, const char *model, const int64_t *chunk_ids, size_t count,
                          int (*on_row)(void *arg, const struct store_row *row), void *arg);
/* "Heading > Heading", or the title where there is none: where a chunk stands in its document. */
struct core_str ai_retrieve_location(struct core_pool *pool, const struct ai_found_chunk *chunk);

#endif
