/* mail_box.c: where the messages of a mailbox begin and end. */
#include "ai/extract/mail_box.h"

#include "ai/extract/mail_head.h"

static const struct core_str from = {"From ", 5};

bool ai_mail_box_looks(struct core_str bytes)
{
    struct core_str line;
    if (!core_str_starts(bytes, from) || !core_str_split(&bytes, '\n', &line))
        return false;
    return core_str_split(&bytes, '\n', &line) && ai_mail_is_field(line);
}

bool ai_mail_box_next(struct core_str *rest, struct core_str *ret_message)
{
    struct core_str at = *rest, line;
    bool empty = false; /* the line before */
    if (!core_str_split(&at, '\n', &line))
        return false;
    const char *begin = at.ptr;
    while (at.len > 0 && !(empty && ai_mail_box_looks(at))) {
        core_str_split(&at, '\n', &line);
        empty = core_str_trim(line).len == 0;
    }
    *ret_message = core_strn(begin, (size_t)(at.ptr - begin));
    *rest = at;
    return true;
}

void ai_mail_box_unquote(struct core_str message, struct core_buf *out)
{
    struct core_str line;
    while (core_str_split(&message, '\n', &line)) {
        size_t quotes = 0;
        while (quotes < line.len && line.ptr[quotes] == '>')
            quotes++;
        bool quoted = quotes > 0 &&
                      core_str_starts(core_strn(line.ptr + quotes, line.len - quotes), from);
        core_buf_add(out, line.ptr + quoted, line.len - quoted);
        core_buf_add_byte(out, '\n');
    }
}
