/* doc_check.h: what every extractor promises of its document, whatever the bytes were. */
#ifndef FUZZ_DOC_CHECK_H
#define FUZZ_DOC_CHECK_H

#include "ai/learn/chunk.h"
#include "ai/text/text.h"

#include <assert.h>

/* whole: as extract.h hands it out, without headings at the end that name nothing. */
static inline void doc_check(const struct ai_doc *doc, bool whole)
{
    struct core_str text = core_buf_str(&doc->text);
    size_t before = 0;
    assert(text.len <= AI_LIMIT_DOCUMENT_TEXT && doc->title.len <= AI_LIMIT_HEADING_BYTES);
    assert(doc->heading_count <= AI_LIMIT_HEADINGS);
    assert(core_utf8_valid(text) && core_utf8_valid(core_buf_str(&doc->title)));
    assert(text.len == 0 || (!memchr(text.ptr, 0, text.len) && !memchr(text.ptr, '\r', text.len)));
    for (size_t i = 0; i < doc->heading_count; i++) {
        const struct ai_doc_heading *h = &doc->headings[i];
        assert(h->start >= before && h->level >= 1 && h->level <= 6);
        assert(h->start < text.len ? core_utf8_cut(text, h->start) == h->start : !whole);
        assert(h->text_len > 0 && h->text_len <= AI_LIMIT_HEADING_BYTES);
        assert(core_utf8_valid(ai_doc_heading_text(doc, i)));
        before = h->start;
    }
    before = 0;
    for (size_t i = 0; i < doc->table_count; i++) {
        const struct ai_doc_table *t = &doc->tables[i];
        assert(t->start >= before && t->end > t->start && t->end <= text.len);
        assert(core_utf8_cut(text, t->start) == t->start);
        before = t->end;
    }
}

/* Nothing but white space, headings and the title, which the index has apart from the text. */
static inline void doc_check_left_out(const struct ai_doc *doc, struct core_str text)
{
    struct ai_sentences it;
    struct ai_sentence s;
    size_t at = 0;
    ai_sentences_init(&it, text);
    while (ai_sentences_next(&it, &s)) {
        struct core_str line = core_strn(text.ptr + s.start, s.end - s.start);
        bool heading = core_str_starts(core_buf_str(&doc->title), line);
        for (size_t i = 0; i < doc->heading_count && !heading; i++)
            heading = core_str_find(ai_doc_heading_text(doc, i), line) >= 0;
        assert(heading && ai_text_words(core_strn(text.ptr + at, s.start - at)) == 0);
        at = s.end;
    }
    assert(text.len == 0 || ai_text_words(core_strn(text.ptr + at, text.len - at)) == 0);
}

/* Chunks are slices between characters, in order, and leave nothing out that is not elsewhere. */
static inline void doc_check_chunks(const struct ai_doc *doc)
{
    struct core_str text = core_buf_str(&doc->text);
    struct ai_chunks chunks;
    size_t at = 0;
    if (ai_chunks_make(doc, &chunks) != 0)
        return;
    for (size_t i = 0; i < chunks.count; i++) {
        const struct ai_chunk *c = &chunks.items[i];
        assert(c->start >= at && c->end > c->start && c->end <= text.len);
        assert(core_utf8_cut(text, c->start) == c->start && core_utf8_cut(text, c->end) == c->end);
        doc_check_left_out(doc, core_strn(text.ptr + at, c->start - at));
        assert(ai_text_tokens(core_strn(text.ptr + c->start, c->end - c->start)) <=
               AI_LIMIT_CHUNK_TOKENS);
        assert(core_utf8_valid(ai_chunk_heading(&chunks, i)));
        at = c->end;
    }
    if (at < text.len)
        doc_check_left_out(doc, core_strn(text.ptr + at, text.len - at));
    ai_chunks_done(&chunks);
}

/* What a reader of text is given: UTF-8 by lines (ai_charset_normalise()). */
static inline bool doc_is_text(struct core_str bytes)
{
    return core_utf8_valid(bytes) && core_str_find_byte(bytes, '\r') < 0;
}

/* A document that was read without an error, not yet as extract.h hands it out. */
static inline void doc_check_read(const struct ai_doc *doc)
{
    doc_check(doc, false);
    doc_check_chunks(doc);
}

/* No letter or digit of ASCII stands in the document more often than in what it was made from. */
static inline void doc_check_nothing_new(struct core_str made, struct core_str from)
{
    size_t count[128] = {0};
    for (size_t i = 0; i < from.len; i++)
        if ((unsigned char)from.ptr[i] < 128)
            count[(unsigned char)from.ptr[i]]++;
    for (size_t i = 0; i < made.len; i++) {
        unsigned char c = (unsigned char)made.ptr[i];
        bool letter = (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
        assert(!(letter || (c >= '0' && c <= '9')) || count[c]-- > 0);
    }
}

#endif
