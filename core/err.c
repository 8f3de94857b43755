/*
 * err.c: names, sentences and HTTP statuses of the error codes, all expanded from the table in
 * err.h so that they cannot drift apart. Not here: reporting; functions return codes, the program
 * decides what to say.
 */
#include "core/err.h"

#include <errno.h>
#include <stddef.h>

const char *core_err_name(int code)
{
    switch (code) {
    case CORE_OK:
        return "CORE_OK";
#define X(code_, value, http, sentence)                                                            \
    case code_:                                                                                    \
        return #code_;
        CORE_ERR_TABLE(X)
#undef X
    default:
        return "CORE_EUNKNOWN";
    }
}

const char *core_err_text(int code)
{
    switch (code) {
    case CORE_OK:
        return "all is well";
#define X(code_, value, http, sentence)                                                            \
    case code_:                                                                                    \
        return sentence;
        CORE_ERR_TABLE(X)
#undef X
    default:
        return "an unknown error happened";
    }
}

int core_err_http(int code)
{
    switch (code) {
    case CORE_OK:
        return 200;
#define X(code_, value, http, sentence)                                                            \
    case code_:                                                                                    \
        return http;
        CORE_ERR_TABLE(X)
#undef X
    default:
        return 500;
    }
}

static const struct errno_map {
    int from;
    int to;
} errno_table[] = {
    {0, CORE_OK},
    {ENOENT, CORE_ENOTFOUND},
    {ENOTDIR, CORE_ENOTFOUND},
    {EEXIST, CORE_EEXISTS},
    {ENOTEMPTY, CORE_EEXISTS},
    {EACCES, CORE_EDENIED},
    {EPERM, CORE_EDENIED},
    {EROFS, CORE_EREADONLY},
    {ENOSPC, CORE_ENOSPACE},
    {EDQUOT, CORE_ENOSPACE},
    {EFBIG, CORE_ETOOBIG},
    {EMSGSIZE, CORE_ETOOBIG},
    {ENOMEM, CORE_ENOMEM},
    {ENOBUFS, CORE_ENOMEM},
    {EINVAL, CORE_EINVAL},
    {ENAMETOOLONG, CORE_EINVAL},
    {ELOOP, CORE_EINVAL},
    {EDOM, CORE_EINVAL},
    {ERANGE, CORE_EINVAL},
    {EILSEQ, CORE_EUTF8},
    {EBUSY, CORE_EBUSY},
    {EAGAIN, CORE_EBUSY},
    {ETXTBSY, CORE_EBUSY},
    {EADDRINUSE, CORE_EBUSY},
    {EMFILE, CORE_ELIMIT},
    {ENFILE, CORE_ELIMIT},
    {ETIMEDOUT, CORE_ETIMEOUT},
    {ECANCELED, CORE_ECANCELLED},
    {EPIPE, CORE_ECLOSED},
    {EISDIR, CORE_EUNSUPPORTED},
    {ENODEV, CORE_EUNSUPPORTED},
    {ENXIO, CORE_EUNSUPPORTED},
    {ENOSYS, CORE_EUNSUPPORTED},
    {EOPNOTSUPP, CORE_EUNSUPPORTED},
    {EPROTO, CORE_EPROTO},
    {ECONNREFUSED, CORE_ENET},
    {ECONNRESET, CORE_ENET},
    {ECONNABORTED, CORE_ENET},
    {ENOTCONN, CORE_ENET},
    {EHOSTUNREACH, CORE_ENET},
    {ENETUNREACH, CORE_ENET},
    {ENETDOWN, CORE_ENET},
    {EADDRNOTAVAIL, CORE_ENET},
};

int core_err_from_errno(int errno_value)
{
    for (size_t i = 0; i < sizeof errno_table / sizeof *errno_table; i++)
        if (errno_table[i].from == errno_value)
            return errno_table[i].to;
    return CORE_EIO;
}
