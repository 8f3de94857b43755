/*
 * chunk.c: sentences are added until the chunk is full. A heading closes it when it is half full
 * (small sections share a chunk: measured better than one chunk a section), a term is not parted
 * from its definition, and the path of headings at its beginning names it. Where that lies inside a
 * table whose columns have names, these are the last of the path: "Prices > Part | Stock | Price".
 */
#include "ai/learn/chunk.h"

#include "ai/text/text.h"
#include "core/err.h"
#include "core/limits.h"
#include "core/mem.h"

#include <stdlib.h>

/* Words of a full chunk; it may grow to 6/5 of it to keep a sentence whole. */
#define AI_CHUNK_WORDS 180
/* Headings of the path, from the innermost. */
#define PATH_LEVELS 3
#define LEVELS 6
/* Of all paths: those of a long table repeat its columns. */
#define HEADINGS_BYTES (2 * (size_t)AI_LIMIT_DOCUMENT_TEXT)

struct maker {
    const struct ai_doc *doc;
    struct ai_chunks out;
    size_t path[LEVELS]; /* heading in force at each level, +1; 0 = none */
    size_t next_heading;
    struct core_str columns; /* of the table that the next sentence goes on with, or empty */
    size_t columns_end, next_table;
    /* The open chunk. */
    struct ai_chunk chunk;
    unsigned words, tokens, sentences;
    int error;
};

void ai_chunks_done(struct ai_chunks *chunks)
{
    free(chunks->items);
    core_buf_done(&chunks->headings);
    *chunks = (struct ai_chunks){.count = 0};
}

struct core_str ai_chunk_heading(const struct ai_chunks *chunks, size_t index)
{
    const struct ai_chunk *c = &chunks->items[index];
    return c->heading_len ? core_strn(chunks->headings.ptr + c->heading_at, c->heading_len)
                          : core_str("");
}

/* The path in force now: at most PATH_LEVELS names, the title left out, then columns. */
static void put_path(struct maker *m)
{
    size_t names[LEVELS];
    size_t count = 0;
    for (size_t i = 0; i < LEVELS; i++) {
        if (m->path[i] &&
            !core_str_eq(ai_doc_heading_text(m->doc, m->path[i] - 1), core_buf_str(&m->doc->title)))
            names[count++] = m->path[i] - 1;
    }
    m->chunk.heading_at = m->out.headings.len;
    for (size_t i = count > PATH_LEVELS ? count - PATH_LEVELS : 0; i < count; i++) {
        if (m->out.headings.len > m->chunk.heading_at)
            core_buf_add_c(&m->out.headings, " > ");
        core_buf_add_str(&m->out.headings, ai_doc_heading_text(m->doc, names[i]));
    }
    if (m->columns.len > 0 && m->out.headings.len > m->chunk.heading_at)
        core_buf_add_c(&m->out.headings, " > ");
    core_buf_add_str(&m->out.headings, m->columns);
    m->chunk.heading_len = m->out.headings.len - m->chunk.heading_at;
}

static void emit(struct maker *m)
{
    if (m->sentences == 0 || m->error)
        return;
    void *array = m->out.items;
    m->error = core_grow(&array, &m->out.cap, m->out.count, sizeof *m->out.items, AI_LIMIT_CHUNKS);
    m->out.items = array;
    if (m->error == 0)
        m->out.items[m->out.count++] = m->chunk;
    m->words = m->tokens = m->sentences = 0;
}

/* Puts the heading in force */
static void enter_heading(struct maker *m, size_t index)
{
    unsigned level = m->doc->headings[index].level;
    m->path[level - 1] = index + 1;
    for (size_t i = level; i < LEVELS; i++)
        m->path[i] = 0;
}

/* Is the sentence the text of the heading itself (and not what a page mark names)? Not when it says
 * more than the heading that was kept: then it is text. */
static bool is_heading_line(const struct maker *m, size_t index, const struct ai_sentence *s)
{
    struct core_str line = core_strn(m->doc->text.ptr + s->start, s->end - s->start);
    return core_str_starts(ai_doc_heading_text(m->doc, index), line);
}

/* Tokens of the open chunk with the sentence and what lies between: many lines cost more than one,
 * and pieces of one long word more together than apart. */
static unsigned tokens_with(const struct maker *m, const struct ai_sentence *s)
{
    const char *text = m->doc->text.ptr;
    unsigned tokens = m->tokens + s->tokens + 1, real = 0;
    if (m->sentences == 0)
        return tokens;
    if (s->start == m->chunk.end)
        real = ai_text_tokens(core_strn(text + m->chunk.start, s->end - m->chunk.start));
    else
        real = m->tokens + ai_text_tokens(core_strn(text + m->chunk.end, s->end - m->chunk.end));
    return real > tokens ? real : tokens;
}

static void add(struct maker *m, const struct ai_sentence *s)
{
    unsigned tokens = tokens_with(m, s);
    if (m->sentences == 0) {
        size_t start = s->start;
        /* The indentation says what the line is. */
        while (s->line_first && start > 0 && m->doc->text.ptr[start - 1] == ' ')
            start--;
        m->chunk = (struct ai_chunk){.start = start};
        put_path(m);
    }
    m->chunk.end = s->end;
    m->words += s->words;
    m->tokens = tokens;
    m->sentences++;
}

/* A chunk that begins with the names of the columns itself needs them no second time: they are in
 * force from the sentence after. */
static void columns_enter(struct maker *m, const struct ai_sentence *s)
{
    while (m->next_table < m->doc->table_count && m->doc->tables[m->next_table].start <= s->start) {
        m->columns_end = m->doc->tables[m->next_table].end;
        m->columns = ai_doc_table_columns(m->doc, m->next_table++);
    }
}

static void columns_leave(struct maker *m, const struct ai_sentence *s)
{
    if (s->start >= m->columns_end)
        m->columns.len = 0;
}

static void sentence(struct maker *m, const struct ai_sentence *s)
{
    bool heading = false;
    while (m->next_heading < m->doc->heading_count &&
           m->doc->headings[m->next_heading].start <= s->start) {
        size_t index = m->next_heading++;
        heading = is_heading_line(m, index, s);
        if (heading && m->words * 2 >= AI_CHUNK_WORDS)
            emit(m);
        enter_heading(m, index);
    }
    /* At the beginning of a chunk the path says it already. */
    if (heading && m->sentences == 0)
        return;
    unsigned words = m->words + s->words;
    if ((words * 5 > AI_CHUNK_WORDS * 6 && m->words * 5 >= AI_CHUNK_WORDS * 2) ||
        tokens_with(m, s) > AI_LIMIT_CHUNK_TOKENS ||
        (s->kind == AI_SENTENCE_TERM && m->words * 4 >= AI_CHUNK_WORDS * 3))
        emit(m);
    add(m, s);
    if (m->words >= AI_CHUNK_WORDS)
        emit(m);
}

int ai_chunks_make(const struct ai_doc *doc, struct ai_chunks *ret)
{
    struct maker m = {.doc = doc};
    struct ai_sentences it;
    struct ai_sentence s;
    core_buf_init(&m.out.headings, HEADINGS_BYTES);
    ai_sentences_init(&it, core_buf_str(&doc->text));
    while (m.error == 0 && ai_sentences_next(&it, &s)) {
        columns_leave(&m, &s);
        sentence(&m, &s);
        columns_enter(&m, &s);
    }
    emit(&m);
    if (m.error == 0)
        m.error = core_buf_error(&m.out.headings);
    if (m.error == 0 && m.out.count == 0 && doc->text.len > 0) {
        /* Nothing but headings: they are the text. */
        ai_sentences_init(&it, core_buf_str(&doc->text));
        if (ai_sentences_next(&it, &s)) {
            add(&m, &s);
            emit(&m);
        }
    }
    if (m.error != 0) {
        ai_chunks_done(&m.out);
        return m.error;
    }
    *ret = m.out;
    return 0;
}

struct core_str ai_chunk_name(struct core_str document)
{
    static const char *const suffixes[] = {".gz",   ".html", ".htm",      ".xhtml", ".txt",
                                           ".text", ".md",   ".markdown", ".rst",   ".pdf",
                                           ".docx", ".eml",  ".mbox",     ".srt",   ".vtt"};
    static const char *const languages[] = {".en", ".cs", ".de", ".es"};
    size_t at = document.len;
    while (at > 0 && document.ptr[at - 1] != '/' && document.ptr[at - 1] != ':')
        at--;
    struct core_str name = core_strn(document.ptr + at, document.len - at);
    for (unsigned round = 0; round < 3; round++) {
        for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++) {
            if (core_str_ends(name, core_str(suffixes[i])) && name.len > strlen(suffixes[i]))
                name.len -= strlen(suffixes[i]);
        }
    }
    for (size_t i = 0; i < sizeof languages / sizeof *languages; i++) {
        if (core_str_ends(name, core_str(languages[i])) && name.len > 3)
            name.len -= 3;
    }
    return name;
}
