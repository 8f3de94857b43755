/*
 * learn.h: what the files of learning share.
 *
 *     learn.c          jobs as the loop sees them: start, ask, cancel
 *     resume.c   those that the end of the server interrupted
 *     run.c      one job on the pool `learn`: walking, reading, what changed
 *     walk.c     the files below a path
 *     private.c  the server's own files, which are passed over
 *     known.c    what the store knows of documents
 *     store.c    documents, contents and chunks as statements of grouped batches
 *     keep.c     vectors of what a document says still, when it is read again
 *     embed.c    vectors for chunks that have none, on the pool `embed`
 *     queue.c    which of them comes next
 *     documents.c      what is known: counts, lists, one document, removing
 *
 * Threads: fields say whose they are. A job's numbers travel from the pool to the loop as copies
 * in messages; counts of all knowledge are atomic.
 */
#ifndef AI_LEARN_LEARN_H
#define AI_LEARN_LEARN_H

#include "ai/extract/extract.h"
#include "ai/learn/chunk.h"
#include "ai/learn/queue.h"
#include "ai/room.h"
#include "core/crypto.h"
#include "core/limits.h"

struct ai_learn_job {
    struct core_work work; /* first */
    struct ai_learner *learner;
    struct ai_learn_job *next;
    /* Inputs, set before the job is submitted: paths, or one document by value. */
    char **roots;
    size_t root_count;
    char *name;   /* "upload:…" */
    bool forgets; /* the one root is a source to be forgotten */
    char *bytes;
    size_t len;
    /* The loop's. */
    struct ai_job shown;
    bool done;
    bool unwanted;   /* somebody cancelled it */
    unsigned starts; /* of the server, since it was begun */
    /* The pool's, until the work is done. Errors are written before they are counted, and not
     * touched again. */
    struct ai_job live;
    struct ai_job_error errors[AI_LIMIT_JOB_ERRORS];
    /* A copy of live on its way to the loop; busy: the loop has not taken it yet. */
    struct core_post report;
    struct ai_job reported;
    atomic_bool busy;
};

struct ai_embedding {
    struct core_work work; /* first */
    struct ai_learner *learner;
    /* The loop's. */
    struct core_timer *retry;
    bool running, again;
    /* The pool's. */
    struct ai_learn_queue queue[AI_EMBEDDERS];
    bool more;
    bool main_left; /* there are chunks that the main model has not seen */
    int status;
    /* Chunks a second, milli. */
    atomic_int_fast64_t rate;
};

struct ai_learner {
    struct ai *ai;
    atomic_bool stopping;
    atomic_int_fast64_t documents, chunks;
    atomic_int_fast64_t vectors, seconds; /* chunks that the main, that the other model has seen */
    atomic_bool unembedded;               /* the main one has not seen all */
    /* The loop's. */
    struct core_box box;
    struct ai_learn_job *jobs; /* newest first */
    size_t open_jobs;
    size_t upload_bytes; /* of open jobs */
    struct ai_embedding embedding;
    /* The pool `learn`'s. */
    struct ai_extractor *extractor;
    int64_t next_chunk_id;
};

/* learn.c, for resume.c. A job that has nothing to do yet. */
struct ai_learn_job *ai__job_new(struct ai_learner *learner);
void ai__job_free(struct ai_learn_job *job);
/* Takes the job over; it is freed on failure. Loop. */
int ai__job_submit(struct ai_learn_job *job);
/* Takes over one that will not run: it is shown as failed, for that reason. Loop. */
void ai__job_give_up(struct ai_learn_job *job, const char *why);

/* resume.c: jobs that wait or run stand in the store. Loop. */
void ai__job_note(const struct ai_learn_job *job);
/* It is done; or, when only the server ends, it goes on after the next start. */
void ai__job_settle(const struct ai_learn_job *job, bool goes_on);
/* What the last end of the server left begun goes on under its old id. While the loop does not run
 * yet: it reads. */
void ai__jobs_resume(struct ai_learner *learner);

/* run.c: the work of a job. */
void ai__learn_run(struct core_work *work, unsigned worker);
/* Posts a copy of live to the loop unless the last one still waits. Pool. */
void ai__learn_report(struct ai_learn_job *job);

/* embed.c. Loop thread. */
void ai__embed_open(struct ai_learner *learner);
/* There may be chunks without vectors. */
void ai__embed_kick(struct ai_learner *learner);
void ai__embed_close(struct ai_learner *learner);
/* Counts the chunks that the models have seen. Any thread. */
void ai__embed_count(struct ai_learner *learner);
/* The model whose vectors count as "embedded", or NULL without embedders. Any thread. */
const char *ai__embed_model(const struct ai *ai);

/* --- store.c: grouped writing; pool `learn` -------------------------------------------- */

/* A content that may lose its last document, with its chunks, which leave the index then. */
struct ai_learn_drop {
    char content_id[CORE_ID_SIZE];
    int64_t *chunks;
    size_t count, cap;
};
/* Reads the chunk ids of a content. */
int ai__learn_drop_init(struct ai *ai, struct core_str content_id, struct ai_learn_drop *ret);
void ai__learn_drop_done(struct ai_learn_drop *drop);
/* Statements: content, chunks and vectors go when no document refers to it any more. */
void ai__learn_drop_put(struct store_batch *batch, const struct ai_learn_drop *drop);
/* After the batch: takes the chunks out of the index when the content is gone. */
void ai__learn_drop_finish(struct ai *ai, const struct ai_learn_drop *drop);
/* Counts documents, chunks and vectors anew. */
int ai__learn_count(struct ai_learner *learner);

/* What the store knows of a document. */
struct ai_learn_known {
    char *name;
    char content_id[CORE_ID_SIZE];
    unsigned char hash[CORE_SHA256_SIZE];
    int64_t bytes, mtime_ms, extractor;
};
struct ai_learn_known_list {
    struct ai_learn_known *items;
    size_t count, cap;
};
/* Append; on failure what was read stays in the list. Pool. */
int ai__learn_known_one(struct ai *ai, struct core_str name, struct ai_learn_known_list *ret);
/* All below a folder, sorted by the bytes of the name. */
int ai__learn_known_below(struct ai *ai, const char *folder, struct ai_learn_known_list *ret);
/* All documents of a source. */
int ai__learn_known_of(struct ai *ai, struct core_str root, struct ai_learn_known_list *ret);
void ai__learn_known_done(struct ai_learn_known_list *list);

/* A document to be written. */
struct ai_learn_document {
    struct core_str name, root;
    int64_t bytes, mtime_ms;
    unsigned char hash[CORE_SHA256_SIZE];
    const struct ai_learn_known *known; /* NULL: new */
};

/* Chunks from `from` to `to`, new in a batch, that have the vectors of those from `of` on. */
struct ai_learn_kept {
    int64_t from, to, of;
};

/* One batch in the making. */
struct ai_learn_batch {
    struct ai_learner *learner;
    struct store_batch *batch; /* NULL: nothing yet */
    uint64_t since_ms;
    size_t documents; /* with something to write */
    bool adds;        /* something is known that was not */
    struct {
        unsigned char hash[CORE_SHA256_SIZE];
        char id[CORE_ID_SIZE];
    } contents[AI_LIMIT_LEARN_BATCH]; /* new in this batch */
    size_t content_count;
    struct ai_learn_drop drops[AI_LIMIT_LEARN_BATCH];
    size_t drop_count;
    struct ai_learn_kept *kept;
    size_t kept_count, kept_cap;
    size_t kept_chunks; /* in them */
    bool keeps_none;    /* copies were part of a write that was lost, and may be why */
};
void ai__learn_batch_init(struct ai_learn_batch *b, struct ai_learner *learner);
/* Forgets what was not written. */
void ai__learn_batch_done(struct ai_learn_batch *b);
bool ai__learn_batch_full(const struct ai_learn_batch *b);
/* The id of a content of these bytes, stored or in this batch; CORE_ENOTFOUND. */
int ai__learn_find_content(struct ai_learn_batch *b, const unsigned char hash[CORE_SHA256_SIZE],
                           char ret_id[static CORE_ID_SIZE]);
/* Adds a content with its chunks. */
int ai__learn_put_content(struct ai_learn_batch *b, const struct ai_learn_document *d,
                          const struct ai_doc *text, char ret_id[static CORE_ID_SIZE]);
/* Adds or changes the document; what it was before is dropped. */
int ai__learn_put_document(struct ai_learn_batch *b, const struct ai_learn_document *d,
                           const char *content_id);
/* The document is the same, its file was only touched. */
void ai__learn_put_touched(struct ai_learn_batch *b, const struct ai_learn_document *d);
int ai__learn_put_gone(struct ai_learn_batch *b, const struct ai_learn_known *known);
/* Writes and waits; the batch is empty after, whatever happened. CORE_EMISMATCH: somebody else
 * changed something meanwhile, nothing was written. */
int ai__learn_write(struct ai_learn_batch *b);

/* --- keep.c; pool `learn` -------------------------------------------------------------- */

/* Statements, behind those that insert the chunks: the ones that say what a chunk of the older
 * content says get its vectors. What is beyond AI_LIMIT_LEARN_KEPT of a batch is embedded. */
int ai__learn_keep(struct ai_learn_batch *b, const char *content_id,
                   const struct ai_index_chunk *chunks, size_t count);
/* After the batch: puts the vectors of the run into the index. */
void ai__learn_keep_finish(struct ai *ai, const struct ai_learn_kept *run);

#endif
