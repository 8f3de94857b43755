/*
 * documents.c: what is known, one document or page by page; removing one. Pool threads.
 */
#include "ai/learn/learn.h"

#include "ai/extract/doc.h"
#include "core/err.h"
#include "core/mem.h"

#include <stdlib.h>

/* Columns of struct ai_document, and more. $1 is the model whose vectors count. */
#define DOCUMENT(more)                                                                             \
    "SELECT document.id, document.name, content.title, content.mime, document.source_bytes,"       \
    " (SELECT COUNT(*) FROM chunk WHERE chunk.content_id = content.id),"                           \
    " (SELECT COUNT(*) FROM chunk WHERE chunk.content_id = content.id AND EXISTS"                  \
    "   (SELECT 1 FROM vector WHERE vector.chunk_id = chunk.id AND vector.model = $1)),"           \
    " document.learned_ms, document.root" more                                                     \
    " FROM document JOIN content ON content.id = document.content_id"

static struct ai_document document_of(const struct store_row *row)
{
    struct core_str name = store_row_str(row, 1), title = store_row_str(row, 2);
    return (struct ai_document){.id = store_row_str(row, 0),
                                .name = name,
                                .title = title.len ? title : ai_doc_file(name),
                                .mime = store_row_str(row, 3),
                                .bytes = store_row_i64(row, 4),
                                .chunks = store_row_i64(row, 5),
                                .vectors = store_row_i64(row, 6),
                                .learned_ms = store_row_i64(row, 7),
                                .source = store_row_str(row, 8)};
}

struct list {
    int (*on_document)(void *arg, const struct ai_document *document);
    void *arg;
};

static int on_listed(void *arg, const struct store_row *row)
{
    const struct list *list = arg;
    struct ai_document document = document_of(row);
    return list->on_document(list->arg, &document);
}

/* "%like%" with the signs that LIKE knows escaped, ASCII letters small. */
static int pattern(struct core_str like, struct core_buf *out)
{
    core_buf_add_byte(out, '%');
    for (size_t i = 0; i < like.len; i++) {
        char c = like.ptr[i];
        if (c == '%' || c == '_' || c == '\\')
            core_buf_add_byte(out, '\\');
        core_buf_add_byte(out, c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c);
    }
    core_buf_add_byte(out, '%');
    return core_buf_error(out);
}

int ai_documents(struct ai *ai, struct core_str like, struct core_str after, unsigned limit,
                 int (*on_document)(void *arg, const struct ai_document *document), void *arg)
{
    struct list list = {on_document, arg};
    const char *model = ai__embed_model(ai);
    struct core_buf pat;
    if (like.len > AI_LIMIT_NAME || after.len > AI_LIMIT_NAME)
        return CORE_ETOOBIG;
    core_buf_init(&pat, 2 * AI_LIMIT_NAME + 3);
    int status = pattern(like, &pat);
    const struct store_value params[] = {
        STORE_C(model ? model : ""), STORE_T(after), STORE_T(core_buf_str(&pat)),
        STORE_I(limit < AI_LIMIT_DOCUMENTS_PAGE ? limit : AI_LIMIT_DOCUMENTS_PAGE)};
    if (status == 0)
        status = store_read(ai->store,
                            DOCUMENT("") " WHERE document.name > $2 AND"
                                         " (LOWER(document.name) LIKE $3 ESCAPE '\\' OR"
                                         " LOWER(content.title) LIKE $3 ESCAPE '\\')"
                                         " ORDER BY document.name LIMIT $4",
                            params, 4, on_listed, &list);
    core_buf_done(&pat);
    return status;
}

struct get {
    void (*on_document)(void *arg, const struct ai_document *document, struct core_str text,
                        struct core_str headings_json);
    void *arg;
    bool found;
};

static int on_got(void *arg, const struct store_row *row)
{
    struct get *get = arg;
    struct ai_document document = document_of(row);
    get->found = true;
    get->on_document(get->arg, &document, store_row_str(row, 9), store_row_str(row, 10));
    return 0;
}

int ai_document_get(struct ai *ai, struct core_str id,
                    void (*on_document)(void *arg, const struct ai_document *document,
                                        struct core_str text, struct core_str headings_json),
                    void *arg)
{
    struct get get = {on_document, arg, false};
    const char *model = ai__embed_model(ai);
    if (!core_id_valid(id))
        return CORE_ENOTFOUND;
    const struct store_value params[] = {STORE_C(model ? model : ""), STORE_T(id)};
    int status = store_read(ai->store,
                            DOCUMENT(", content.text, content.headings") " WHERE document.id = $2",
                            params, 2, on_got, &get);
    return status == 0 && !get.found ? CORE_ENOTFOUND : status;
}

static int on_content(void *arg, const struct store_row *row)
{
    char *id = arg;
    struct core_str s = store_row_str(row, 0);
    if (s.len >= CORE_ID_SIZE)
        return CORE_ECORRUPT;
    memcpy(id, s.ptr, s.len);
    return 0;
}

int ai_document_remove(struct ai *ai, struct core_str id)
{
    struct ai_learn_drop drop;
    char content[CORE_ID_SIZE] = {0};
    const struct store_value params[] = {STORE_T(id)};
    if (!core_id_valid(id))
        return CORE_ENOTFOUND;
    int status = store_read(ai->store, "SELECT content_id FROM document WHERE id = $1", params, 1,
                            on_content, content);
    if (status == 0 && !content[0])
        status = CORE_ENOTFOUND;
    if (status == 0)
        status = ai__learn_drop_init(ai, core_str(content), &drop);
    if (status != 0)
        return status;
    struct store_batch *batch = store_batch_new(STORE_DURABLE);
    /* Learning may give it another content meanwhile: then the caller may try again. */
    store_put(batch, 1, "DELETE FROM document WHERE id = $1 AND content_id = $2", STORE_T(id),
              STORE_C(content));
    ai__learn_drop_put(batch, &drop);
    status = store_write_wait(ai->store, batch);
    if (status == 0) {
        ai__learn_drop_finish(ai, &drop);
        ai__learn_count(ai->learner);
    }
    ai__learn_drop_done(&drop);
    return status;
}
