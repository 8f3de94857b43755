/*
 * extract.c: which extractor reads which bytes. Content decides where it can (magic numbers,
 * markup), the suffix where it cannot (Markdown), and what is no text is refused by name.
 */
#include "ai/extract/extract.h"

#include "ai/extract/charset.h"
#include "ai/extract/csv.h"
#include "ai/extract/docx.h"
#include "ai/extract/html.h"
#include "ai/extract/mail.h"
#include "ai/extract/pdf.h"
#include "ai/extract/roff.h"
#include "ai/extract/rst.h"
#include "ai/extract/subtitle.h"
#include "ai/extract/txt.h"
#include "core/err.h"
#include "core/limits.h"

/* A PDF may have a little junk in front. */
#define PDF_WITHIN 1024
/* Headers that begin a page of HTML come within this. */
#define HTML_WITHIN 1024

static bool has_suffix(struct core_str name, const char *suffix)
{
    size_t len = strlen(suffix);
    return name.len > len &&
           core_str_ieq(core_strn(name.ptr + name.len - len, len), core_strn(suffix, len));
}

/* ".1", ".3pm", ".8" and the names of macro packages. */
static bool has_roff_suffix(struct core_str name)
{
    static const char *const others[] = {".man", ".roff", ".mdoc", ".ms",
                                         ".me",  ".mm",   ".tr",   ".n"};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        if (has_suffix(name, others[i]))
            return true;
    }
    size_t at = name.len;
    while (at > 0 && name.ptr[at - 1] != '.' && name.ptr[at - 1] != '/')
        at--;
    return at > 1 && at < name.len && name.ptr[at - 1] == '.' && name.ptr[at] >= '1' &&
           name.ptr[at] <= '9' && name.len - at <= 6;
}

struct core_str ai_extract_reader(struct core_str name)
{
    static const struct {
        const char *suffix, *reader;
    } readers[] = {
        {".html", "html"}, {".htm", "html"}, {".xhtml", "html"},  {".srt", "srt"},
        {".md", "md"},     {".mkd", "md"},   {".markdown", "md"}, {".rst", "rst"},
        {".rest", "rst"},  {".csv", "csv"},  {".tsv", "csv"},     {".eml", "mail"},
        {".mbox", "mail"},
    };
    if (has_suffix(name, ".gz"))
        name.len -= 3;
    for (size_t i = 0; i < sizeof readers / sizeof *readers; i++) {
        if (has_suffix(name, readers[i].suffix))
            return core_str(readers[i].reader);
    }
    return has_roff_suffix(name) ? CORE_STR("roff") : CORE_STR("");
}

/* What the bytes are when they are surely no text; NULL otherwise. */
static const char *binary_kind(struct core_str bytes)
{
    static const struct {
        struct core_str magic;
        const char *kind;
    } kinds[] = {
        {CORE_STR("\x7f"
                  "ELF"),
         "a program"},
        {CORE_STR("MZ"), "a program"},
        {CORE_STR("\x89PNG"), "a picture"},
        {CORE_STR("\xff\xd8\xff"), "a picture"},
        {CORE_STR("GIF8"), "a picture"},
        {CORE_STR("RIFF"), "a sound or a film"},
        {CORE_STR("OggS"), "a sound or a film"},
        {CORE_STR("ID3"), "a sound or a film"},
        {CORE_STR("\xd0\xcf\x11\xe0"), "an old Office file (save it as .docx)"},
        {CORE_STR("PK\3\4"), "an archive"},
        {CORE_STR("PK\5\6"), "an archive"},
        {CORE_STR("\xfd"
                  "7zXZ"),
         "an archive"},
        {CORE_STR("BZh"), "an archive"},
        {CORE_STR("\x28\xb5\x2f\xfd"), "an archive"},
        {CORE_STR("7z\xbc\xaf"), "an archive"},
        {CORE_STR("Rar!"), "an archive"},
        {CORE_STR("SQLite format 3"), "a database"},
    };
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (core_str_starts(bytes, kinds[i].magic) &&
            (kinds[i].magic.len > 3 || !core_utf8_valid(bytes) || memchr(bytes.ptr, 0, bytes.len)))
            return kinds[i].kind;
    }
    return NULL;
}

/* Files of an office that are archives inside: what each is and what to do about it. */
static const char *office_kind(const struct ai_zip *zip)
{
    static const struct {
        struct core_str part;
        const char *kind;
    } kinds[] = {
        {CORE_STR("xl/workbook.xml"), "a workbook (save its sheets as .csv)"},
        {CORE_STR("ppt/presentation.xml"), "a presentation (save it as .pdf)"},
        {CORE_STR("content.xml"), "an OpenDocument file (save it as .docx or .pdf)"},
    };
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (ai_zip_has(zip, kinds[i].part))
            return kinds[i].kind;
    }
    return NULL;
}

static bool looks_like_html(struct core_str text)
{
    char head[HTML_WITHIN + 1];
    size_t n = text.len < HTML_WITHIN ? text.len : HTML_WITHIN;
    for (size_t i = 0; i < n; i++)
        head[i] = (char)core_utf8_lower(
            (unsigned char)text.ptr[i] < 0x80 ? (unsigned char)text.ptr[i] : 0x20);
    struct core_str start = core_str_trim(core_strn(head, n));
    return core_str_starts(start, CORE_STR("<!doctype html")) ||
           core_str_starts(start, CORE_STR("<html")) ||
           (core_str_starts(start, CORE_STR("<?xml")) &&
            core_str_find(start, CORE_STR("<html")) >= 0);
}

static int extract_text(struct ai_doc *doc, struct core_str name, struct core_str text)
{
    struct core_str reader = ai_extract_reader(name);
    if (core_str_eq_c(reader, "html") || looks_like_html(text))
        return ai_html_extract(doc, text);
    struct core_str alias = ai_roff_alias(text);
    if (alias.len > 0) {
        doc->kind = AI_DOC_ROFF_ALIAS;
        ai_doc_line(doc, 0, "", alias);
        return ai_doc_error(doc);
    }
    if ((ai_subtitle_is_vtt(text) || core_str_eq_c(reader, "srt")) &&
        ai_subtitle_extract(doc, text))
        return ai_doc_error(doc);
    if (ai_roff_looks(text, core_str_eq_c(reader, "roff")))
        return ai_roff_extract(doc, text);
    if (core_str_eq_c(reader, "md"))
        ai_md_extract(doc, text);
    else if (core_str_eq_c(reader, "rst"))
        ai_rst_extract(doc, text);
    else if (!(core_str_eq_c(reader, "csv") && ai_csv_extract(doc, text)))
        ai_txt_extract(doc, text, 0);
    return ai_doc_error(doc);
}

/* Does only white space lie between heading i and the next one? */
static bool names_nothing(const struct ai_doc *doc, size_t i)
{
    const struct ai_doc_heading *h = &doc->headings[i];
    size_t next = h[1].start;
    struct core_str between = core_strn(doc->text.ptr + h->start, next - h->start);
    ssize_t line = core_str_find_byte(between, '\n');
    return line >= 0 &&
           core_str_trim(core_strn(between.ptr + line, between.len - (size_t)line)).len == 0;
}

/*
 * A table of contents looks like headings one below the other without text between them. Of such a
 * run only the last one and those that it lies under are headings; the others are lines of text.
 */
static void drop_contents(struct ai_doc *doc)
{
    size_t kept = 0;
    for (size_t i = 0; i < doc->heading_count;) {
        size_t end = i;
        while (end + 1 < doc->heading_count && names_nothing(doc, end))
            end++;
        unsigned above = doc->headings[end].level;
        for (size_t j = end; j-- > i;) {
            if (doc->headings[j].level < above)
                above = doc->headings[j].level;
            else
                doc->headings[j].level = 0;
        }
        for (; i <= end; i++) {
            if (doc->headings[i].level > 0)
                doc->headings[kept++] = doc->headings[i];
        }
    }
    doc->heading_count = kept;
}

/* Headings that name nothing (the next begins at the same place, or the text ends) leave. */
static void finish(struct ai_doc *doc, struct core_str name)
{
    size_t kept = 0;
    for (size_t i = 0; i < doc->heading_count; i++) {
        bool last = i + 1 == doc->heading_count;
        if (doc->headings[i].start < doc->text.len &&
            (last || doc->headings[i + 1].start > doc->headings[i].start))
            doc->headings[kept++] = doc->headings[i];
    }
    doc->heading_count = kept;
    drop_contents(doc);
    if (doc->title.len == 0)
        ai_doc_title(doc, ai_doc_file(name));
}

static int dispatch(struct ai_doc *doc, struct core_str name, struct core_str bytes)
{
    struct core_str head = core_strn(bytes.ptr, bytes.len < PDF_WITHIN ? bytes.len : PDF_WITHIN);
    struct ai_zip zip;
    const char *kind = NULL;
    if (core_str_eq_c(ai_extract_reader(name), "mail") && ai_mail_looks(bytes))
        return ai_mail_extract(doc, bytes);
    if (core_str_find(head, CORE_STR("%PDF-")) >= 0)
        return ai_pdf_extract(doc, bytes);
    if (core_str_starts(bytes, CORE_STR("PK\3\4"))) {
        int status = ai_zip_open(bytes, &zip);
        if (status == 0 && ai_docx_looks(&zip))
            return ai_docx_extract(doc, &zip);
        if (has_suffix(name, ".docx"))
            return ai_doc_fail(doc, CORE_ECORRUPT, "the .docx is damaged");
        kind = status == 0 ? office_kind(&zip) : NULL;
    }
    if (!kind)
        kind = binary_kind(bytes);
    if (kind)
        return ai_doc_fail(doc, CORE_EUNSUPPORTED, "it is not text but %s", kind);
    struct core_buf text;
    core_buf_init(&text, 2 * (size_t)AI_LIMIT_DOCUMENT_BYTES);
    struct core_str declared = ai_charset_of_markup(bytes);
    if (declared.len == 0)
        declared = ai_charset_of_roff(bytes);
    int status = ai_charset_decode(bytes, declared, &text);
    if (status == CORE_EUNSUPPORTED)
        status = ai_doc_fail(doc, status, "it is not text");
    if (status == 0) {
        ai_charset_normalise(&text);
        status = extract_text(doc, name, core_buf_str(&text));
    }
    core_buf_done(&text);
    return status;
}

int ai_extract_bytes(struct ai_doc *doc, struct core_str name, struct core_str bytes)
{
    struct core_buf expanded;
    int status = 0;
    core_buf_init(&expanded, AI_LIMIT_DOCUMENT_BYTES);
    if (core_str_starts(bytes, CORE_STR("\x1f\x8b"))) {
        status = ai_gzip_expand(bytes, &expanded);
        if (status == CORE_ETOOBIG)
            ai_doc_fail(doc, status, "it expands to more than %u MB",
                        AI_LIMIT_DOCUMENT_BYTES >> 20);
        else if (status != 0)
            ai_doc_fail(doc, status, "the compressed file is damaged");
        bytes = core_buf_str(&expanded);
        if (has_suffix(name, ".gz"))
            name.len -= 3;
    }
    if (status == 0 && core_str_trim(bytes).len == 0)
        status = ai_doc_fail(doc, CORE_EUNSUPPORTED, "it is empty");
    if (status == 0)
        status = dispatch(doc, name, bytes);
    if (status == 0 && doc->text.len == 0)
        status = ai_doc_fail(doc, CORE_EUNSUPPORTED, "it holds no text");
    if (status == CORE_ETOOBIG && !doc->why[0])
        ai_doc_fail(doc, status, "it holds more than %u MB of text", AI_LIMIT_DOCUMENT_TEXT >> 20);
    if (status == 0)
        finish(doc, name);
    core_buf_done(&expanded);
    return status;
}
