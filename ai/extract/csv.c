/*
 * csv.c: a table as spreadsheets and programs export it → a row on each line. Half the world
 * separates by semicolons, since its numbers have commas: the sign is the one that cuts most of the
 * first records into as many fields as the names of the columns.
 *
 * Nothing is refused: a quotation that never ends reaches to the end.
 */
#include "ai/extract/csv.h"

/* Records that are looked at to tell the sign. */
#define SAMPLE_RECORDS 20

struct reader {
    struct core_str left;
    char sign;
};

bool ai_csv_field(struct core_str *left, char sign, struct core_buf *out)
{
    struct core_str s = *left;
    bool quoted = s.len > 0 && s.ptr[0] == '"';
    size_t at = quoted;
    for (; at < s.len; at++) {
        char c = s.ptr[at];
        if (c == '"' && quoted) {
            at++;
            quoted = at < s.len && s.ptr[at] == '"';
            if (at >= s.len)
                break;
            c = s.ptr[at];
        }
        if (!quoted && (c == sign || c == '\n'))
            break;
        if (out)
            core_buf_add_byte(out, c);
    }
    bool last = at >= s.len || s.ptr[at] == '\n';
    at += at < s.len;
    *left = core_strn(s.ptr + at, s.len - at);
    return last;
}

static bool next_field(struct reader *r, struct core_buf *out)
{
    return ai_csv_field(&r->left, r->sign, out);
}

/* How many of the first records have as many fields as the first one, which has several; else 0. */
static unsigned alike(struct core_str text, char sign, unsigned *ret_fields)
{
    struct reader r = {text, sign};
    unsigned count = 0;
    *ret_fields = 0;
    for (unsigned i = 0; i < SAMPLE_RECORDS && r.left.len > 0; i++) {
        unsigned fields = 1;
        while (!next_field(&r, NULL))
            fields++;
        if (i == 0)
            *ret_fields = fields;
        count += fields == *ret_fields;
    }
    return *ret_fields > 1 ? count : 0;
}

/* 0 when nothing separates anything. */
static char sign_of(struct core_str text)
{
    static const char signs[] = {',', ';', '\t', '|'};
    unsigned best = 0;
    unsigned most = 0;
    char sign = 0;
    for (size_t i = 0; i < sizeof signs; i++) {
        unsigned fields;
        unsigned count = alike(text, signs[i], &fields);
        if (count > best || (count == best && count > 0 && fields > most)) {
            best = count;
            most = fields;
            sign = signs[i];
        }
    }
    return sign;
}

/* "sep=;" is how a file tells it to Excel. */
static char told_sign(struct core_str *text)
{
    struct core_str rest = *text;
    struct core_str line;
    if (!core_str_split(&rest, '\n', &line) || line.len != 5 ||
        !core_str_starts(line, CORE_STR("sep=")))
        return 0;
    *text = rest;
    return line.ptr[4];
}

bool ai_csv_extract(struct ai_doc *doc, struct core_str text)
{
    struct reader r = {text, told_sign(&text)};
    struct core_buf row;
    if (!r.sign)
        r.sign = sign_of(text);
    if (!r.sign)
        return false;
    r.left = text;
    doc->kind = AI_DOC_CSV;
    core_buf_init(&row, AI_LIMIT_DOCUMENT_TEXT);
    bool fresh = true;  /* the row may name columns: the first one, or one behind an empty one … */
    bool alike = false; /* … unless rows of values read like names too */
    while (r.left.len > 0) {
        size_t end = 0; /* of the last field that holds anything */
        bool last = false;
        for (unsigned fields = 0; !last; fields++) {
            if (fields > 0)
                core_buf_add_c(&row, fields < AI_LIMIT_TABLE_COLUMNS ? " | " : " ");
            size_t before = row.len;
            last = next_field(&r, &row);
            if (core_str_trim(core_buf_since(&row, before)).len > 0)
                end = row.len;
        }
        if (end > 0) {
            ai_doc_line(doc, 0, "", core_strn(row.ptr, end));
            bool names = ai_doc_names_columns(doc);
            if (names && fresh && !alike)
                ai_doc_table(doc);
            else
                alike = alike || names;
        } else {
            ai_doc_gap(doc);
        }
        fresh = end == 0;
        core_buf_clear(&row);
    }
    ai_doc_table_end(doc);
    core_buf_done(&row);
    return true;
}
