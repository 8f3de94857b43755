#include "core/fetch_answer.h"

#include "core/err.h"
#include "core/limits.h"

static struct core__answer *of(llhttp_t *parser)
{
    return parser->data;
}

/* --- Fields --------------------------------------------------------------------------------- */

static int grow_head(struct core__answer *a, size_t len)
{
    if (len > CORE_LIMIT_FETCH_HEAD - a->head_len)
        return HPE_USER;
    a->head_len += len;
    return 0;
}

static int on_name(llhttp_t *parser, const char *at, size_t len)
{
    struct core__answer *a = of(parser);
    size_t room = sizeof a->name - a->name_len;

    /* One that does not fit is none that is looked for. */
    memcpy(a->name + a->name_len, at, len < room ? len : room);
    a->name_len += len < room ? len : room;
    return grow_head(a, len);
}

static void keep_value(struct core__answer *a, char *value, size_t cap)
{
    a->value = value;
    a->value_cap = cap;
    a->value_len = 0;
    value[0] = '\0';
}

static int on_name_complete(llhttp_t *parser)
{
    struct core__answer *a = of(parser);
    struct core_str name = core_strn(a->name, a->name_len);

    a->name_len = 0;
    a->value = NULL;
    if (core_str_ieq(name, CORE_STR("content-type")))
        keep_value(a, a->content_type, sizeof a->content_type);
    else if (core_str_ieq(name, CORE_STR("retry-after")))
        keep_value(a, a->retry_after, sizeof a->retry_after);
    return 0;
}

static int on_value(llhttp_t *parser, const char *at, size_t len)
{
    struct core__answer *a = of(parser);

    if (a->value) {
        size_t room = a->value_cap - 1 - a->value_len;
        size_t n = len < room ? len : room;
        memcpy(a->value + a->value_len, at, n);
        a->value_len += n;
        a->value[a->value_len] = '\0';
    }
    return grow_head(a, len);
}

/* --- The rest ------------------------------------------------------------------------------- */

static bool interim(const llhttp_t *parser)
{
    return parser->status_code / 100 == 1;
}

static int on_head(llhttp_t *parser)
{
    struct core__answer *a = of(parser);

    if (parser->status_code < 100 || parser->status_code == 101)
        return -1;
    if (!interim(parser))
        a->status = parser->status_code;
    return a->bodyless || interim(parser) ? 1 : 0; /* an interim one has none, whatever it says */
}

static int on_body(llhttp_t *parser, const char *at, size_t len)
{
    struct core__answer *a = of(parser);

    memmove(a->body, at, len);
    a->body += len;
    return 0;
}

static int on_complete(llhttp_t *parser)
{
    struct core__answer *a = of(parser);

    if (interim(parser)) {
        a->content_type[0] = a->retry_after[0] = '\0';
        return 0;
    }
    a->whole = true;
    a->keep = llhttp_should_keep_alive(parser);
    return HPE_PAUSED;
}

/* --- Face ----------------------------------------------------------------------------------- */

void core__answer_init(struct core__answer *a, bool bodyless)
{
    static const llhttp_settings_t settings = {
        .on_header_field = on_name,
        .on_header_field_complete = on_name_complete,
        .on_header_value = on_value,
        .on_headers_complete = on_head,
        .on_body = on_body,
        .on_message_complete = on_complete,
    };

    memset(a, 0, sizeof *a);
    llhttp_init(&a->parser, HTTP_RESPONSE, &settings);
    a->parser.data = a;
    a->bodyless = bodyless;
}

int core__answer_feed(struct core__answer *a, char *bytes, size_t len, size_t *ret_body)
{
    llhttp_errno_t err;

    a->body = bytes;
    err = llhttp_execute(&a->parser, bytes, len);
    *ret_body = (size_t)(a->body - bytes);
    if (err == HPE_PAUSED && a->whole) {
        a->keep = a->keep && llhttp_get_error_pos(&a->parser) == bytes + len;
        return 0;
    }
    return err == HPE_OK ? 0 : err == HPE_USER ? CORE_ETOOBIG : CORE_EPROTO;
}

int core__answer_end(struct core__answer *a)
{
    llhttp_errno_t err = a->whole ? HPE_OK : llhttp_finish(&a->parser);

    a->keep = false;
    return (err == HPE_OK || err == HPE_PAUSED) && a->whole ? 0 : CORE_EPROTO;
}
