/*
 * subtitle.c: line by line. In WebVTT only what stands below a time up to the next blank line is
 * shown; of SubRip, which has nothing else, also what a blank line cut off.
 *
 *     7                                    the cue's number or name
 *     00:01:02,500 --> 00:01:04,000        when it is shown
 *     <i>What is said,</i>
 *     also in two lines.
 *
 * Captions that roll show each line twice: one that repeats the last is left out.
 */
#include "ai/extract/subtitle.h"

#include "core/limits.h"

/* So long a silence begins a new paragraph. */
#define PAUSE_MS 3000
#define SPEAKER_BYTES 100
#define TAG_BYTES 1000

struct cues {
    struct ai_doc *doc;
    struct core_buf paragraph, line, last;
    struct core_str speaker; /* of the paragraph; "" = nobody said who */
    int64_t end_ms;          /* of the cue before */
    bool vtt, shown;         /* shown: inside of a cue */
};

/* --- Times ---------------------------------------------------------------------------------- */

/* Takes "[hours:]minutes:seconds[.,]milliseconds" off the front. */
static bool take_time(struct core_str *s, int64_t *ret_ms)
{
    int64_t parts[4] = {0};
    size_t count = 0, digits = 0, at = 0;
    for (; at < s->len; at++) {
        char c = s->ptr[at];
        if (c >= '0' && c <= '9' && digits < 6) {
            parts[count] = parts[count] * 10 + (c - '0');
            digits++;
        } else if ((c == ':' || c == '.' || c == ',') && digits > 0 && count < 3) {
            count++;
            digits = 0;
        } else {
            break;
        }
    }
    if (count < 2 || digits == 0)
        return false;
    *ret_ms = parts[count] + 1000 * (parts[count - 1] + 60 * parts[count - 2]) +
              (count == 3 ? 3600000 * parts[0] : 0);
    *s = core_strn(s->ptr + at, s->len - at);
    return true;
}

static bool is_timing(struct core_str line, int64_t *ret_start, int64_t *ret_end)
{
    line = core_str_trim(line);
    if (!take_time(&line, ret_start))
        return false;
    line = core_str_trim(line);
    if (!core_str_starts(line, CORE_STR("-->")))
        return false;
    line = core_str_trim(core_strn(line.ptr + 3, line.len - 3));
    return take_time(&line, ret_end);
}

/* --- Text ----------------------------------------------------------------------------------- */

static void paragraph_put(struct cues *c)
{
    ai_doc_gap(c->doc);
    ai_doc_line(c->doc, 0, "", core_buf_str(&c->paragraph));
    core_buf_clear(&c->paragraph);
    c->speaker.len = 0;
}

/* "<i>", "</font>", "<v Ada>", "<00:01.000>" and "{\an8}" at `at`: its length, else 0. */
static size_t tag_at(struct core_str s, size_t at)
{
    char next = at + 1 < s.len ? s.ptr[at + 1] : ' ';
    bool tag = s.ptr[at] == '<' && (((next | 0x20) >= 'a' && (next | 0x20) <= 'z') || next == '/' ||
                                    (next >= '0' && next <= '9'));
    if (!tag && !(s.ptr[at] == '{' && next == '\\'))
        return 0;
    size_t within = s.len - at < TAG_BYTES ? s.len - at : TAG_BYTES;
    const char *end = memchr(s.ptr + at, tag ? '>' : '}', within);
    return end ? (size_t)(end - s.ptr) + 1 - at : 0;
}

static size_t entity_at(struct core_str s, size_t at, struct core_buf *out)
{
    static const char *const entities[][2] = {{"&amp;", "&"},  {"&lt;", "<"}, {"&gt;", ">"},
                                              {"&nbsp;", " "}, {"&lrm;", ""}, {"&rlm;", ""}};
    for (size_t i = 0; i < sizeof entities / sizeof *entities; i++) {
        struct core_str entity = core_str(entities[i][0]);
        if (core_str_starts(core_strn(s.ptr + at, s.len - at), entity)) {
            core_buf_add_c(out, entities[i][1]);
            return entity.len;
        }
    }
    return 0;
}

/* Without marks, to c->line; who speaks, where a tag says it. */
static struct core_str line_clean(struct cues *c, struct core_str s)
{
    struct core_str speaker = {"", 0};
    core_buf_clear(&c->line);
    for (size_t at = 0; at < s.len;) {
        size_t n = s.ptr[at] == '&' && c->vtt ? entity_at(s, at, &c->line) : tag_at(s, at);
        if (n > 3 && s.ptr[at] == '<' && s.ptr[at + 1] == 'v') {
            struct core_str tag = core_strn(s.ptr + at + 2, n - 3);
            ssize_t space = core_str_find_byte(tag, ' ');
            if (space >= 0 && tag.len < SPEAKER_BYTES)
                speaker = core_str_trim(core_strn(tag.ptr + space, tag.len - (size_t)space));
        }
        if (n == 0)
            core_buf_add_byte(&c->line, s.ptr[at]);
        at += n > 0 ? n : 1;
    }
    return speaker;
}

static void line_put(struct cues *c, struct core_str raw)
{
    struct core_str speaker = line_clean(c, raw);
    struct core_str line = core_str_trim(core_buf_str(&c->line));
    if (line.len == 0 || core_str_eq(line, core_buf_str(&c->last)))
        return;
    core_buf_clear(&c->last);
    core_buf_add_str(&c->last, line);
    bool other = speaker.len > 0 && !core_str_eq(speaker, c->speaker);
    /* "- Where? - There.": two people in one cue. */
    if (other || line.ptr[0] == '-')
        paragraph_put(c);
    if (other) {
        core_buf_add_str(&c->paragraph, speaker);
        core_buf_add_byte(&c->paragraph, ':');
        c->speaker = speaker;
    }
    if (c->paragraph.len > 0)
        core_buf_add_byte(&c->paragraph, ' ');
    core_buf_add_str(&c->paragraph, line);
}

/* --- Files ---------------------------------------------------------------------------------- */

bool ai_subtitle_is_vtt(struct core_str text)
{
    struct core_str mark = CORE_STR("WEBVTT");
    return core_str_starts(text, mark) &&
           (text.len == mark.len || strchr(" \t\n", text.ptr[mark.len]));
}

static bool has_timing(struct core_str text)
{
    struct core_str line;
    int64_t start, end;
    while (core_str_split(&text, '\n', &line)) {
        if (is_timing(line, &start, &end))
            return true;
    }
    return false;
}

/* "WEBVTT - Title" */
static void title_put(struct ai_doc *doc, struct core_str text)
{
    struct core_str line;
    core_str_split(&text, '\n', &line);
    line = core_str_trim(core_strn(line.ptr + 6, line.len - 6));
    while (line.len > 0 && (line.ptr[0] == '-' || line.ptr[0] == ' '))
        line = core_strn(line.ptr + 1, line.len - 1);
    ai_doc_title(doc, line);
}

static bool is_number(struct core_str line)
{
    int64_t number;
    return core_str_to_i64(core_str_trim(line), 0, INT64_MAX, &number) == 0;
}

static void lines_put(struct cues *c, struct core_str text)
{
    struct core_str line, next;
    int64_t start, end;
    while (core_str_split(&text, '\n', &line)) {
        struct core_str rest = text;
        bool blank = core_str_trim(line).len == 0;
        if (is_timing(line, &start, &end)) {
            if (start - c->end_ms >= PAUSE_MS)
                paragraph_put(c);
            c->end_ms = end;
            c->shown = true;
        } else if (blank && c->vtt) {
            c->shown = false;
        } else if (c->shown && !blank &&
                   !(is_number(line) && core_str_split(&rest, '\n', &next) &&
                     is_timing(next, &start, &end))) {
            line_put(c, line);
        }
    }
    paragraph_put(c);
}

bool ai_subtitle_extract(struct ai_doc *doc, struct core_str text)
{
    struct cues c = {.doc = doc, .speaker = {"", 0}, .vtt = ai_subtitle_is_vtt(text)};
    if (!has_timing(text))
        return false;
    doc->kind = c.vtt ? AI_DOC_VTT : AI_DOC_SRT;
    core_buf_init(&c.paragraph, AI_LIMIT_DOCUMENT_TEXT);
    core_buf_init(&c.line, AI_LIMIT_DOCUMENT_TEXT);
    core_buf_init(&c.last, AI_LIMIT_DOCUMENT_TEXT);
    if (c.vtt)
        title_put(doc, text);
    lines_put(&c, text);
    core_buf_done(&c.paragraph);
    core_buf_done(&c.line);
    core_buf_done(&c.last);
    return true;
}
