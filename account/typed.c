/*
 * typed.c: what people type: e-mail addresses, names, passwords.
 *
 * An e-mail address is the name of an account: ASCII, in lower case, so that none looks like
 * another. Nothing is sent to it.
 */
#include "account/room.h"

int account__wrong(struct account_why *why, const char *field, const char *must)
{
    why->field = field;
    why->must = must;
    return CORE_EINVAL;
}

int account__label_check(struct core_str name, struct account_why *why)
{
    if (name.len == 0 || name.len >= ACCOUNT_LIMIT_NAME || !core_utf8_valid(name) ||
        core_str_find_byte(name, '\0') >= 0) {
        return account__wrong(why, "name", "must be text of 1 to 128 bytes");
    }
    return 0;
}

/* In lower case; CORE_EINVAL. */
int account__email_read(struct core_str text, char out[static ACCOUNT_LIMIT_EMAIL])
{
    size_t at = text.len;
    if (text.len < 3 || text.len >= ACCOUNT_LIMIT_EMAIL) {
        return CORE_EINVAL;
    }
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (c <= ' ' || c > '~' || (c == '@' && at < text.len)) {
            return CORE_EINVAL;
        }
        at = c == '@' ? i : at;
        out[i] = (char)(c >= 'A' && c <= 'Z' ? c + 32 : c);
    }
    out[text.len] = '\0';
    return at == 0 || at + 1 >= text.len ? CORE_EINVAL : 0;
}

/* Controls, what turns or hides the text around it, and blanks that are no spaces: with them a name
 * could look like another's. The joiners of scripts and emoji stay. */
static bool is_unseen(uint32_t code)
{
    static const struct {
        uint32_t first, last;
    } ranges[] = {
        {0, 0x1f},        {0x7f, 0xa0},     {0xad, 0xad},     {0x34f, 0x34f},   {0x61c, 0x61c},
        {0x115f, 0x1160}, {0x17b4, 0x17b5}, {0x180b, 0x180e}, {0x2000, 0x200b}, {0x200e, 0x200f},
        {0x2028, 0x202f}, {0x205f, 0x206f}, {0x2800, 0x2800}, {0x3000, 0x3000}, {0x3164, 0x3164},
        {0xfeff, 0xfeff}, {0xffa0, 0xffa0}, {0xfff0, 0xfffb}, {0xfffe, 0xffff}, {0xe0000, 0x10ffff},
    };
    for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++) {
        if (code >= ranges[i].first && code <= ranges[i].last) {
            return true;
        }
    }
    return false;
}

/* What stands before the @ when no name is given. */
int account__name_read(struct core_str name, const char *email, char out[static ACCOUNT_LIMIT_NAME])
{
    struct core_str text = core_str_trim(name);
    if (text.len == 0) {
        text = core_strn(email, strcspn(email, "@"));
        text.len = text.len < ACCOUNT_LIMIT_NAME ? text.len : ACCOUNT_LIMIT_NAME - 1;
    }
    if (text.len >= ACCOUNT_LIMIT_NAME || !core_utf8_valid(text)) {
        return CORE_EINVAL;
    }
    uint32_t code;
    for (size_t at = 0; at < text.len;) {
        at += core_utf8_next(text, at, &code);
        if (is_unseen(code)) {
            return CORE_EINVAL;
        }
    }
    memcpy(out, text.ptr, text.len);
    out[text.len] = '\0';
    return 0;
}

enum { LOCAL_TELLS = 4 }; /* bytes before the @ that are no accident in a password */

static bool holds(struct core_str text, struct core_str part)
{
    for (size_t at = 0; at + part.len <= text.len; at++) {
        if (core_str_ieq(core_strn(text.ptr + at, part.len), part)) {
            return true;
        }
    }
    return false;
}

int account__password_good(struct core_str password, const char *email, struct account_why *why)
{
    struct core_str local = core_strn(email, strcspn(email, "@"));
    if (password.len < ACCOUNT_LIMIT_PASSWORD_MIN || password.len > ACCOUNT_LIMIT_PASSWORD) {
        return account__wrong(why, "password", "must have 8 to 1024 bytes");
    }
    if (local.len >= LOCAL_TELLS ? holds(password, local)
                                 : core_str_ieq(password, core_str(email))) {
        return account__wrong(why, "password",
                              "must not hold what stands before the @ of the address");
    }
    if (account__password_ours(password)) {
        return account__wrong(why, "password",
                              "must not hold `skynet` or `genom`: they are guessed first");
    }
    if (account__password_known(password) || account__password_common(password)) {
        return account__wrong(
            why, "password",
            "is one that is guessed first: take several words, or let a password manager "
            "make one");
    }
    return 0;
}

int account__form_read(const struct account_form *form, struct account_user *ret,
                       struct account_why *why)
{
    if (account__email_read(form->email, ret->email)) {
        return account__wrong(why, "email", ACCOUNT_EMAIL_MUST);
    }
    if (account__name_read(form->name, ret->email, ret->name)) {
        return account__wrong(why, "name", ACCOUNT_NAME_MUST);
    }
    return account__password_good(form->password, ret->email, why);
}
