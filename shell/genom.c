/*
 * genom.c: `sky encode`, `decode`, `lookup`, `nearest`:
 * the dictionary is opened here, no server is needed.
 */
#include "core/env.h"
#include "core/json.h"
#include "core/limits.h"
#include "shell/genom.h"
#include "shell/wrap.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int shell_genom_open(const struct shell_call *call, struct genom_dict **ret)
{
    char why[1024] = "";
    if (call->hooks->dictionary(call->config, ret, why, sizeof why)) {
        return shell_fail(call, "%s", why);
    }
    return 0;
}

int shell_genom_input(const struct shell_call *call, size_t first, struct core_buf *in)
{
    bool standard = call->arg_count == first || (call->arg_count == first + 1 &&
                                                 core_str_eq_c(core_str(call->args[first]), "-"));
    for (size_t i = first; i < call->arg_count && !standard; i++) {
        core_buf_addf(in, "%s%s", i > first ? " " : "", call->args[i]);
    }
    while (standard && !core_buf_error(in)) {
        char piece[1 << 16];
        ssize_t n = read(STDIN_FILENO, piece, sizeof piece);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0) {
            return shell_fail(call, "the input cannot be read: %s", strerror(errno));
        }
        if (n == 0) {
            break;
        }
        core_buf_add(in, piece, (size_t)n);
    }
    return core_buf_error(in) ? shell_fail(call, "the input is larger than %u MiB: cut it in parts",
                                           SHELL_LIMIT_GENOM >> 20)
                              : 0;
}

static void json_print(struct core_buf *json)
{
    fwrite(json->ptr, 1, json->len, stdout);
    putchar('\n');
}

/* --- Encoding ------------------------------------------------------------------------------- */

void shell_genom_message(const struct shell_call *call, const struct genom_dict *dict,
                         struct core_str coded, struct core_buf *out)
{
    const struct core_env *env = core_env_real();
    struct genom_message m = {
        .from = (uint32_t)core_config_int(call->config, CORE_CONFIG_NOD),
        .dict = genom_dict_id(dict),
        .payload = (const uint8_t *)coded.ptr,
        .len = coded.len,
    };
    env->random(env->ctx, &m.id, sizeof m.id);
    size_t len = genom_message_text_len(&m);
    char *room = core_buf_reserve(out, len);
    if (room && !genom_message_put_text(&m, room, len, &len)) {
        core_buf_grew(out, len);
    }
}

static void encoded_json(const struct genom_dict *dict, struct core_str text, struct core_str coded,
                         struct core_str message)
{
    struct core_buf json;
    struct core_json_out o;
    core_buf_init(&json, SHELL_LIMIT_GENOM * 2);
    core_json_out_init(&o, &json);
    core_json_out_object(&o, NULL);
    core_json_out_str(&o, "genom_message", message);
    core_json_out_u64(&o, "ids", genom_ids(dict, text.ptr, text.len, NULL, 0));
    core_json_out_u64(&o, "input_bytes", text.len);
    core_json_out_u64(&o, "binary_bytes", coded.len);
    core_json_out_double(&o, "compression_ratio",
                         text.len ? (double)coded.len / (double)text.len : 1);
    core_json_out_end(&o);
    json_print(&json);
    core_buf_done(&json);
}

int shell_genom_encode(const struct shell_call *call, const struct genom_dict *dict,
                       struct core_str text, struct core_buf *coded)
{
    size_t len = 0, bound = genom_encode_bound(text.len);
    char *room = core_buf_reserve(coded, bound);
    int err = !room ? GENOM_ESPACE
                    : genom_encode(dict, call->dense ? GENOM_DENSE : GENOM_FAST, text.ptr, text.len,
                                   room, bound, &len);
    if (err) {
        return shell_fail(call, "%s", genom_error_text(err));
    }
    core_buf_grew(coded, len);
    return 0;
}

int shell_encode(const struct shell_call *call)
{
    struct genom_dict *dict = NULL;
    struct core_buf text, coded, message;
    core_buf_init(&text, SHELL_LIMIT_GENOM);
    core_buf_init(&coded, SHELL_LIMIT_GENOM + 1);
    core_buf_init(&message, SHELL_LIMIT_GENOM * 2);
    int status = shell_genom_open(call, &dict);
    if (!status) {
        status = shell_genom_input(call, 0, &text);
    }
    if (!status) {
        status = shell_genom_encode(call, dict, core_buf_str(&text), &coded);
    }
    if (!status) {
        shell_genom_message(call, dict, core_buf_str(&coded), &message);
        if (call->binary) {
            fwrite(coded.ptr, 1, coded.len, stdout);
        } else if (call->json) {
            encoded_json(dict, core_buf_str(&text), core_buf_str(&coded), core_buf_str(&message));
        } else {
            json_print(&message);
        }
    }
    genom_dict_close(dict);
    core_buf_done(&message);
    core_buf_done(&coded);
    core_buf_done(&text);
    return status;
}

/* --- Decoding ------------------------------------------------------------------------------- */

int shell_genom_payload(const struct shell_call *call, const struct genom_dict *dict,
                        struct core_buf *message, struct core_str *ret)
{
    struct core_str line = core_str_trim(core_buf_str(message));
    struct genom_message m;
    /* A payload is shorter than its text: it may be written over it. */
    int err = genom_message_get_text(line.ptr, line.len, (uint8_t *)message->ptr, message->len, &m);
    if (err == GENOM_EVERSION) {
        return shell_fail(call, "the message has a version that this program does not know");
    }
    if (err) {
        return shell_fail(call, "this is no GENOM message: it begins with GENOM| and ends with a "
                                "checksum (--binary takes what `sky encode --binary` made)");
    }
    if (m.dict != genom_dict_id(dict)) {
        return shell_fail(call, "the message was made with dictionary %08x, here is %08x", m.dict,
                          genom_dict_id(dict));
    }
    *ret = core_strn(m.payload, m.len);
    return 0;
}

void shell_genom_text_print(struct core_str text)
{
    fwrite(text.ptr, 1, text.len, stdout);
    if (isatty(STDOUT_FILENO) && (text.len == 0 || text.ptr[text.len - 1] != '\n')) {
        putchar('\n');
    }
}

int shell_genom_decode(const struct shell_call *call, const struct genom_dict *dict,
                       struct core_str coded, struct core_buf *text)
{
    /* Nobody knows how long the text is: most are a few times longer. */
    int err = GENOM_ESPACE;
    for (size_t want = coded.len * 4 + 256, cap = 0; err == GENOM_ESPACE && cap < SHELL_LIMIT_GENOM;
         want *= 4) {
        size_t len;
        cap = want < SHELL_LIMIT_GENOM ? want : SHELL_LIMIT_GENOM;
        char *room = core_buf_reserve(text, cap);
        err = !room ? GENOM_ESYSTEM : genom_decode(dict, coded.ptr, coded.len, room, cap, &len);
        if (!err) {
            core_buf_grew(text, len);
        }
    }
    return err ? shell_fail(call, "%s", genom_error_text(err)) : 0;
}

int shell_decode(const struct shell_call *call)
{
    struct genom_dict *dict = NULL;
    struct core_buf in, text;
    struct core_str coded = CORE_STR("");
    core_buf_init(&in, SHELL_LIMIT_GENOM);
    core_buf_init(&text, SHELL_LIMIT_GENOM);
    int status = shell_genom_open(call, &dict);
    if (!status) {
        status = shell_genom_input(call, 0, &in);
    }
    if (!status && call->binary) {
        coded = core_buf_str(&in);
    } else if (!status) {
        status = shell_genom_payload(call, dict, &in, &coded);
    }
    if (!status) {
        status = shell_genom_decode(call, dict, coded, &text);
    }
    if (!status) {
        shell_genom_text_print(core_buf_str(&text));
    }
    genom_dict_close(dict);
    core_buf_done(&text);
    core_buf_done(&in);
    return status;
}

/* --- Intents -------------------------------------------------------------------------------- */

int shell_intent(const struct shell_call *call)
{
    struct genom_intent intent;
    struct core_buf text, json;
    struct core_json_out o;
    core_buf_init(&text, SHELL_LIMIT_GENOM);
    int status = shell_genom_input(call, 0, &text);
    if (!status) {
        genom_intent(text.ptr, text.len, &intent);
    }
    if (!status && call->json) {
        core_buf_init(&json, SHELL_LIMIT_ANSWER);
        core_json_out_init(&o, &json);
        core_json_out_object(&o, NULL);
        core_json_out_c(&o, "symbol", intent.symbol);
        core_json_out_c(&o, "name", intent.name);
        core_json_out_double(&o, "confidence", intent.confidence / 100.0);
        core_json_out_end(&o);
        json_print(&json);
        core_buf_done(&json);
    } else if (!status) {
        printf("%s %s (%u %%)\n", intent.symbol, intent.name, intent.confidence);
    }
    core_buf_done(&text);
    return status;
}

/* --- Words ---------------------------------------------------------------------------------- */

static void token_json(struct core_json_out *o, const struct genom_token *t)
{
    core_json_out_u64(o, "id", t->id);
    core_json_out_str(o, "canonical", core_strn(t->canonical.ptr, t->canonical.len));
    core_json_out_c(o, "sector", t->sector);
    core_json_out_u64(o, "quadrant", t->quadrant);
    core_json_out_double(o, "r", t->r);
    core_json_out_double(o, "theta", t->theta);
}

/* Of ids below ten million; what is longer moves what stands behind it. */
enum { NEAR_WIDTH = 10, TOKEN_WIDTH = 9, HEX_WIDTH = 8 };

static void token_line(const struct genom_token *t)
{
    char token[GENOM_ID_TEXT], hex[GENOM_ID_TEXT];
    genom_id_token(t->id, token);
    genom_id_hex(t->id, hex);
    printf("%-*s  %-*s  %-13s q%u  r %.4f  θ %.4f  %.*s\n", TOKEN_WIDTH, token, HEX_WIDTH, hex,
           t->sector, t->quadrant, t->r, t->theta, (int)t->canonical.len, t->canonical.ptr);
}

int shell_lookup(const struct shell_call *call)
{
    struct genom_dict *dict = NULL;
    struct core_buf json;
    struct core_json_out o;
    int status = shell_genom_open(call, &dict);
    core_buf_init(&json, SHELL_LIMIT_ANSWER);
    core_json_out_init(&o, &json);
    core_json_out_array(&o, NULL);
    for (size_t i = 0; i < call->arg_count && dict; i++) {
        struct genom_token t;
        if (!genom_token(dict, genom_find(dict, call->args[i], strlen(call->args[i])), &t)) {
            status = shell_fail(call, "the dictionary has no word `%s`", call->args[i]);
        } else if (call->json) {
            core_json_out_object(&o, NULL);
            token_json(&o, &t);
            core_json_out_end(&o);
        } else {
            token_line(&t);
        }
    }
    core_json_out_end(&o);
    if (call->json && dict) {
        json_print(&json);
    }
    genom_dict_close(dict);
    core_buf_done(&json);
    return status;
}

static void near_print(const struct shell_call *call, const struct genom_dict *dict,
                       const struct genom_near *near, size_t count)
{
    struct core_buf json;
    struct core_json_out o;
    struct genom_token t;
    core_buf_init(&json, SHELL_LIMIT_ANSWER);
    core_json_out_init(&o, &json);
    core_json_out_array(&o, NULL);
    if (!call->json) {
        printf("%-*s  %-*s  %-*s  %-13s %-22s  %s\n", NEAR_WIDTH,
               call->plane ? "distance" : "similarity", TOKEN_WIDTH, "token", HEX_WIDTH, "hex",
               "sector", "quadrant, place", "word");
    }
    for (size_t i = 0; i < count; i++) {
        if (!genom_token(dict, near[i].id, &t)) {
            continue;
        }
        if (call->json) {
            core_json_out_object(&o, NULL);
            token_json(&o, &t);
            core_json_out_double(&o, call->plane ? "distance" : "similarity", near[i].distance);
            core_json_out_end(&o);
        } else {
            printf("%-*.6f  ", NEAR_WIDTH, near[i].distance);
            token_line(&t);
        }
    }
    core_json_out_end(&o);
    if (call->json) {
        json_print(&json);
    }
    core_buf_done(&json);
}

/* The neighbours of a word, or of where a text stands. Says itself why there are none. */
static int near_find(const struct shell_call *call, const struct genom_dict *dict, size_t k,
                     struct genom_near *near, size_t *ret_count)
{
    const char *word = call->args[0];
    uint32_t id = genom_find(dict, word, strlen(word));
    struct genom_point point;
    if (id != GENOM_NONE) {
        *ret_count = call->plane ? genom_near_on_plane(dict, id, near, k)
                                 : genom_near_by_meaning(dict, id, near, k);
        return *ret_count ? EXIT_SUCCESS
                          : shell_fail(call,
                                       "`%s` has no vector: --plane shows its neighbours on "
                                       "the ring",
                                       word);
    }
    if (!strchr(word, ' ')) {
        return shell_fail(call, "the dictionary has no word `%s`", word);
    }
    if (!call->plane) {
        return shell_fail(call, "`%s` is a text: --plane shows what stands about its centroid",
                          word);
    }
    if (!genom_centroid(dict, word, strlen(word), &point)) {
        return shell_fail(call, "no token stands for anything in `%s`", word);
    }
    if (!call->json) {
        shell_wrap_say(stdout, "centroid of %zu token%s: %s  q%u  r %.4f  θ %.4f", point.tokens,
                       point.tokens == 1 ? "" : "s", point.sector, point.quadrant, point.r,
                       point.theta);
    }
    *ret_count = genom_near_phase(dict, point.phase, near, k);
    return EXIT_SUCCESS;
}

int shell_nearest(const struct shell_call *call)
{
    struct genom_dict *dict = NULL;
    struct genom_near near[GENOM_NEAR_MAX];
    int64_t k = 10;
    size_t count;
    if (call->k && core_str_to_i64(core_str(call->k), 1, GENOM_NEAR_MAX, &k)) {
        return shell_misuse(call, "-k must be a number from 1 to %d", GENOM_NEAR_MAX);
    }
    int status = shell_genom_open(call, &dict);
    if (status) {
        return status;
    }
    status = near_find(call, dict, (size_t)k, near, &count);
    if (!status) {
        near_print(call, dict, near, count);
    }
    genom_dict_close(dict);
    return status;
}
