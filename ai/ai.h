/*
 * ai.h: the face of SkyAI: asking, searching, learning, history, models.
 *
 * Thread: everything here is called on the loop and calls back on the loop, unless a comment says
 * "pool" (blocking; from a core_work run()). Requests are the caller's memory: embed the struct,
 * fill the inputs, do not touch it until its done callback ran; inputs must live as long.
 */
#ifndef AI_AI_H
#define AI_AI_H

#include "account/account.h"
#include "ai/model/model.h"
#include "core/json.h"
#include "core/limits.h"
#include "core/store/store.h"

struct ai;
struct genom_dict;

struct ai_options {
    const struct core_env *env;
    struct core_loop *loop;
    struct store *store;
    struct accounts *accounts; /* who pays; NULL: nobody */
    const char *data_dir;
    const char *model_path;
    const char *embed_path;
    const char *embed_multi_path; /* may name a file that is not there: then English only */
    unsigned model_threads, model_context, model_slots, model_idle_s, embed_threads;
    unsigned node;      /* NODn on receipts */
    unsigned level_max; /* 0 … 3 */
    bool cache;
    /* The program itself, for its child processes (the end of this file). */
    const char *program;
    /* Which words there are, for those mistyped in a question; must stay open. NULL: they stay. */
    const struct genom_dict *genom;
};
/* Blocking, before the loop runs. Missing model files are no error here: the level is skipped and
 * `sky doctor` says why. */
int ai_open(const struct ai_options *options, struct ai **ret, char *why, size_t why_cap);
/* The program is about to end: learning is cancelled, embedding in the background stops where it
 * is; both go on after the next start. Questions are still answered. Loop thread. */
void ai_wind_down(struct ai *ai);
/* Change options while it runs, for questions asked from now on. A level above the one that it was
 * opened with cannot be had: CORE_EUNSUPPORTED, and nothing changes. */
int ai_level_max_set(struct ai *ai, unsigned level_max);
void ai_cache_set(struct ai *ai, bool cache);
/* Cancels what runs (their done callbacks come inside), stops the pools. Loop thread. */
void ai_free(struct ai *ai);

/* --- Levels, models ------------------------------------------------------------------------- */

struct ai_model_info {
    const char *id; /* "skyai-standard" … */
    unsigned level_max;
    int64_t created_s;
};
const struct ai_model_info *ai_models(const struct ai *ai, size_t *ret_count);
/* Bit n = level n can answer now; a model that comes or goes is noticed within
 * AI_MODEL_CHECK_MS. */
unsigned ai_levels(struct ai *ai);
/* Why a level cannot, in a line with the remedy; empty when it can. */
void ai_level_why(struct ai *ai, unsigned level, char *ret, size_t cap);
#define AI_LEVELS 6

/* Answers of one level: since the start, and of the last minute, of which at most the newest
 * AI_LIMIT_RECENT count. Any thread; costs nothing. */
struct ai_recent {
    uint64_t answers;
    unsigned minute;
    int64_t p50_ms, p95_ms; /* −1: no answer in the last minute */
};
void ai_recent(const struct ai *ai, unsigned level, struct ai_recent *ret);

/* What the answering is made of, as it is now. */
struct ai_parts {
    struct {
        const char *name;
        bool loaded; /* its weights are in memory */
        unsigned dimensions;
        int64_t chunks; /* that have its vectors in the index */
    } embedders[2];
    size_t embedder_count; /* whose files are there */
    const char *model;     /* of L2: "local:smollm2"; NULL: there is none */
    bool model_there, model_loaded;
    struct {
        const char *name;
        unsigned threads;
        size_t waiting;
    } pools[3];
};
/* Loop thread. */
void ai_parts(struct ai *ai, struct ai_parts *ret);

/* --- Asking --------------------------------------------------------------------------------- */

/* Where a statement comes from: start/end are byte offsets into the stored text of the document. */
struct ai_source {
    struct core_str document, document_id, title, location, quote;
    int64_t start, end;
    double score;
};
/* A mistyped word of the question, and what it was read as. */
struct ai_read_as {
    struct core_str typed, as;
};
struct ai_receipt {
    unsigned level;
    const char *brand; /* "Standard" */
    /* "cache_exact", "cache_semantic", "passage_confident", "passage_best" (no level that
     * could be asked did better), "model", "small_talk", "not_in_documents", "budget" (a higher
     * level was not asked: `skipped`), "length", "cancelled", "error" */
    const char *why_stopped;
    unsigned tokens_in, tokens_out;
    int64_t cost_microusd;
    int64_t latency_ms, first_token_ms;
    bool cached;
    unsigned node;
    double confidence;
    char cache_id[CORE_ID_SIZE]; /* the L0 entry it came from or became, or "" */
    unsigned skipped;            /* the level that was not asked for want of money; 0: none was */
};
struct ai_answer {
    struct core_str conversation_id, message_id, user_message_id;
    struct core_str text;
    bool answered;
    bool kept;          /* history has question and answer; known in on_done, DOCUMENTS only */
    const char *finish; /* "stop", "length" */
    struct ai_receipt receipt;
    const struct ai_source *sources;
    size_t source_count;
    const struct ai_read_as *read_as;
    size_t read_as_count;
    const struct account_broke
        *broke; /* with CORE_EBUDGET or a level skipped: which budget; else NULL */
};

/* The "receipt" object (with its "sources" and "read_as") and such arrays, as stored in history and
 * sent; "read_as" only if something was. */
void ai_receipt_json(struct core_json_out *out, const char *key, const struct ai_answer *answer);
void ai_sources_json(struct core_json_out *out, const char *key, const struct ai_source *sources,
                     size_t count);
void ai_read_as_json(struct core_json_out *out, const struct ai_read_as *words, size_t count);

enum ai_ask_mode {
    AI_ASK_DOCUMENTS, /* /api/chat/message: right or silent; kept in history */
    AI_ASK_MODEL      /* /v1/chat/completions: never refuses; not kept in history */
};
struct ai_ask {
    /* --- inputs ----------------------------------------------------------------------------- */
    enum ai_ask_mode mode;
    struct core_str owner;             /* scope of cache and history */
    struct core_str conversation_id;   /* empty: a new conversation */
    struct core_str retry_of;          /* message id or empty */
    const struct ai_message *messages; /* DOCUMENTS: exactly one AI_USER; MODEL: the whole list */
    size_t message_count;
    const char *model; /* id of ai_models() */
    unsigned level_max;
    bool cacheable;         /* false: neither read nor written (tools, temperature, retry) */
    bool trial;             /* DOCUMENTS: history does not get it; not cacheable */
    struct core_str prompt; /* DOCUMENTS: in place of the one in force; empty: that one */
    unsigned tokens_max;    /* 0 = default of the mode */
    double temperature, top_p;
    uint64_t seed;
    struct core_str stops[AI_GENERATE_STOPS];
    size_t stop_count;
    struct account_payer payer;
    /* --- events (each may be NULL but on_done) ---------------------------------------------- */
    void (*on_start)(struct ai_ask *ask, const struct ai_answer *ids);
    void (*on_sources)(struct ai_ask *ask, const struct ai_source *sources, size_t count);
    /* NULL: nobody looks before the end, which spares work. */
    void (*on_text)(struct ai_ask *ask, struct core_str text);
    /* Exactly once, last. status 0: answer is whole. Else a code; `answer` holds what there is.
     * DOCUMENTS: by now the messages are acknowledged by the store, unless it refuses writes: then
     * the answer comes all the same, and is not kept. */
    void (*on_done)(struct ai_ask *ask, int status, const struct ai_answer *answer);
    void *arg;
    struct ai_ask_state *state; /* private */
};
/* on_start may come inside. 0 or an error at once (CORE_EINVAL, CORE_ENOTFOUND for an unknown
 * conversation comes via on_done, CORE_ELIMIT when too many are waiting). */
int ai_ask_start(struct ai *ai, struct ai_ask *ask);
void ai_ask_cancel(struct ai *ai, struct ai_ask *ask);

/* --- Providers: who answers on remote levels -------------------------------------------------- */

struct ai_provider_model {
    char name[AI_LIMIT_PROVIDER_NAME * 2]; /* at the provider */
    unsigned level;                        /* 3 */
    int64_t price_in, price_out;           /* microusd a million tokens */
    unsigned context, output_max;          /* tokens; context 0: not known */
};
struct ai_provider {
    char id[CORE_ID_SIZE]; /* "" of a new one */
    char name[AI_LIMIT_PROVIDER_NAME];
    char base_url[AI_LIMIT_PROVIDER_URL];
    char key
        [AI_LIMIT_KEY_REFERENCE]; /* "env:NAME", "file:/path", "" for none: never the key itself */
    int64_t rank;                 /* the lowest is asked first */
    bool enabled;
    unsigned first_ms, whole_ms, calls_max;
    /* It ends an answer that nobody takes any more, and bills at most so many tokens beyond what
     * came; ACCOUNT_UNLIMITED: it may bill all of it. */
    int64_t stop_tokens;
    struct ai_provider_model models[AI_LIMIT_PROVIDER_MODELS];
    size_t model_count;
};
/* Pool. All, in the order in which they are asked; at most AI_LIMIT_PROVIDERS into ret. */
int ai_providers(struct ai *ai, struct ai_provider *ret, size_t *ret_count);
/* Pool. CORE_ENOTFOUND. */
int ai_provider_read(struct ai *ai, struct core_str id, struct ai_provider *ret);
/* Pool. Stores a new one, which gets its id, or another state of one. Questions asked after this
 * see it. CORE_EINVAL: `ret_field` is not what `ret_must` says (static strings); CORE_EEXISTS: the
 * name is taken; CORE_ENOTFOUND; CORE_ELIMIT: there are AI_LIMIT_PROVIDERS. */
int ai_provider_save(struct ai *ai, const struct account_actor *by, struct ai_provider *provider,
                     const char **ret_field, const char **ret_must);
int ai_provider_remove(struct ai *ai, const struct account_actor *by, struct core_str id);
/* Pool. Can its key be read? "" or one line that says what to do. */
void ai_provider_check(const struct ai_provider *provider, char *why, size_t why_cap);
/* Loop. Its breaker: "closed", "open", "half-open"; "off" when it is not asked. */
const char *ai_provider_state(const struct ai *ai, const char *id);

/* Asks the first model of a provider for a few words, past its breaker. */
struct ai_provider_test {
    struct core_str id;
    struct account_payer payer;
    struct account_actor by; /* valid until on_done */
    /* status 0, or CORE_ENOTFOUND (no such provider, or it
     * is disabled) or of model.h; `http` is the provider's. */
    void (*on_done)(struct ai_provider_test *test, int status, int http);
    void *arg;
    /* Out. */
    int64_t latency_ms, cost_microusd;
    unsigned tokens_in, tokens_out;
    char why[256];                   /* more than the status says, or "" */
    struct ai_provider_trial *trial; /* private */
};
int ai_provider_test_start(struct ai *ai, struct ai_provider_test *test);
void ai_provider_test_cancel(struct ai *ai, struct ai_provider_test *test);

/* --- Searching and embedding ---------------------------------------------------------------- */

struct ai_result {
    struct core_str document, document_id, title, location, text;
    int64_t start, end;
    double score;
};
struct ai_search {
    struct core_str query;
    unsigned k; /* 1 … AI_LIMIT_SEARCH_K */
    bool one_per_document;
    void (*on_done)(struct ai_search *search, int status, const struct ai_result *results,
                    size_t count);
    void *arg;
    /* Set in on_done. */
    const struct ai_read_as *read_as;
    size_t read_as_count;
    void *state; /* private */
};
int ai_search_start(struct ai *ai, struct ai_search *search);
void ai_search_cancel(struct ai *ai, struct ai_search *search);

#define AI_EMBED_DIMENSIONS 384
struct ai_embed {
    const struct core_str *texts;
    size_t count;
    /* vectors: count × dimensions, unit length. */
    void (*on_done)(struct ai_embed *embed, int status, const float *vectors, unsigned dimensions,
                    unsigned tokens);
    void *arg;
    void *state;
};
int ai_embed_start(struct ai *ai, struct ai_embed *embed);
void ai_embed_cancel(struct ai *ai, struct ai_embed *embed);

/* --- Learning ------------------------------------------------------------------------------- */

struct ai_job_error {
    char *document;
    char *error;
};
struct ai_job {
    char id[CORE_ID_SIZE];
    const char *what; /* the first path, the name of an upload, or the source that is forgotten */
    unsigned whats;   /* how many paths */
    bool forgets;
    int64_t begun_ms;
    enum { AI_JOB_RUNNING, AI_JOB_DONE, AI_JOB_FAILED, AI_JOB_CANCELLED } state;
    const char *phase;   /* "reading", "finished"; "waiting" for its turn or for the store */
    const char *waiting; /* while it waits for the store: why. Else NULL */
    unsigned files_total, files_done, added, updated, unchanged, removed, duplicates, failed;
    unsigned skipped; /* files in folders that are empty; they are not in files_total */
    int64_t bytes_done;
    double rate_files_s, eta_s;
    const struct ai_job_error *errors; /* first AI_LIMIT_JOB_ERRORS of `failed` */
    size_t error_count;
};
/* Absolute paths of files and folders; copied. A folder is learned with all below it; files that
 * were learned from it before and are gone leave. */
int ai_learn_paths(struct ai *ai, const struct core_str *paths, size_t count,
                   char ret_job[static CORE_ID_SIZE]);
/* A document by value; known as "upload:<name>". Copied. CORE_ELIMIT while too many bytes wait. */
int ai_learn_bytes(struct ai *ai, struct core_str name, struct core_str bytes,
                   char ret_job[static CORE_ID_SIZE]);
/* Valid until the loop turns. CORE_ENOTFOUND for unknown or long finished jobs. */
int ai_job_get(struct ai *ai, struct core_str id, const struct ai_job **ret);
int ai_job_cancel(struct ai *ai, struct core_str id);
/* All jobs that are remembered, newest first. */
void ai_jobs(const struct ai *ai, void (*on_job)(void *arg, const struct ai_job *job), void *arg);
/* Forgets all documents of a source, as a job; root as ai_sources() gives it. */
int ai_forget_source(struct ai *ai, struct core_str root, char ret_job[static CORE_ID_SIZE]);

struct ai_knowledge {
    int64_t documents, chunks, vectors; /* vectors: chunks already embedded */
    bool learning;
    int64_t vectors_pending;
    int64_t second_pending; /* chunks that wait for the other embedding model, behind all those */
    double rate_s, eta_s;
};
/* Kept in memory; costs nothing. */
void ai_knowledge_now(const struct ai *ai, struct ai_knowledge *ret);

/* --- Documents and history (pool: blocking) ------------------------------------------------- */

struct ai_document {
    struct core_str id, name, title, mime;
    struct core_str source; /* the path that was learned, "upload:" */
    int64_t bytes, chunks, vectors, learned_ms;
};
/* Sorted by name, after `after` (a name), whose name or title holds `like` (may be empty). */
int ai_documents(struct ai *ai, struct core_str like, struct core_str after, unsigned limit,
                 int (*on_document)(void *arg, const struct ai_document *document), void *arg);
/* Appends the stored text and its headings (JSON array text). */
int ai_document_get(struct ai *ai, struct core_str id,
                    void (*on_document)(void *arg, const struct ai_document *document,
                                        struct core_str text, struct core_str headings_json),
                    void *arg);
int ai_document_remove(struct ai *ai, struct core_str id);

/* What documents were learned from: a path that was named, or "upload:" for all that were sent. */
#define AI_SOURCE_ID_SIZE 33
struct ai_source_info {
    char id[AI_SOURCE_ID_SIZE]; /* of the root */
    struct core_str root;
    int64_t documents, bytes, learned_ms; /* learned: the newest */
    bool upload;
};
/* Sorted by root, after `after` (a root). */
int ai_sources(struct ai *ai, struct core_str after, unsigned limit,
               int (*on_source)(void *arg, const struct ai_source_info *source), void *arg);
/* Appends the root of the source of that id. CORE_ENOTFOUND. */
int ai_source_find(struct ai *ai, struct core_str id, struct core_buf *root);

struct ai_conversation {
    struct core_str id, title;
    int64_t created_ms, updated_ms, messages;
};
struct ai_history_message {
    struct core_str id, role, text, receipt_json; /* receipt_json: the "receipt" object or empty */
    int64_t created_ms;
    int answered; /* −1 unknown */
    int vote;
};
/* Newest first; `before` is the cursor of the last one seen or empty. The cursor of an item is
 * "<updated_ms>.<id>". */
int ai_history_conversations(struct ai *ai, struct core_str owner, struct core_str before,
                             unsigned limit,
                             int (*on_item)(void *arg, const struct ai_conversation *item),
                             void *arg);
int ai_history_conversation(struct ai *ai, struct core_str owner, struct core_str id,
                            int (*on_item)(void *arg, const struct ai_conversation *item),
                            void *arg);
/* The `limit` messages before message id `before` (empty: the newest), oldest first. */
int ai_history_messages(struct ai *ai, struct core_str owner, struct core_str conversation,
                        struct core_str before, unsigned limit,
                        int (*on_item)(void *arg, const struct ai_history_message *item),
                        void *arg);
int ai_history_remove(struct ai *ai, struct core_str owner, struct core_str conversation);
int ai_history_rename(struct ai *ai, struct core_str owner, struct core_str conversation,
                      struct core_str title);
int ai_history_vote(struct ai *ai, struct core_str owner, struct core_str message, int vote);

/* --- Administration: pool unless noted ------------------------------------------------------- */

/* Telemetry of the day (UTC) that holds from_ms and since, summed up: days in order, users and
 * models by what they cost. */
enum ai_usage_by { AI_USAGE_DAY, AI_USAGE_USER, AI_USAGE_MODEL, AI_USAGE_LEVEL };
struct ai_usage_row {
    struct core_str key; /* "2026-01-31" (UTC), id of an account, "local:…", "L2" */
    int64_t answers, answered, cached;
    int64_t tokens_in, tokens_out, cost_microusd;
    int64_t p50_ms, p95_ms; /* time to the whole answer; at most 6 % off */
};
int ai_usage(struct ai *ai, int64_t from_ms, enum ai_usage_by by, unsigned limit,
             int (*on_row)(void *arg, const struct ai_usage_row *row), void *arg);

/* Answers voted down, of all owners, newest first; `before`: id of the last one seen, or empty. */
struct ai_vote {
    struct core_str id, question, answer, receipt_json, owner;
    struct core_str cache_id; /* an entry that answers the same words now, or empty */
    int64_t at_ms;
};
int ai_votes_down(struct ai *ai, struct core_str before, unsigned limit,
                  int (*on_vote)(void *arg, const struct ai_vote *vote), void *arg);
int ai_cache_remove(struct ai *ai, struct core_str id); /* CORE_ENOTFOUND */

/* What the local model is told before passages and question. Version 0 is the program's own text.
 * Saving makes the version after `base`; CORE_EMISMATCH: somebody saved since. What is saved or
 * restored takes effect with ai_prompt_apply(), for questions asked from then on; answers cached
 * under another text are not given. */
struct ai_prompt {
    int64_t version;
    char text[AI_LIMIT_PROMPT + 1];
};
struct ai_prompt_version {
    int64_t version, at_ms; /* at_ms 0: the program's own */
    struct core_str text, note, by;
};
void ai_prompt_now(const struct ai *ai, struct ai_prompt *ret);      /* loop */
void ai_prompt_apply(struct ai *ai, const struct ai_prompt *prompt); /* loop */
const char *ai_prompt_wrong(struct core_str text); /* any thread; NULL, or what it must be */
int ai_prompt_save(struct ai *ai, const struct account_actor *by, struct core_str text,
                   struct core_str note, int64_t base, struct ai_prompt *ret);
int ai_prompt_restore(struct ai *ai, const struct account_actor *by, int64_t version, int64_t base,
                      struct ai_prompt *ret);
/* Those below `before`, newest first. */
int ai_prompt_versions(struct ai *ai, int64_t before, unsigned limit,
                       int (*on_version)(void *arg, const struct ai_prompt_version *version),
                       void *arg);

/* What tokens of local models cost (energy, say), in millionths of a dollar for a
 * million of them; 0 unless set. Of the model in use it counts after
 * ai_price_apply(). CORE_EINVAL: no local model, CORE_ELIMIT. */
struct ai_price {
    struct core_str model; /* "local:smollm2" */
    int64_t in_microusd, out_microusd;
    bool in_use;
};
int ai_prices(struct ai *ai, int (*on_price)(void *arg, const struct ai_price *price), void *arg);
int ai_price_set(struct ai *ai, const struct account_actor *by, const struct ai_price *price);
void ai_price_apply(struct ai *ai, const struct ai_price *price); /* loop */

/* --- All of one owner's ---------------------------------------------------------------------- */

/* Adds to a batch: history and answers in the cache go, telemetry stays as nobody's. Any thread. */
void ai_owner_erase(struct store_batch *batch, struct core_str owner);
/* Pool. Appends to the array that is open in `out` what comes next of the owner's, to `bytes` or a
 * little more, and keeps in `cursor` how far it came; false in ret_more: that was all. Begin with
 * an empty cursor, and go on with the same `out`: an object may be open between two calls. */
enum ai_owner_part { AI_OWNER_CONVERSATIONS, AI_OWNER_TELEMETRY };
struct ai_owner_cursor {
    char item[CORE_ID_SIZE];    /* the last one, or the one that is open */
    char message[CORE_ID_SIZE]; /* its last message */
    bool open;
};
int ai_owner_export(struct ai *ai, struct core_str owner, enum ai_owner_part part, size_t bytes,
                    struct ai_owner_cursor *cursor, struct core_json_out *out, bool *ret_more);

/* --- Doctor (any thread that may block, also while the server works) ------------------------- */

/* Calls report once a check: ok or what to do. */
void ai_doctor(struct ai *ai,
               void (*report)(void *arg, const char *check, bool ok, const char *detail),
               void *arg);

/* --- Reports (pool: blocking) ---------------------------------------------------------------- */

#define AI_REPORT_BUCKETS 128
struct ai_report_cell {
    int64_t answered, refused, failed, cancelled;
    int64_t tokens_in, tokens_out, cost_microusd;
    /* Of what was answered or refused, from classes of
     * latencies: at most 6 % off. −1: there is none. */
    int64_t p50_ms, p95_ms;
};
/* What was asked in a span of time, in equal buckets, by level. */
struct ai_report {
    int64_t from_ms, step_ms;
    unsigned buckets;
    struct ai_report_cell cells[AI_LEVELS][AI_REPORT_BUCKETS], totals[AI_LEVELS];
};
/* The `buckets` (≤ AI_REPORT_BUCKETS) of step_ms up to the one that holds now_ms; they begin at
 * multiples of step_ms in UTC. step_ms is a multiple of a minute for spans up to
 * AI_LIMIT_TELEMETRY_FINE_MS, of a quarter of an hour beyond. */
int ai_report(struct ai *ai, int64_t now_ms, int64_t step_ms, unsigned buckets,
              struct ai_report *ret);

/* --- Child processes: what `PROGRAM COMMAND` has to run; each returns the exit code ----------- */

/* `extract-worker`: reads requests on stdin until it closes. */
int ai_extract_worker(void);
/* `model-probe FILE`: loads a model file without its weights; 0 when that went well. */
int ai_model_probe(const char *path);

#endif
