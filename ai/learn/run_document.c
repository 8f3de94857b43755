/*
 * run_document.c: bytes → a document in the batch. Bytes that are known already, under whatever
 * name, are not read again; a page that only names another is the other one's text.
 */
#include "ai/learn/run.h"

#include "core/err.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

/* For the time of an alias, which no file has: whether the page that it names is another one now,
 * its own time does not tell. */
#define ALIAS_MS (-1)

/* Reads a file into r->bytes. The walk passed over what
 * is private, but a name may lead elsewhere by now. */
int learn_run_read(struct learn_run *r, const char *path)
{
    core_buf_clear(&r->bytes);
    if (ai_private_reached(r->private, path))
        return CORE_EDENIED;
    return r->ai->env->fs->read(r->ai->env->ctx, path, &r->bytes);
}

/* Cuts the last part off a path. */
static struct core_str folder_of(struct core_str path)
{
    while (path.len > 0 && path.ptr[path.len - 1] != '/')
        path.len--;
    path.len -= path.len > 0;
    return path;
}

/* Reads what a walk of the root, a folder or a single file, would find there; links are followed
 * below it. */
static int read_neighbour(struct learn_run *r, struct core_str root, const char *path)
{
    char folder[AI_LIMIT_NAME + 1];
    struct stat st;
    snprintf(folder, sizeof folder, "%.*s", CORE_STR_ARG(root));
    if (stat(folder, &st) == 0 && !S_ISDIR(st.st_mode))
        folder[folder_of(root).len] = '\0';
    char *real_root = realpath(folder[0] ? folder : "/", NULL);
    char *real = real_root ? ai_walk_reach(real_root, r->private, path) : NULL;
    int status = real ? learn_run_read(r, real) : CORE_ENOTFOUND;
    free(real_root);
    free(real);
    return status;
}

/* Looks for the page that an alias names, beside the file or beside its folder ("man1/x.1" is meant
 * from the folder above), compressed or not; reads it into r->bytes. An upload has no place from
 * which it could name a neighbour, and hidden files are no pages. */
static int read_alias(struct learn_run *r, const struct ai_learn_document *d, struct core_str alias)
{
    struct core_str folder = d->name;
    if (d->name.ptr[0] != '/' || alias.len == 0 || alias.len > AI_LIMIT_NAME ||
        alias.ptr[0] == '/' || alias.ptr[0] == '.' || core_str_find(alias, CORE_STR("/.")) >= 0)
        return CORE_ENOTFOUND;
    for (unsigned up = 0; up < 2; up++) {
        folder = folder_of(folder);
        for (unsigned gz = 0; gz < 2; gz++) {
            char target[2 * AI_LIMIT_NAME + 8];
            snprintf(target, sizeof target, "%.*s/%.*s%s", CORE_STR_ARG(folder),
                     CORE_STR_ARG(alias), gz ? ".gz" : "");
            if (strcmp(target, d->name.ptr) != 0 && read_neighbour(r, d->root, target) == 0)
                return 0;
        }
    }
    return CORE_ENOTFOUND;
}

static unsigned outcome_of(const struct ai_learn_document *d)
{
    return d->known ? LEARN_UPDATED : LEARN_ADDED;
}

/* What contents are told apart by: r->bytes, and who reads them where the name decides. */
static void hash_bytes(struct learn_run *r, struct ai_learn_document *d)
{
    unsigned char both[CORE_SHA256_SIZE + AI_EXTRACT_READER];
    struct core_str reader = ai_extract_reader(d->name);
    core_sha256(core_buf_str(&r->bytes), d->hash);
    if (reader.len == 0)
        return;
    assert(reader.len <= AI_EXTRACT_READER);
    memcpy(both, d->hash, CORE_SHA256_SIZE);
    memcpy(both + CORE_SHA256_SIZE, reader.ptr, reader.len);
    core_sha256(core_strn(both, CORE_SHA256_SIZE + reader.len), d->hash);
}

/* Extracts r->bytes, whose hash is known; an alias is followed once. On success *ret_content is where the text is. */
static int extract(struct learn_run *r, struct ai_learn_document *d,
                   char ret_content[static CORE_ID_SIZE], unsigned *outcome)
{
    for (unsigned hop = 0; hop < 2; hop++) {
        int status = ai__learn_find_content(&r->batch, d->hash, ret_content);
        if (status == 0)
            *outcome |= LEARN_DUPLICATE;
        if (status != CORE_ENOTFOUND)
            return status;
        ai_doc_clear(&r->doc);
        status = ai_extractor_run(r->learner->extractor, d->name, core_buf_str(&r->bytes),
                                  learn_run_keep_on, r, &r->doc);
        if (status != 0)
            return status;
        if (r->doc.kind != AI_DOC_ROFF_ALIAS)
            return ai__learn_put_content(&r->batch, d, &r->doc, ret_content);
        struct core_str alias = core_buf_str(&r->doc.text);
        status = read_alias(r, d, alias);
        if (status != 0)
            return ai_doc_fail(&r->doc, CORE_ENOTFOUND,
                               "it points to %.*s, which is no page beside it",
                               CORE_STR_ARG(core_strn(alias.ptr, core_utf8_cut(alias, 120))));
        d->mtime_ms = ALIAS_MS;
        hash_bytes(r, d);
    }
    return ai_doc_fail(&r->doc, CORE_EUNSUPPORTED, "it points to a page that points to another");
}

static bool is_known(const struct ai_learn_document *d)
{
    return d->known && d->known->extractor == AI_EXTRACT_VERSION;
}

/* Brings the document of r->bytes into the batch. d->name ends in a NUL. */
int learn_run_put(struct learn_run *r, struct ai_learn_document *d, unsigned *ret_outcome)
{
    char content[CORE_ID_SIZE];
    unsigned outcome = outcome_of(d);
    hash_bytes(r, d);
    bool same = is_known(d) && memcmp(d->known->hash, d->hash, CORE_SHA256_SIZE) == 0;
    r->doc.why[0] = 0;
    int status = same ? 0 : extract(r, d, content, &outcome);
    if (status != 0)
        return status;
    /* An alias is known by the page that it names. */
    if (same || (is_known(d) && strcmp(d->known->content_id, content) == 0)) {
        ai__learn_put_touched(&r->batch, d);
        outcome = LEARN_UNCHANGED;
    } else {
        status = ai__learn_put_document(&r->batch, d, content);
    }
    if (status == 0)
        *ret_outcome = outcome;
    return status;
}

/* Codes that say something about the store or the machine, not about one document. */
bool learn_run_is_fatal(int status)
{
    return status == CORE_ECANCELLED || status == CORE_ENOSPACE || status == CORE_EREADONLY ||
           status == CORE_ECLOSED || status == CORE_ENOMEM || status == CORE_EBUSY ||
           status == CORE_ETIMEOUT || status == CORE_EAWAY || status == CORE_EIO ||
           status == CORE_ELIMIT;
}
