/*
 * static.c: pages and assets compiled into the program.
 *
 * Each comes as it is, as gzip and as Brotli; what the client accepts most (and of equals the
 * smallest) is sent. Names that carry a hash are kept for ever, the others asked for again with
 * their ETag. The table is web/'s.
 */
#include "gate/inside.h"

#include <stdlib.h>

/* Pages load what they need from here, and nothing from anywhere else. */
#define CSP                                                                                        \
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "        \
    "connect-src 'self'; font-src 'self'; manifest-src 'self'; base-uri 'none'; "                  \
    "form-action 'self'; frame-ancestors 'none'"

static const struct web_asset *find(const struct gate *gate, struct core_str path)
{
    size_t low = 0, high = gate->asset_count;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        struct core_str name = core_str(gate->assets[mid].path);
        size_t shorter = name.len < path.len ? name.len : path.len;
        int order = memcmp(path.ptr, name.ptr, shorter);
        if (order == 0 && name.len == path.len)
            return &gate->assets[mid];
        if (order < 0 || (order == 0 && path.len < name.len))
            high = mid;
        else
            low = mid + 1;
    }
    return NULL;
}

static const struct web_asset *page_of(const struct gate *gate, struct core_str path)
{
    const struct web_asset *asset = find(gate, path);
    if (!asset && core_str_eq_c(path, "/index.html"))
        asset = find(gate, CORE_STR("/"));
    else if (!asset && core_str_eq_c(path, "/"))
        asset = find(gate, CORE_STR("/index.html"));
    else if (!asset && gate->pack && core_str_eq_c(path, gate->pack->path))
        asset = gate->pack;
    return asset;
}

bool gate__static_has(const struct gate *gate, struct core_str path)
{
    return page_of(gate, path) != NULL;
}

/* --- Negotiation ---------------------------------------------------------------------------- */

/* "0.5" → 500; nonsense → 0. */
static int quality(struct core_str parameters)
{
    struct core_str piece;
    while (core_str_split(&parameters, ';', &piece)) {
        double value;
        piece = core_str_trim(piece);
        if (piece.len < 2 || (piece.ptr[0] | 0x20) != 'q' || piece.ptr[1] != '=')
            continue;
        if (core_str_to_double(core_strn(piece.ptr + 2, piece.len - 2), &value) || value < 0 ||
            value > 1)
            return 0;
        return (int)(value * 1000);
    }
    return 1000;
}

enum form { IDENTITY, GZIP, BROTLI, FORMS };

static void read_accept(struct core_str accept, int weight[static FORMS])
{
    struct core_str item, name;
    int any = -1;
    bool named[FORMS] = {false};
    while (core_str_split(&accept, ',', &item)) {
        struct core_str rest = item;
        if (!core_str_split(&rest, ';', &name))
            continue;
        name = core_str_trim(name);
        int q = quality(rest);
        enum form form = core_str_ieq(name, CORE_STR("br"))         ? BROTLI
                         : core_str_ieq(name, CORE_STR("gzip"))     ? GZIP
                         : core_str_ieq(name, CORE_STR("x-gzip"))   ? GZIP
                         : core_str_ieq(name, CORE_STR("identity")) ? IDENTITY
                                                                    : FORMS;
        if (form < FORMS) {
            weight[form] = q;
            named[form] = true;
        } else if (core_str_eq_c(name, "*")) {
            any = q;
        }
    }
    for (int form = 0; form < FORMS; form++)
        if (!named[form] && any >= 0)
            weight[form] = any;
}

static enum form choose(const struct gate_request *r, const struct web_asset *asset)
{
    struct core_str accept;
    int weight[FORMS] = {[IDENTITY] = 1, [GZIP] = 0, [BROTLI] = 0};
    if (bus_head_find(&r->head, CORE_STR("accept-encoding"), &accept))
        read_accept(accept, weight);
    if (asset->gzip.len == 0)
        weight[GZIP] = 0;
    if (asset->brotli.len == 0)
        weight[BROTLI] = 0;
    if (weight[BROTLI] > 0 && weight[BROTLI] >= weight[GZIP] && weight[BROTLI] >= weight[IDENTITY])
        return BROTLI;
    if (weight[GZIP] > 0 && weight[GZIP] >= weight[IDENTITY])
        return GZIP;
    return IDENTITY; /* also for those who accept nothing: better than an error */
}

/* --- Answer --------------------------------------------------------------------------------- */

/* Weak comparison, as If-None-Match wants it. */
static bool has_etag(struct core_str list, const char *etag)
{
    struct core_str own = core_str(etag), item;
    if (core_str_starts(own, CORE_STR("W/")))
        own = core_strn(own.ptr + 2, own.len - 2);
    while (core_str_split(&list, ',', &item)) {
        item = core_str_trim(item);
        if (core_str_starts(item, CORE_STR("W/")))
            item = core_strn(item.ptr + 2, item.len - 2);
        if (core_str_eq(item, own) || core_str_eq_c(item, "*"))
            return true;
    }
    return false;
}

void gate__static_send(struct gate_request *r, const struct web_asset *asset)
{
    struct core_str known;
    const struct web_body *forms[] = {&asset->identity, &asset->gzip, &asset->brotli};
    enum form form = choose(r, asset);
    gate_reply_header(r, "etag", core_str(asset->etag));
    gate_reply_header(r, "cache-control",
                      asset->immutable ? CORE_STR("public, max-age=31536000, immutable")
                                       : CORE_STR("no-cache"));
    if (asset->gzip.len > 0 || asset->brotli.len > 0)
        gate_reply_header(r, "vary", CORE_STR("accept-encoding"));
    if (core_str_starts(core_str(asset->content_type), CORE_STR("text/html")))
        gate_reply_header(r, "content-security-policy", CORE_STR(CSP));
    if (bus_head_find(&r->head, CORE_STR("if-none-match"), &known) &&
        has_etag(known, asset->etag)) {
        gate_reply_empty(r, 304);
        return;
    }
    if (form != IDENTITY)
        gate_reply_header(r, "content-encoding", form == GZIP ? CORE_STR("gzip") : CORE_STR("br"));
    gate__answer_static(r, 200, asset->content_type, core_strn(forms[form]->ptr, forms[form]->len));
}

bool gate__static_answer(struct gate_request *r)
{
    const struct web_asset *asset = page_of(r->gate, r->path);
    if (asset)
        gate__static_send(r, asset);
    return asset != NULL;
}
