/*
 * pg_sql.c: looks over a statement of ours, word by word, once before it is prepared.
 *
 * Not a parser: the server is one. It knows strings and quoted names from
 * the rest, because what stands in them is no word and no parameter.
 * Comments are not known, as none of our statements has any.
 */
#include "core/store/pg_sql.h"

#include "core/err.h"

#include <string.h>

struct scan {
    const char *at;
    const char *end;
    unsigned words;
    unsigned first_len; /* the first word */
    const char *first;
    const char *refused; /* a word that is not deterministic */
    uint64_t seen;       /* bit n: $n+1 */
    bool bad_param;
};
_Static_assert(CORE_LIMIT_SQL_PARAMS <= 64, "they are bits of one number");

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool word_in(struct core_str word, const char *const *list, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (core_str_ieq(word, core_str(list[i])))
            return true;
    }
    return false;
}

/* What gives another value each time, or from session to session; with and without brackets. */
static bool is_refused(struct core_str word, bool called)
{
    static const char *const functions[] = {
        "random",
        "gen_random_uuid",
        "now",
        "clock_timestamp",
        "statement_timestamp",
        "transaction_timestamp",
        "timeofday",
        "nextval",
        "currval",
        "lastval",
        "setval",
        "set_config",
        "pg_sleep",
        "txid_current",
        "pg_current_xact_id",
        "pg_backend_pid",
    };
    static const char *const words[] = {
        "current_date",   "current_time", "current_timestamp", "localtime",
        "localtimestamp", "current_user", "session_user",
    };

    if (called)
        return word_in(word, functions, sizeof functions / sizeof *functions);
    return word_in(word, words, sizeof words / sizeof *words);
}

static void scan_word(struct scan *s)
{
    const char *start = s->at;
    const char *next;

    while (s->at < s->end && (is_letter(*s->at) || is_digit(*s->at)))
        s->at++;
    struct core_str word = core_strn(start, (size_t)(s->at - start));
    for (next = s->at; next < s->end && (*next == ' ' || *next == '\n'); next++)
        ;
    if (s->words++ == 0) {
        s->first = start;
        s->first_len = (unsigned)word.len;
    }
    if (is_refused(word, next < s->end && *next == '('))
        s->refused = start;
}

static void scan_param(struct scan *s)
{
    unsigned number = 0;

    for (s->at++; s->at < s->end && is_digit(*s->at) && number <= CORE_LIMIT_SQL_PARAMS; s->at++)
        number = number * 10 + (unsigned)(*s->at - '0');
    if (number < 1 || number > CORE_LIMIT_SQL_PARAMS)
        s->bad_param = true;
    else
        s->seen |= 1ull << (number - 1);
}

/* A doubled quote is read as two strings, one behind the other. */
static void scan_quoted(struct scan *s)
{
    char quote = *s->at++;

    while (s->at < s->end && *s->at != quote)
        s->at++;
    if (s->at < s->end)
        s->at++;
}

static void scan(struct scan *s)
{
    while (s->at < s->end) {
        if (is_letter(*s->at))
            scan_word(s);
        else if (*s->at == '$')
            scan_param(s);
        else if (*s->at == '\'' || *s->at == '"')
            scan_quoted(s);
        else
            s->at++;
    }
}

int store__sql_check(struct core_str sql, size_t count, enum store__sql_use use,
                     const char **ret_why)
{
    static const char *const reads[] = {"select", "with", "values"};
    static const char *const writes[] = {"insert", "update", "delete", "select", "with"};
    struct scan s = {.at = sql.ptr, .end = sql.ptr + sql.len};
    struct core_str first;

    scan(&s);
    first = core_strn(s.first, s.first_len);
    if (s.bad_param || s.seen != (count < 64 ? (1ull << count) - 1 : UINT64_MAX)) {
        *ret_why = "its parameters are not $1 to $n, or it has another number of them";
        return CORE_EINVAL;
    }
    if (s.words == 0) {
        *ret_why = "it is not one statement";
        return CORE_EINVAL;
    }
    if (use == STORE__SQL_READ && !word_in(first, reads, sizeof reads / sizeof *reads)) {
        *ret_why = "it would write";
        return CORE_EINVAL;
    }
    if (use == STORE__SQL_WRITE &&
        (s.refused || !word_in(first, writes, sizeof writes / sizeof *writes))) {
        *ret_why = s.refused ? "it is not deterministic" : "it is not about data";
        return CORE_EUNSUPPORTED;
    }
    return 0;
}
