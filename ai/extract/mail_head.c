/*
 * mail_head.c: heads of messages (RFC 5322) and parameters (RFC 2045, 2231).
 */
#include "ai/extract/mail_head.h"

#include "ai/extract/charset.h"
#include "ai/extract/mail_code.h"
#include "core/limits.h"

/* Pieces of one parameter that are looked for. */
#define PIECES 32

void ai_mail_split(struct core_str message, struct core_str *ret_head, struct core_str *ret_body)
{
    struct core_str rest = message, line;
    while (core_str_split(&rest, '\n', &line)) {
        if (core_str_trim(line).len == 0) {
            *ret_head = core_strn(message.ptr, (size_t)(line.ptr - message.ptr));
            *ret_body = rest;
            return;
        }
    }
    *ret_head = message;
    *ret_body = core_strn(message.ptr + message.len, 0);
}

bool ai_mail_is_field(struct core_str line)
{
    size_t at = 0;
    while (at < line.len && line.ptr[at] > ' ' && line.ptr[at] < 127 && line.ptr[at] != ':')
        at++;
    return at > 0 && at < line.len && line.ptr[at] == ':';
}

static bool is_continued(struct core_str line)
{
    return line.len > 0 && (line.ptr[0] == ' ' || line.ptr[0] == '\t');
}

bool ai_mail_field(struct core_str head, const char *name, struct core_buf *out)
{
    struct core_str line, key = core_str(name);
    size_t before = out->len;
    bool found = false;
    while (core_str_split(&head, '\n', &line)) {
        if (found && !is_continued(line))
            break;
        if (!found) {
            found = line.len > key.len && line.ptr[key.len] == ':' && core_str_istarts(line, key);
            if (!found)
                continue;
            line = core_strn(line.ptr + key.len + 1, line.len - key.len - 1);
        }
        if (line.len > 0 && line.ptr[line.len - 1] == '\r')
            line.len--;
        size_t room = AI_LIMIT_MAIL_FIELD - (out->len - before);
        core_buf_add(out, line.ptr, core_utf8_cut(line, room));
    }
    return found;
}

/* --- Parameters ----------------------------------------------------------------------------- */

/* Takes what stands before the next semicolon that is not quoted off *rest. */
static struct core_str take(struct core_str *rest)
{
    bool quoted = false;
    size_t at = 0;
    for (; at < rest->len && (quoted || rest->ptr[at] != ';'); at++) {
        quoted ^= rest->ptr[at] == '"';
        at += quoted && rest->ptr[at] == '\\';
    }
    at = at < rest->len ? at : rest->len;
    struct core_str taken = core_strn(rest->ptr, at);
    at += at < rest->len;
    *rest = core_strn(rest->ptr + at, rest->len - at);
    return core_str_trim(taken);
}

struct core_str ai_mail_value(struct core_str field)
{
    return take(&field);
}

static void unquote(struct core_str value, struct core_buf *out)
{
    bool quoted = value.len > 0 && value.ptr[0] == '"';
    for (size_t at = quoted; at < value.len && !(quoted && value.ptr[at] == '"'); at++) {
        at += quoted && value.ptr[at] == '\\' && at + 1 < value.len;
        core_buf_add_byte(out, value.ptr[at]);
    }
}

/* "key=value", or with a name that ends in a star; its value, still quoted. */
static bool find(struct core_str field, struct core_str key, struct core_str *ret_value)
{
    take(&field);
    while (field.len > 0) {
        struct core_str one = take(&field);
        ssize_t sign = core_str_find_byte(one, '=');
        if (sign >= 0 && core_str_ieq(core_str_trim(core_strn(one.ptr, (size_t)sign)), key)) {
            *ret_value = core_str_trim(core_strn(one.ptr + sign + 1, one.len - (size_t)sign - 1));
            return true;
        }
    }
    return false;
}

/* name* or name*0, name*1 …, with another star where percent signs stand for bytes. */
static bool pieces(struct core_str field, const char *name, struct core_buf *raw,
                   struct core_str *ret_charset)
{
    struct core_buf key;
    bool any = false, more = true;
    core_buf_init(&key, 64);
    for (int i = -1; i < PIECES && more; i++) {
        struct core_str value, part;
        core_buf_clear(&key);
        core_buf_add_c(&key, name);
        if (i >= 0)
            core_buf_addf(&key, "*%d", i);
        bool plain = i >= 0 && find(field, core_buf_str(&key), &value);
        core_buf_add_byte(&key, '*');
        bool coded = !plain && find(field, core_buf_str(&key), &value);
        /* The charset and the language come first, each with an apostrophe behind it. */
        if (coded && !any) {
            struct core_str rest = value;
            if (core_str_split(&rest, '\'', ret_charset) && core_str_split(&rest, '\'', &part))
                value = rest;
            else
                ret_charset->len = 0;
        }
        if (plain)
            unquote(value, raw);
        else if (coded)
            ai_mail_percent(value, raw);
        any = any || plain || coded;
        more = i < 0 ? !any : plain || coded;
    }
    core_buf_done(&key);
    return any;
}

bool ai_mail_parameter(struct core_str field, const char *name, struct core_buf *out)
{
    struct core_buf raw;
    struct core_str value, charset = {"", 0};
    core_buf_init(&raw, AI_LIMIT_MAIL_FIELD + 1);
    bool found = pieces(field, name, &raw, &charset);
    if (found) {
        (void)ai_charset_decode(core_buf_str(&raw), charset,
                                out); /* nothing, where it is no text */
    } else if (find(field, core_str(name), &value)) {
        found = true;
        unquote(value, &raw);
        ai_mail_words(core_buf_str(&raw), out);
    }
    core_buf_done(&raw);
    return found;
}
