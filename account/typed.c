/*
 * typed.c: what people type: e-mail addresses, names, passwords.
 *
 * An e-mail address is the name of an account: ASCII, in lower case, so that none looks like another. Nothing is
 * sent to it.
 */
#include "account/room.h"

static int wrong(struct account_why *why, const char *field, const char *must)
{
    why->field = field;
    why->must = must;
    return CORE_EINVAL;
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
    for (size_t i = 0; i < text.len; i++) {
        if ((unsigned char)text.ptr[i] < 0x20 || text.ptr[i] == 0x7f) {
            return CORE_EINVAL;
        }
    }
    memcpy(out, text.ptr, text.len);
    out[text.len] = '\0';
    return 0;
}

int account__password_good(struct core_str password, const char *email, struct account_why *why)
{
    struct core_str local = core_strn(email, strcspn(email, "@"));
    if (password.len < ACCOUNT_LIMIT_PASSWORD_MIN || password.len > ACCOUNT_LIMIT_PASSWORD) {
        return wrong(why, "password", "must have 8 to 1024 bytes");
    }
    if (core_str_ieq(password, core_str(email)) || core_str_ieq(password, local)) {
        return wrong(why, "password", "must not be the e-mail address");
    }
    return 0;
}

int account__form_read(const struct account_form *form, struct account_user *ret,
                       struct account_why *why)
{
    if (account__email_read(form->email, ret->email)) {
        return wrong(why, "email", "must be an e-mail address in ASCII, such as name@example.org");
    }
    if (account__name_read(form->name, ret->email, ret->name)) {
        return wrong(why, "name", ACCOUNT_NAME_MUST);
    }
    return account__password_good(form->password, ret->email, why);
}
