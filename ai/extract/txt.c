/*
 * txt.c: plain text. Paragraphs hard-wrapped by their author are joined to one line; headings (by
 * underline, number or capitals), lists, definitions by indentation, tables (columns.h), and
 * everything else that is drawn rather than written (code, diagrams: kept line by line) are told
 * apart by rules of thumb.
 *
 * The text is read block by block; a block is what stands between blank lines.
 */
#include "ai/extract/txt.h"

#include "ai/extract/columns.h"
#include "ai/text/text.h"
#include "core/limits.h"
#include "core/mem.h"

#include <stdio.h>
#include <stdlib.h>

/* Lines of one block that are looked at together; a longer block is taken in parts. */
#define BLOCK_LINES 400
#define HEADING_COLUMNS 80
#define HEADING_WORDS 12
/* A line shorter than this before the end of its paragraph was broken on purpose. */
#define WRAP_COLUMNS 45
#define WRAP_SLACK 11
/* Words of a label ("Ihre Kundennummer:"), and by how much the line before falls short of it. */
#define LABEL_WORDS 3
#define LABEL_SLACK 12
/* Lines that have nothing to do with each other are so many at least, or fall so short of the
 * longest. */
#define NOTES_LINES 3
#define NOTES_SLACK 4
/* Bytes of the number of a paragraph. */
#define NUMBER_MOST 8
/* By how much a full line falls short of the longest, at most. */
#define HANG_SLACK 4
/* Fewer rows, where nothing but spaces say that they are some, may as well be code. */
#define TABLE_ROWS 3
/* Spaces in a row inside a line that mean columns. */
#define COLUMN_GAP 3

struct line {
    struct core_str text; /* without indentation and trailing white space */
    unsigned indent;
    size_t bullet; /* bytes of the bullet with its spaces, 0 for none */
};

struct block {
    struct line *lines;
    size_t count;
};

/* --- Lines ---------------------------------------------------------------------------------- */

/* Bytes of "- ", "* ", "• ", "1. ", "12) ", "(a) ", "o " with the spaces after it. */
static size_t bullet_of(struct core_str s)
{
    size_t n = 0;
    if (s.len < 3)
        return 0;
    if (s.ptr[0] == '-' || s.ptr[0] == '*' || s.ptr[0] == '+' ||
        (s.ptr[0] == 'o' && s.ptr[1] == ' ' && s.ptr[2] == ' ')) {
        n = 1;
    } else if (core_str_starts(s, CORE_STR("•")) || core_str_starts(s, CORE_STR("–")) ||
               core_str_starts(s, CORE_STR("◦")) || core_str_starts(s, CORE_STR("▪"))) {
        n = 3;
    } else if (core_str_starts(s, CORE_STR("·"))) {
        n = 2;
    } else {
        bool open = s.ptr[0] == '(';
        size_t at = open;
        while (at < s.len && at < 4 && s.ptr[at] >= '0' && s.ptr[at] <= '9')
            at++;
        bool letter = at == (size_t)open && (s.ptr[at] | 0x20) >= 'a' && (s.ptr[at] | 0x20) <= 'z';
        at += letter;
        if (at == (size_t)open || at >= s.len ||
            (s.ptr[at] != ')' && (open || letter || s.ptr[at] != '.')))
            return 0;
        n = at + 1;
    }
    size_t spaces = 0;
    while (n + spaces < s.len && s.ptr[n + spaces] == ' ')
        spaces++;
    return spaces > 0 && n + spaces < s.len ? n + spaces : 0;
}

static struct line line_of(struct core_str raw)
{
    struct ai_columns_line drawn = ai_columns_line(raw);
    struct line line = {.text = drawn.text, .indent = drawn.indent};
    line.bullet = bullet_of(line.text);
    return line;
}

/* The sign that a line of at least three equal signs repeats, else 0. */
static char rule_of(struct core_str s)
{
    if (s.len < 3 || !strchr("=-~^*#_+.:\"'`", s.ptr[0]))
        return 0;
    for (size_t i = 1; i < s.len; i++) {
        if (s.ptr[i] != s.ptr[0])
            return 0;
    }
    return s.ptr[0];
}

static bool has_columns(struct core_str s)
{
    unsigned run = 0;
    for (size_t i = 0; i < s.len; i++) {
        if (s.ptr[i] == '\t')
            return true;
        bool space = s.ptr[i] == ' ';
        /* Two spaces after a full stop are an old habit, not a column. */
        if (!space && run >= COLUMN_GAP)
            return true;
        run = space ? run + 1 : 0;
    }
    return false;
}

/* Letters, spaces and ordinary punctuation make up nearly all of it. */
static bool reads_like_prose(struct core_str s)
{
    size_t letters = 0;
    size_t odd = 0;
    size_t total = 0;
    for (size_t at = 0; at < s.len; total++) {
        uint32_t c;
        at += core_utf8_next(s, at, &c);
        if (core_utf8_is_word(c))
            letters++;
        else if (c < 0x80 && strchr("{}=<>|\\$#@~^_;&%+*/[]", (int)c))
            odd++;
    }
    return letters * 100 >= total * 65 && odd * 100 <= total * 8;
}

bool ai_txt_is_prose(struct core_str text)
{
    struct core_str raw;
    size_t lines = 0;
    size_t prose = 0;
    while (core_str_split(&text, '\n', &raw)) {
        raw = core_str_trim(raw);
        lines += raw.len > 0;
        prose += raw.len > 0 && reads_like_prose(raw) && ai_text_words(raw) >= 4;
    }
    return prose * 10 >= lines * 6;
}

/* --- Kinds of blocks ------------------------------------------------------------------------ */

/* Level of a heading by its underline; 0 = not an underline. */
static unsigned underline_level(char rule)
{
    return rule == '=' || rule == '#' || rule == '*' ? 1 : rule == '-' ? 2 : rule ? 3 : 0;
}

/* "Chapter 4. Title", "Anhang B". */
static bool is_chapter(struct core_str s)
{
    static const char *const words[] = {"Chapter ",  "Appendix ", "Part ",
                                        "Kapitola ", "Kapitel ",  "P\u0159\u00edloha ",
                                        "Anhang ",   "Teil ",     "Cap\u00edtulo "};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        size_t n = strlen(words[i]);
        if (core_str_starts(s, core_str(words[i])) && s.len > n &&
            ((s.ptr[n] >= '0' && s.ptr[n] <= '9') ||
             (s.ptr[n] >= 'A' && s.ptr[n] <= 'Z' &&
              (s.len == n + 1 || !ai_doc_word_byte(s.ptr[n + 1])))))
            return true;
    }
    return false;
}

/* "§ 5 Deposit": contracts and laws have their text right below it. So short a line was not wrapped
 * there. */
static bool is_section(struct core_str s)
{
    static const struct core_str sign = CORE_STR("§ ");
    return core_str_starts(s, sign) && s.len > sign.len && s.len < WRAP_COLUMNS &&
           s.ptr[sign.len] >= '0' && s.ptr[sign.len] <= '9';
}

/* "3.1.2 Title" → 3; "Chapter 4. Title" → 1; "ALL CAPITALS" → 1; else 0. sure: whatever stands
 * around it. */
static unsigned heading_level(const struct line *line, bool *ret_sure)
{
    struct core_str s = line->text;
    unsigned dots = 0;
    size_t at = 0;
    *ret_sure = false;
    if (s.len > HEADING_COLUMNS || s.len < 3 || has_columns(s))
        return 0;
    char last = s.ptr[s.len - 1];
    if (strchr(".,;!?", last) || ai_text_words(s) > HEADING_WORDS ||
        (!reads_like_prose(s) && !is_section(s)))
        return 0;
    if (is_chapter(s) || is_section(s)) {
        *ret_sure = true;
        return 1;
    }
    if (line->indent > 3)
        return 0;
    while (at < s.len && ((s.ptr[at] >= '0' && s.ptr[at] <= '9') || s.ptr[at] == '.')) {
        dots += s.ptr[at] == '.' && at + 1 < s.len && s.ptr[at + 1] >= '0' && s.ptr[at + 1] <= '9';
        at++;
    }
    if (at > 0 && at < 12 && at < s.len && s.ptr[at] == ' ' && s.ptr[at - 1] != ' ') {
        *ret_sure = dots > 0;
        return dots + 1 > 6 ? 6 : dots + 1;
    }
    bool capitals = ai_doc_word_byte(s.ptr[0]);
    size_t letters = 0;
    for (at = 0; at < s.len && capitals;) {
        uint32_t c;
        at += core_utf8_next(s, at, &c);
        letters += core_utf8_is_word(c) && !(c >= '0' && c <= '9');
        capitals = core_utf8_lower(c) != c || !core_utf8_is_word(c) || (c >= '0' && c <= '9');
    }
    return capitals && letters >= 4 && last != ':' ? 1 : 0;
}

/* Lines as they are: drawn, not written. */
static bool is_drawn(const struct block *b)
{
    size_t columns = 0;
    size_t prose = 0;
    for (size_t i = 0; i < b->count; i++) {
        struct core_str body = b->lines[i].text;
        columns += has_columns(body);
        prose += reads_like_prose(body);
    }
    if (columns * 3 > b->count && columns > 1)
        return true;
    if (prose * 2 < b->count)
        return true;
    /* Indented and short: code or an example, unless it ends like a sentence. */
    const struct line *first = &b->lines[0];
    struct core_str last = b->lines[b->count - 1].text;
    bool sentence = strchr(".:!?,", last.ptr[last.len - 1]) != NULL;
    return first->indent >= AI_DOC_INDENT_CODE && first->bullet == 0 && !sentence &&
           ai_text_words(first->text) < 8 && b->count < 4;
}

static void put_drawn(struct ai_doc *doc, const struct block *b, size_t from, size_t to)
{
    unsigned least = b->lines[from].indent;
    for (size_t i = from; i < to; i++)
        least = b->lines[i].indent < least ? b->lines[i].indent : least;
    for (size_t i = from; i < to; i++) {
        unsigned deeper = b->lines[i].indent - least;
        ai_doc_code(doc, AI_DOC_INDENT_CODE + (deeper < HEADING_COLUMNS ? deeper : HEADING_COLUMNS),
                    b->lines[i].text);
    }
}

/* Joins lines [from, to) to one. */
static void put_joined(struct ai_doc *doc, unsigned indent, const char *prefix,
                       const struct block *b, size_t from, size_t to, size_t skip)
{
    struct core_buf joined;
    core_buf_init(&joined, AI_LIMIT_DOCUMENT_TEXT);
    for (size_t i = from; i < to; i++) {
        struct core_str s = b->lines[i].text;
        if (i == from) {
            s.ptr += skip;
            s.len -= skip;
        } else if (joined.len < 2 || joined.ptr[joined.len - 1] != '-' ||
                   !ai_doc_word_byte(joined.ptr[joined.len - 2]) || s.ptr[0] < 'a' ||
                   s.ptr[0] > 'z') {
            core_buf_add_byte(&joined, ' ');
        }
        core_buf_add_str(&joined, s);
    }
    ai_doc_line(doc, indent, prefix, core_buf_str(&joined));
    core_buf_done(&joined);
}

/* Bytes of the first word of a line. */
static size_t first_word(const struct line *line)
{
    size_t n = 0;
    while (n < line->text.len && line->text.ptr[n] != ' ')
        n++;
    return n;
}

/* "Date: 3 May", "Ihre Kundennummer: 50442" */
static bool is_labelled(const struct line *line)
{
    ssize_t colon = core_str_find(line->text, CORE_STR(": "));
    return colon > 0 && ai_text_words(core_strn(line->text.ptr, (size_t)colon)) <= LABEL_WORDS &&
           core_utf8_lower((unsigned char)line->text.ptr[0]) != (unsigned char)line->text.ptr[0];
}

/* "2.1 The tenant …", "§ 4 …": begins a paragraph of a contract. */
static bool is_numbered(const struct line *line)
{
    struct core_str s = line->text;
    size_t at = 0, dots = 0;
    if (core_str_starts(s, CORE_STR("§ ")))
        return true;
    for (; at < s.len && at < NUMBER_MOST &&
           ((s.ptr[at] >= '0' && s.ptr[at] <= '9') || s.ptr[at] == '.');
         at++)
        dots += s.ptr[at] == '.' && at > 0 && at + 1 < s.len && s.ptr[at + 1] != ' ';
    return dots > 0 && at + 1 < s.len && s.ptr[at] == ' ' && s.ptr[at - 1] != '.' &&
           !(s.ptr[at + 1] >= 'a' && s.ptr[at + 1] <= 'z');
}

/* Does a capital or a digit begin it? */
static bool begins_anew(const struct line *line)
{
    uint32_t code = 0;
    core_utf8_next(line->text, 0, &code);
    return (code >= '0' && code <= '9') || core_utf8_lower(code) != code;
}

/* Nothing ends it, and nothing says that it goes on. */
static bool is_open(const struct line *line)
{
    return line->text.len > 0 && !strchr(".,:;!?-(&/", line->text.ptr[line->text.len - 1]);
}

/* How long line i would be with the first word of the next one. */
static size_t with_next(const struct block *b, size_t i)
{
    return b->lines[i].text.len + 1 + first_word(&b->lines[i + 1]);
}

/* Is each line something of its own, as those of an address or of notes are? Wrapped lines are
 * full, all but the last, unless most have labels. */
static bool are_notes(const struct block *b, size_t widest)
{
    size_t labels = 0, full = 0;
    for (size_t i = 0; i < b->count; i++) {
        const struct line *line = &b->lines[i];
        bool last = i + 1 == b->count;
        if (!begins_anew(line))
            return false;
        labels += is_labelled(line);
        full += !last && (!is_open(line) || (line->text.len < widest && with_next(b, i) > widest));
    }
    return b->count >= NOTES_LINES && (!full || 2 * labels > b->count);
}

/* Was line i broken on purpose rather than wrapped? */
static bool broken_after(const struct block *b, size_t i, size_t widest)
{
    const struct line *line = &b->lines[i], *next = &b->lines[i + 1];
    bool labels = is_labelled(line) || (i + 2 < b->count && is_labelled(next + 1));
    if (is_labelled(next) && (labels || line->text.len + LABEL_SLACK < widest))
        return true;
    if (is_numbered(next) && is_numbered(&b->lines[0]))
        return true;
    /* The next word would have fitted: the author wanted the break. */
    size_t with = with_next(b, i);
    return (line->text.len < WRAP_COLUMNS && with + WRAP_SLACK < widest) ||
           (is_open(line) && begins_anew(next) && with + NOTES_SLACK < widest);
}

/* Is line i full, and goes on under its second word, as numbered paragraphs and entries of a diary
 * do? A term above its definition is shorter. */
static bool hangs(const struct block *b, size_t i, size_t right)
{
    const struct line *line = &b->lines[i];
    return i + 1 < b->count && !b->lines[i + 1].bullet && b->lines[i + 1].indent > line->indent &&
           line->text.len > WRAP_COLUMNS &&
           line->indent + line->text.len + 1 + first_word(&b->lines[i + 1]) + HANG_SLACK > right;
}

/* A full line without an end: the next one at the same margin belongs to it. */
static bool runs_on(const struct line *line, const struct line *next)
{
    return next->indent == line->indent && line->text.len > WRAP_COLUMNS &&
           !strchr(".:;!?", line->text.ptr[line->text.len - 1]);
}

static void put_prose(struct ai_doc *doc, const struct block *b)
{
    size_t widest = 0, right = 0;
    unsigned base = b->lines[0].indent;
    for (size_t i = 0; i < b->count; i++) {
        widest = b->lines[i].text.len > widest ? b->lines[i].text.len : widest;
        base = b->lines[i].indent < base ? b->lines[i].indent : base;
        size_t end = b->lines[i].indent + b->lines[i].text.len;
        right = end > right ? end : right;
    }
    bool notes = are_notes(b, widest);
    for (size_t i = 0; i < b->count;) {
        const struct line *line = &b->lines[i];
        size_t end = i + 1;
        if (line->bullet) {
            while (end < b->count && !b->lines[end].bullet &&
                   (b->lines[end].indent > line->indent ||
                    runs_on(&b->lines[end - 1], &b->lines[end])))
                end++;
            char prefix[24];
            size_t mark = line->bullet;
            while (mark > 0 && line->text.ptr[mark - 1] == ' ')
                mark--;
            bool number = line->text.ptr[0] >= '0' && line->text.ptr[0] <= '9';
            snprintf(prefix, sizeof prefix, "%.*s ", number ? (int)mark : 1,
                     number ? line->text.ptr : "-");
            unsigned depth = (line->indent - base) / 2;
            put_joined(doc, (depth > 3 ? 3 : depth) * 2, prefix, b, i, end, line->bullet);
        } else if (hangs(b, i, right)) {
            unsigned indent = b->lines[i + 1].indent;
            while (end < b->count && !b->lines[end].bullet && b->lines[end].indent == indent)
                end++;
            put_joined(doc, 0, "", b, i, end, 0);
        } else {
            bool below = i > 0 && line->indent > base + 1;
            while (end < b->count && !b->lines[end].bullet &&
                   (b->lines[end].indent == b->lines[end - 1].indent || end == i + 1) &&
                   (b->lines[end].indent <= line->indent + (end == i + 1 && below)) && !notes &&
                   !broken_after(b, end - 1, widest))
                end++;
            put_joined(doc, below ? AI_DOC_INDENT_TEXT : 0, "", b, i, end, 0);
        }
        i = end;
    }
}

/* --- Blocks --------------------------------------------------------------------------------- */

static void put_part(struct ai_doc *doc, const struct block *b, size_t from, size_t to)
{
    struct block part = {b->lines + from, to - from};
    if (from == to)
        return;
    if (is_drawn(&part))
        put_drawn(doc, &part, 0, part.count);
    else
        put_prose(doc, &part);
}

/* Tables, and what is between them. */
static void put_body(struct ai_doc *doc, const struct block *b, unsigned flags)
{
    struct ai_columns_line *lines = core_alloc((b->count + 1) * sizeof *lines);
    struct ai_columns table;
    size_t at = 0, least = flags & AI_TXT_PAGES ? 0 : TABLE_ROWS;
    for (size_t i = 0; i < b->count; i++)
        lines[i] = (struct ai_columns_line){b->lines[i].text, b->lines[i].indent, 0};
    for (size_t from = 0; ai_columns_find(lines, b->count, from, &table); from = table.to) {
        if (table.kind != AI_COLUMNS_TABLE || table.rows < least)
            continue;
        put_part(doc, b, at, table.from);
        ai_columns_put(doc, lines, &table);
        at = table.to;
    }
    put_part(doc, b, at, b->count);
    free(lines);
}

static void put_block(struct ai_doc *doc, struct block *b, unsigned flags)
{
    size_t from = 0;
    bool sure;
    if (b->count == 0)
        return;
    ai_doc_gap(doc);
    /* A rule above a heading that is underlined too. */
    if (b->count >= 3 && rule_of(b->lines[0].text) && rule_of(b->lines[2].text))
        from = 1;
    if (b->count >= from + 2 && underline_level(rule_of(b->lines[from + 1].text)) &&
        !b->lines[from].bullet && !rule_of(b->lines[from].text)) {
        unsigned level = underline_level(rule_of(b->lines[from + 1].text));
        ai_doc_heading(doc, level, b->lines[from].text);
        if (!(flags & AI_TXT_NO_TITLE))
            ai_doc_title(doc, b->lines[from].text);
        from += 2;
    } else if (b->count == 1 || (heading_level(&b->lines[0], &sure) && sure)) {
        unsigned level = heading_level(&b->lines[0], &sure);
        if (rule_of(b->lines[0].text))
            from = 1;
        else if (level && (b->count == 1 || sure)) {
            ai_doc_heading(doc, level, b->lines[0].text);
            from = 1;
        }
    }
    b->count -= from;
    memmove(b->lines, b->lines + from, b->count * sizeof *b->lines);
    put_body(doc, b, flags);
    b->count = 0;
}

void ai_txt_extract(struct ai_doc *doc, struct core_str text, unsigned flags)
{
    struct line *lines = core_alloc(BLOCK_LINES * sizeof *lines);
    struct block block = {lines, 0}, *b = &block;
    struct core_str raw;
    unsigned page = 1;
    if (flags & AI_TXT_PAGES)
        ai_doc_mark(doc, 6, CORE_STR("page 1"));
    while (core_str_split(&text, '\n', &raw)) {
        ssize_t feed = core_str_find_byte(raw, '\f');
        if (feed >= 0) {
            put_block(doc, b, flags);
            if (flags & AI_TXT_PAGES) {
                char label[24];
                snprintf(label, sizeof label, "page %u", ++page);
                ai_doc_mark(doc, 6, core_str(label));
            }
        }
        struct line line = line_of(raw);
        bool sure = false;
        /* Pages come without blank lines around their headings. */
        if ((flags & AI_TXT_PAGES) && line.text.len > 0)
            heading_level(&line, &sure);
        if (line.text.len == 0 || b->count == BLOCK_LINES || sure)
            put_block(doc, b, flags);
        if (line.text.len > 0)
            b->lines[b->count++] = line;
        if (sure)
            put_block(doc, b, flags);
    }
    put_block(doc, b, flags);
    /* A table alone is best named by its file. */
    bool table = doc->table_count > 0 && doc->tables[0].start == 0;
    if (!(flags & AI_TXT_NO_TITLE) && doc->text.len > 0 && !table) {
        struct core_str first = core_buf_str(&doc->text);
        ssize_t end = core_str_find_byte(first, '\n');
        first.len = end >= 0 ? (size_t)end : first.len;
        ai_doc_title(doc, core_strn(first.ptr, core_utf8_cut(first, HEADING_COLUMNS)));
    }
    free(lines);
}
