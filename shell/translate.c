/*
 * translate.c: `sky translate FROM TO`: a text in another of its forms. Ids in any form are words
 * with blanks between them.
 */
#include "core/limits.h"
#include "shell/command.h"
#include "shell/genom.h"

#include <stdio.h>
#include <stdlib.h>

enum form { FORM_TEXT, FORM_TOKENS, FORM_IDS, FORM_HEX, FORM_PHASES, FORM_BINARY, FORM_MESSAGE };
static const char *const forms[] = {"text", "tokens", "ids", "hex", "phases", "binary", "message"};
#define FORMS (sizeof forms / sizeof *forms)

static bool form_find(const char *name, enum form *ret)
{
    for (unsigned i = 0; i < FORMS; i++) {
        if (core_str_eq_c(core_str(name), forms[i])) {
            *ret = (enum form)i;
            return true;
        }
    }
    return false;
}

static bool are_ids(enum form form)
{
    return form >= FORM_TOKENS && form <= FORM_PHASES;
}

/* --- From ----------------------------------------------------------------------------------- */

/* "T-00847", "847", "0x034F", or a phase: as the form says. */
static bool id_read(const struct genom_dict *dict, enum form form, struct core_str word,
                    uint32_t *ret)
{
    const char *start = form == FORM_TOKENS ? "T-" : form == FORM_HEX ? "0x" : "";
    bool prefixed = core_str_starts(word, CORE_STR("T-")) || core_str_starts(word, CORE_STR("0x"));
    uint32_t value;
    if (!core_str_starts(word, core_str(start)) || (!*start && prefixed) ||
        !genom_id_read(word.ptr, word.len, &value)) {
        return false;
    }
    *ret = form == FORM_PHASES ? genom_at_phase(dict, value) : value;
    return true;
}

static int text_from_ids(const struct shell_call *call, const struct genom_dict *dict,
                         enum form form, struct core_str in, struct core_buf *text)
{
    struct core_buf ids;
    size_t len, bad = 0;
    int status = 0;
    core_buf_init(&ids, SHELL_LIMIT_GENOM);
    while (in.len > 0 && !status) {
        size_t skip = strspn(in.ptr, " \t\r\n,"), word = strcspn(in.ptr + skip, " \t\r\n,");
        uint32_t id;
        if (word > 0 && !id_read(dict, form, core_strn(in.ptr + skip, word), &id)) {
            status = shell_fail(call, "`%.*s` is not of the form %s", (int)word, in.ptr + skip,
                                forms[form]);
        } else if (word > 0) {
            core_buf_add(&ids, &id, sizeof id);
        }
        in = core_strn(in.ptr + skip + word, in.len - skip - word);
    }
    char *room = status ? NULL : core_buf_reserve(text, SHELL_LIMIT_GENOM);
    if (room) {
        int err = genom_text(dict, (const uint32_t *)(const void *)ids.ptr,
                             ids.len / sizeof(uint32_t), room, SHELL_LIMIT_GENOM, &len, &bad);
        if (err == GENOM_EDATA) {
            status = shell_fail(call, "item %zu is no token, or a control out of its place",
                                bad + 1);
        } else if (err) {
            status = shell_fail(call, "%s", genom_error_text(err));
        } else {
            core_buf_grew(text, len);
        }
    }
    core_buf_done(&ids);
    return status;
}

static int text_from_base64(const struct shell_call *call, const struct genom_dict *dict,
                            struct core_str in, struct core_buf *text)
{
    struct core_buf coded;
    int status;
    core_buf_init(&coded, SHELL_LIMIT_GENOM);
    char *room = core_buf_reserve(&coded, in.len / 4 * 3 + 3);
    ssize_t len = room ? core_base64_decode(in, room, in.len / 4 * 3 + 3) : -1;
    status = len < 0 ? shell_fail(call, "this is no base64")
                     : shell_genom_decode(call, dict, core_strn(room, (size_t)len), text);
    core_buf_done(&coded);
    return status;
}

/* --- To ------------------------------------------------------------------------------------- */

static void ids_print(const struct genom_dict *dict, enum form form, struct core_str text)
{
    size_t count = genom_ids(dict, text.ptr, text.len, NULL, 0);
    uint32_t *ids = calloc(count + 1, sizeof *ids);
    if (!ids) {
        abort();
    }
    genom_ids(dict, text.ptr, text.len, ids, count);
    for (size_t i = 0; i < count; i++) {
        struct genom_token t;
        char id[GENOM_ID_TEXT];
        genom_token(dict, ids[i], &t);
        if (form == FORM_TOKENS) {
            genom_id_token(ids[i], id);
        } else if (form == FORM_HEX) {
            genom_id_hex(ids[i], id);
        } else {
            snprintf(id, sizeof id, "%u", form == FORM_PHASES ? t.phase : ids[i]);
        }
        printf("%s%s", i ? " " : "", id);
    }
    putchar('\n');
    free(ids);
}

static int text_print(const struct shell_call *call, const struct genom_dict *dict, enum form form,
                      struct core_str text)
{
    struct core_buf coded, out;
    int status = 0;
    if (form == FORM_TEXT) {
        shell_genom_text_print(text);
        return 0;
    }
    if (are_ids(form)) {
        ids_print(dict, form, text);
        return 0;
    }
    core_buf_init(&coded, SHELL_LIMIT_GENOM + 1);
    core_buf_init(&out, SHELL_LIMIT_GENOM * 2);
    status = shell_genom_encode(call, dict, text, &coded);
    if (!status && form == FORM_MESSAGE) {
        shell_genom_message(call, dict, core_buf_str(&coded), &out);
    } else if (!status) {
        char *room = core_buf_reserve(&out, core_base64_size(coded.len));
        if (room) {
            core_buf_grew(&out, core_base64_encode(coded.ptr, coded.len, false, room));
        }
    }
    if (!status) {
        fwrite(out.ptr, 1, out.len, stdout);
        putchar('\n');
    }
    core_buf_done(&out);
    core_buf_done(&coded);
    return status;
}

int shell_translate(const struct shell_call *call)
{
    struct genom_dict *dict = NULL;
    struct core_buf in, text;
    enum form from, to;
    if (!form_find(call->args[0], &from) || !form_find(call->args[1], &to)) {
        return shell_misuse(call, "the forms are text, tokens, ids, hex, phases, binary, message");
    }
    core_buf_init(&in, SHELL_LIMIT_GENOM);
    core_buf_init(&text, SHELL_LIMIT_GENOM);
    int status = shell_genom_open(call, &dict);
    if (!status) {
        status = shell_genom_input(call, 2, &in);
    }
    struct core_str value = core_str_trim(core_buf_str(&in)), coded;
    if (!status && from == FORM_TEXT) {
        core_buf_add_str(&text, core_buf_str(&in));
    } else if (!status && are_ids(from)) {
        status = text_from_ids(call, dict, from, value, &text);
    } else if (!status && from == FORM_BINARY) {
        status = text_from_base64(call, dict, value, &text);
    } else if (!status) {
        status = shell_genom_payload(call, dict, &in, &coded);
        if (!status) {
            status = shell_genom_decode(call, dict, coded, &text);
        }
    }
    if (!status) {
        status = text_print(call, dict, to, core_buf_str(&text));
    }
    genom_dict_close(dict);
    core_buf_done(&text);
    core_buf_done(&in);
    return status;
}
