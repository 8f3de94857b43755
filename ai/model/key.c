#include "ai/model/key.h"

#include "core/limits.h"
#include "core/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static bool is_name(struct core_str name)
{
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];
        if (!(c == '_' || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
              (i && c >= '0' && c <= '9')))
            return false;
    }
    return name.len > 0;
}

bool ai_key_valid(struct core_str reference)
{
    if (!reference.len)
        return true;
    if (reference.len > AI_LIMIT_KEY_REFERENCE || core_str_find_byte(reference, '\0') >= 0)
        return false;
    if (core_str_starts(reference, CORE_STR("env:")))
        return is_name(core_strn(reference.ptr + 4, reference.len - 4));
    return core_str_starts(reference, CORE_STR("file:/")) && core_utf8_valid(reference);
}

/* The key between white space; without control bytes,
 * which would end the field that it is sent in. */
static int take(const char *bytes, size_t len, struct core_buf *out)
{
    struct core_str key = core_str_trim(core_strn(bytes, len));
    for (size_t i = 0; i < key.len; i++)
        if ((unsigned char)key.ptr[i] <= 0x20 || key.ptr[i] == 0x7f)
            return CORE_EINVAL;
    if (!key.len)
        return CORE_ENOTFOUND;
    if (!core_buf_reserve(out, key.len)) /* at once: growing would leave copies behind */
        return CORE_ETOOBIG;
    return core_buf_add_str(out, key);
}

static int read_file(const char *path, struct core_buf *out)
{
    char bytes[AI_LIMIT_KEY + 1];
    struct stat st;
    int err = 0;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0)
        return core_err_from_errno(errno);
    if (fstat(fd, &st))
        err = core_err_from_errno(errno);
    else if (!S_ISREG(st.st_mode))
        err = CORE_EUNSUPPORTED;
    else if (st.st_mode & (S_IRWXG | S_IRWXO))
        err = CORE_EDENIED;
    ssize_t len = err ? 0 : read(fd, bytes, sizeof bytes);
    if (len < 0)
        err = core_err_from_errno(errno);
    else if (len > AI_LIMIT_KEY)
        err = CORE_ETOOBIG;
    close(fd);
    if (!err)
        err = take(bytes, (size_t)len, out);
    core_wipe(bytes, sizeof bytes);
    return err;
}

int ai_key_read(const char *reference, struct core_buf *out)
{
    if (!ai_key_valid(core_str(reference)))
        return CORE_EINVAL;
    if (!*reference)
        return 0;
    if (*reference == 'f')
        return read_file(reference + 5, out);
    const char *value = getenv(reference + 4);
    return value ? take(value, strlen(value), out) : CORE_ENOTFOUND;
}

void ai_key_check(const char *reference, char *why, size_t why_cap)
{
    struct core_buf key;
    core_buf_init(&key, AI_LIMIT_KEY + 1);
    int err = ai_key_read(reference, &key);
    core_buf_wipe(&key);
    switch (err) {
    case 0:
        snprintf(why, why_cap, "%s", "");
        return;
    case CORE_EDENIED:
        snprintf(why, why_cap, "%s: others may read it, or the server may not: make it mode 0600",
                 reference);
        return;
    case CORE_ENOTFOUND:
        snprintf(why, why_cap, "%s: %s", reference,
                 *reference == 'e' ? "the server was started without this variable"
                                   : "there is no such file, or it is empty");
        return;
    default:
        snprintf(why, why_cap, "%s: %s: write the key alone into it", reference,
                 core_err_text(err));
    }
}
