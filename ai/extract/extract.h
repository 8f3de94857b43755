/*
 * extract.h: files of people → text. The work happens in a child process (`PROGRAM
 * extract-worker`), so that a hostile or broken file costs one document and nothing else.
 *
 *     parent (ai_extractor) ── socket ── child (ai_extract_worker) ── mandoc, pdftotext
 *
 * Frames on the socket, numbers in host order (both ends are the same program):
 *     request  magic u32, name bytes u32, document bytes u64; name; document
 *     answer   magic u32, status i32, title u32, kind u32, why u32, heading text u32, headings u32,
 *              tables u32, text u64; headings × {start u64, level u32, text bytes u32};
 *              tables × {start u64, end u64}; title; why; heading text; text
 * The parent checks everything in an answer as it would a stranger's.
 */
#ifndef AI_EXTRACT_EXTRACT_H
#define AI_EXTRACT_EXTRACT_H

#include "ai/extract/doc.h"
#include "core/env.h"

/* Raised when the text or the chunks drawn from the same bytes change: documents are then read
 * again. */
#define AI_EXTRACT_VERSION 5

/* In this process: the child, tests and fuzzing. doc is initialised and empty; on failure doc->why
 * may say more than the code. Formats by content, then by the suffix of the name. */
int ai_extract_bytes(struct ai_doc *doc, struct core_str name, struct core_str bytes);

/* Whom a name's suffix chooses where the content does not tell; "": nobody. The same bytes may say
 * something else to another reader. A static string of at most AI_EXTRACT_READER bytes. */
#define AI_EXTRACT_READER 8
struct core_str ai_extract_reader(struct core_str name);

/* --- The parent's end; one thread at a time, blocking --------------------------------------- */

struct ai_extractor;
/* Starts no process yet. program: absolute path, copied. */
struct ai_extractor *ai_extractor_new(const struct core_env *env, const char *program);
void ai_extractor_free(struct ai_extractor *extractor); /* accepts NULL */
/* As ai_extract_bytes. CORE_ETIMEOUT; CORE_ECORRUPT when the child died over it (why says so);
 * CORE_EIO when no child can be started; CORE_ECANCELLED soon after keep_on(arg) says false. */
int ai_extractor_run(struct ai_extractor *extractor, struct core_str name, struct core_str bytes,
                     bool (*keep_on)(void *arg), void *arg, struct ai_doc *doc);
/* Ends the child until it is needed again. */
void ai_extractor_rest(struct ai_extractor *extractor);

/* --- Frames, shared by both ends ------------------------------------------------------------ */

#define AI_EXTRACT_MAGIC 0x736B7931u
struct ai_extract_request {
    uint32_t magic, name_bytes;
    uint64_t bytes;
};
struct ai_extract_answer {
    uint32_t magic;
    int32_t status;
    uint32_t title_bytes, kind, why_bytes, heading_text_bytes, headings, tables;
    uint64_t text_bytes;
};
struct ai_extract_heading {
    uint64_t start;
    uint32_t level, bytes;
};
struct ai_extract_table {
    uint64_t start, end;
};

#endif
