/* path.c: see path.h. */
#include "core/path.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

static bool has_parent_part(struct core_str path)
{
    struct core_str part;
    while (core_str_split(&path, '/', &part))
        if (core_str_eq_c(part, ".."))
            return true;
    return false;
}

static void add_parts(struct core_buf *out, struct core_str path)
{
    struct core_str part;
    while (core_str_split(&path, '/', &part))
        if (part.len > 0 && !core_str_eq_c(part, ".")) {
            core_buf_add_byte(out, '/');
            core_buf_add_str(out, part);
        }
}

int core_path_absolute(const char *path, struct core_buf *out)
{
    char text[PATH_MAX];
    size_t before = out->len;
    if (*path == '\0')
        return CORE_EINVAL;
    if (has_parent_part(core_str(path))) {
        if (!realpath(path, text))
            return core_err_from_errno(errno);
        return core_buf_add_c(out, text);
    }
    if (*path != '/') {
        if (!getcwd(text, sizeof text))
            return core_err_from_errno(errno);
        add_parts(out, core_str(text));
    }
    add_parts(out, core_str(path));
    if (out->len == before)
        core_buf_add_byte(out, '/');
    return core_buf_error(out);
}
