/*
 * err.h: every error code of the program, from one table.
 *
 * A function that can fail returns an int: 0, or one of these negative codes. The table gives
 * each code its name (for logs), a sentence (for people) and the HTTP status that says the same.
 */
#ifndef CORE_ERR_H
#define CORE_ERR_H

/*    code           value  http  sentence */
#define CORE_ERR_TABLE(X)                                                                          \
    X(CORE_EINVAL, -1, 400, "the input is not valid")                                              \
    X(CORE_ETOOBIG, -2, 413, "the input exceeds its limit")                                        \
    X(CORE_ENOMEM, -3, 503, "there is not enough memory")                                          \
    X(CORE_ENOTFOUND, -4, 404, "there is no such thing")                                           \
    X(CORE_EEXISTS, -5, 409, "it exists already")                                                  \
    X(CORE_EMISMATCH, -6, 409, "the data changed meanwhile")                                       \
    X(CORE_EIO, -7, 503, "reading or writing failed")                                              \
    X(CORE_ENOSPACE, -8, 507, "the disk is full")                                                  \
    X(CORE_ECORRUPT, -9, 500, "the data is corrupt")                                               \
    X(CORE_ENEWER, -10, 500, "the data was written by a newer version")                            \
    X(CORE_EBUSY, -11, 503, "the resource is busy")                                                \
    X(CORE_ETIMEOUT, -12, 504, "it took too long")                                                 \
    X(CORE_ECANCELLED, -13, 499, "it was cancelled")                                               \
    X(CORE_ECLOSED, -14, 503, "it is shut down")                                                   \
    X(CORE_EAUTH, -15, 401, "authentication is required")                                          \
    X(CORE_EDENIED, -16, 403, "permission is denied")                                              \
    X(CORE_ELIMIT, -17, 429, "too many at once")                                                   \
    X(CORE_EUNSUPPORTED, -18, 415, "this is not supported")                                        \
    X(CORE_EPROTO, -19, 400, "the peer broke the protocol")                                        \
    X(CORE_ENET, -20, 502, "the network failed")                                                   \
    X(CORE_EREADONLY, -21, 503, "writing is not possible at the moment")                           \
    X(CORE_EUTF8, -22, 400, "the text is not valid UTF-8")                                         \
    X(CORE_EINTERNAL, -23, 500, "an internal error happened")                                      \
    X(CORE_EBUDGET, -24, 402, "a budget is used up")                                               \
    X(CORE_ETRUST, -25, 502, "the certificate of the other side is not trusted")                   \
    X(CORE_EAWAY, -26, 503,                                                                        \
      "the database cannot be reached: see that it runs, the rest goes by itself")

enum core_err {
    CORE_OK = 0,
#define X(code, value, http, sentence) code = value,
    CORE_ERR_TABLE(X)
#undef X
};

/* "CORE_EINVAL"; "CORE_OK" for 0; "CORE_EUNKNOWN" for anything else. Static strings. */
const char *core_err_name(int code);
/* The sentence of the table, no capital, no period. */
const char *core_err_text(int code);
/* The HTTP status of the table; 200 for 0, 500 for an unknown code. */
int core_err_http(int code);
/* Maps an errno value (ENOENT, ENOSPC, …) to the nearest code. */
int core_err_from_errno(int errno_value);

#endif
