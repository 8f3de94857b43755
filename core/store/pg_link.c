/*
 * pg_link.c: from an address to a connection.
 *
 * The hosts of the address are tried one by one with a deadline each, because libpq without its own
 * blocking has none: a host that vanished from the network would keep the one that was promoted in
 * its place from being asked.
 */
#include "core/store/pg_link.h"

#include "core/err.h"
#include "core/mem.h"
#include "core/str.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>

/* The oldest version that says in its greeting whether
 * it is a standby; it is also the oldest tested. */
#define VERSION_MIN 140000

/* --- Codes ---------------------------------------------------------------------------------- */

int store__pg_state_error(const char *s)
{
    static const struct {
        const char *start;
        int err;
    } table[] = {
        {"23505", CORE_EEXISTS},   {"22021", CORE_EUTF8},      {"22P05", CORE_EUTF8},
        {"25006", CORE_EREADONLY}, {"25P02", CORE_ECANCELLED}, {"53100", CORE_ENOSPACE},
        {"53200", CORE_ENOMEM},    {"53", CORE_EBUSY},         {"54", CORE_ETOOBIG},
        {"57014", CORE_EBUSY},     {"55P03", CORE_EBUSY},      {"40", CORE_EBUSY},
        {"42501", CORE_EDENIED},   {"28", CORE_EDENIED},       {"3D000", CORE_ENOTFOUND},
        {"58030", CORE_EIO},       {"58P01", CORE_EIO},        {"XX001", CORE_ECORRUPT},
        {"XX002", CORE_ECORRUPT},  {"08", CORE_EAWAY},         {"57P", CORE_EAWAY},
        {"25P03", CORE_EAWAY},     {"XX000", CORE_EIO},
    };

    for (size_t i = 0; s && i < sizeof table / sizeof *table; i++) {
        if (core_str_starts(core_str(s), core_str(table[i].start)))
            return table[i].err;
    }
    return CORE_EINVAL;
}

/* --- The address ---------------------------------------------------------------------------- */

static const char *option(const PQconninfoOption *options, const char *keyword)
{
    for (; options->keyword; options++) {
        if (core_str_eq_c(core_str(options->keyword), keyword))
            return options->val ? options->val : "";
    }
    return "";
}

/* One port serves all hosts, or each has its own; an empty one is the default. */
static void split_hosts(struct store__pg_address *a, const PQconninfoOption *options)
{
    struct core_str hosts = core_str(option(options, "host"));
    struct core_str ports = core_str(option(options, "port"));
    struct core_str host, port = {0};

    if (hosts.len == 0 || *option(options, "hostaddr"))
        return;
    while (a->count < CORE_LIMIT_STORE_PG_HOSTS && core_str_split(&hosts, ',', &host)) {
        core_str_split(&ports, ',', &port);
        a->host[a->count] = core_strdup(host);
        a->port[a->count++] = core_strdup(port);
    }
}

static void name_it(struct store__pg_address *a, const PQconninfoOption *options)
{
    int len = 0;

    for (unsigned i = 0; i < a->count && len < (int)sizeof a->name; i++)
        len += snprintf(a->name + len, sizeof a->name - (size_t)len, "%s%s%s%s", i ? "," : "",
                        a->host[i], *a->port[i] ? ":" : "", a->port[i]);
    if (len < (int)sizeof a->name)
        snprintf(a->name + len, sizeof a->name - (size_t)len, "/%s", option(options, "dbname"));
}

int store__pg_address_init(struct store__pg_address *a, const struct core_env *env, const char *url,
                           const char *instance, char *why, size_t why_cap)
{
    char *wrong = NULL;
    PQconninfoOption *options = PQconninfoParse(url, &wrong);

    /* What libpq says of it may quote the password. */
    PQfreemem(wrong);
    if (!options) {
        snprintf(why, why_cap,
                 "store is not an address of PostgreSQL: write "
                 "postgresql://USER@HOST:PORT/DATABASE");
        return CORE_EINVAL;
    }
    *a = (struct store__pg_address){.env = env, .url = core_strdup(core_str(url))};
    snprintf(a->application, sizeof a->application, "sky %s", instance);
    split_hosts(a, options);
    name_it(a, options);
    PQconninfoFree(options);
    return 0;
}

void store__pg_address_done(struct store__pg_address *a)
{
    for (unsigned i = 0; i < a->count; i++) {
        free(a->host[i]);
        free(a->port[i]);
    }
    if (a->url)
        core_wipe(a->url, strlen(a->url));
    free(a->url);
}

/* --- One host ------------------------------------------------------------------------------- */

static void drop_notice(void *arg, const PGresult *result)
{
    (void)arg;
    (void)result;
}

static PGconn *start(const struct store__pg_address *a, unsigned i)
{
    const char *keys[16], *values[16];
    unsigned n = 0;
#define OPTION(key, value)                                                                         \
    do {                                                                                           \
        keys[n] = (key);                                                                           \
        values[n++] = (value);                                                                     \
    } while (0)

    /* What the address may say otherwise. */
    OPTION("gssencmode", "disable");
    OPTION("keepalives_idle", "5");
    OPTION("keepalives_interval", "2");
    OPTION("keepalives_count", "3");
    OPTION("tcp_user_timeout", "8000");
    OPTION("dbname", a->url);
    /* What it may not. */
    OPTION("target_session_attrs", "any");
    OPTION("client_encoding", "UTF8");
    OPTION("application_name", a->application);
    if (a->count) {
        OPTION("host", a->host[i]);
        OPTION("port", a->port[i]);
    }
#undef OPTION
    keys[n] = values[n] = NULL;
    return PQconnectStartParams(keys, values, 1);
}

/* 0, or CORE_EAWAY with a reason of ours or of libpq's in the connection. */
static int finish(const struct core_env *env, PGconn *db, const char **ret_why)
{
    uint64_t deadline = core_mono_ms(env) + CORE_LIMIT_STORE_PG_CONNECT_MS;
    PostgresPollingStatusType state = PGRES_POLLING_WRITING;

    while (state != PGRES_POLLING_OK) {
        uint64_t now = core_mono_ms(env);
        struct pollfd p = {.fd = PQsocket(db),
                           .events = state == PGRES_POLLING_READING ? POLLIN : POLLOUT};
        if (PQstatus(db) == CONNECTION_BAD || state == PGRES_POLLING_FAILED)
            return CORE_EAWAY;
        if (now >= deadline) {
            *ret_why = "it does not answer";
            return CORE_EAWAY;
        }
        if (poll(&p, 1, (int)(deadline - now)) != 0)
            state = PQconnectPoll(db);
    }
    return 0;
}

/* "…FATAL:  28P01: password authentication failed…": the code, and the first line without it. */
static void read_refusal(const char *message, char state[static 6], char *line, size_t cap)
{
    const char *fatal = strstr(message, "FATAL:  ");
    const char *text = message;

    state[0] = '\0';
    if (fatal && strlen(fatal) > 15 && fatal[13] == ':') {
        snprintf(state, 6, "%.5s", fatal + 8);
        text = fatal + 15;
    }
    snprintf(line, cap, "%.*s", (int)strcspn(text, "\n"), text);
}

/* What to do when no greeting came. libpq has no codes for it, only words. */
static const char *remedy_of(const char *line)
{
    static const struct {
        const char *says, *remedy;
    } known[] = {
        {"does not match host name", "name it in the address as its certificate does"},
        {"certificate", "put the file of the authority that signed its certificate into the "
                        "address: sslrootcert=FILE"},
        {"does not support SSL", "turn ssl on there, or put sslmode=disable into the address"},
    };

    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (strstr(line, known[i].says))
            return known[i].remedy;
    }
    return "start it, or correct the address";
}

static int explain_refusal(const struct store__pg_address *a, PGconn *db, const char *reason,
                           char *why, size_t why_cap)
{
    char state[6], line[200];
    const char *remedy;
    int err = CORE_EAWAY;

    read_refusal(PQerrorMessage(db), state, line, sizeof line);
    if (*state)
        err = store__pg_state_error(state);
    if (PQconnectionNeedsPassword(db))
        err = CORE_EDENIED;
    switch (err) {
    case CORE_EDENIED:
        remedy = "correct the user and password in the address, or set PGPASSWORD";
        break;
    case CORE_ENOTFOUND:
        remedy = "create it (createdb), or correct the address";
        break;
    case CORE_EBUSY:
        remedy = "raise its max_connections, or stop other programs that use it";
        break;
    default:
        err = CORE_EAWAY;
        remedy = *state ? "wait until it is up" : remedy_of(line);
    }
    snprintf(why, why_cap, "cannot use PostgreSQL at %s: %s: %s", a->name, reason ? reason : line,
             remedy);
    return err;
}

static bool says(PGconn *db, const char *parameter, const char *value)
{
    const char *now = PQparameterStatus(db, parameter);

    return now && core_str_eq_c(core_str(now), value);
}

/* Whether it will do, by what it said in its greeting. */
static int check(const struct store__pg_address *a, PGconn *db, bool writes, char *why,
                 size_t why_cap)
{
    int version = PQserverVersion(db);

    if (version < VERSION_MIN) {
        snprintf(why, why_cap, "PostgreSQL at %s is version %d: use version %d or newer", a->name,
                 version / 10000, VERSION_MIN / 10000);
        return CORE_EUNSUPPORTED;
    }
    if (!says(db, "server_encoding", "UTF8")) {
        snprintf(why, why_cap,
                 "the database at %s is not in UTF-8: create one with ENCODING 'UTF8'", a->name);
        return CORE_EUNSUPPORTED;
    }
    if (says(db, "in_hot_standby", "on")) {
        snprintf(why, why_cap,
                 "only a standby of PostgreSQL answers at %s: promote it, or name the primary too",
                 a->name);
        return CORE_EREADONLY;
    }
    if (writes && says(db, "default_transaction_read_only", "on")) {
        snprintf(why, why_cap,
                 "the database at %s is read-only: set default_transaction_read_only to off there",
                 a->name);
        return CORE_EREADONLY;
    }
    return 0;
}

static int try_host(const struct store__pg_address *a, unsigned i, bool writes, PGconn **ret,
                    char *why, size_t why_cap)
{
    const char *reason = NULL;
    PGconn *db = start(a, i);
    int err = db ? 0 : CORE_ENOMEM;

    if (err == 0) {
        /* So that a refusal shows its code. */
        PQsetErrorVerbosity(db, PQERRORS_VERBOSE);
        PQsetNoticeReceiver(db, drop_notice, NULL);
        err = finish(a->env, db, &reason);
        if (err < 0)
            err = explain_refusal(a, db, reason, why, why_cap);
        else
            err = check(a, db, writes, why, why_cap);
    }
    if (err < 0) {
        PQfinish(db);
        return err;
    }
    PQsetErrorVerbosity(db, PQERRORS_DEFAULT);
    *ret = db;
    return 0;
}

int store__pg_link(const struct store__pg_address *a, bool writes, PGconn **ret, char *why,
                   size_t why_cap)
{
    char text[512] = "";
    unsigned hosts = a->count ? a->count : 1;
    int kept = 0;

    for (unsigned i = 0; i < hosts; i++) {
        int err = try_host(a, i, writes, ret, text, sizeof text);
        if (err == 0)
            return 0;
        /* A host that refuses says more than one that is not there. */
        if (kept == 0 || kept == CORE_EAWAY) {
            snprintf(why, why_cap, "%s", text);
            kept = err;
        }
    }
    return kept;
}
