/* hot.c: what a dictionary keeps at hand, so that cutting a text seldom reads the file. */
#include "genom/cut.h"

/* Those that a dictionary may have. Named here and not found by
 * reading all forms: that would bring in the whole file. */
static const char run_forms[][RUN_MAX + 1] = {
    "\t\t",     "\t\t\t",   "\t\t\t\t", "\n\t",    "\n\n",    "\n ",      "\n\t\t",    "\n\n\n",
    "\n  ",     "\n\n\n\n", "\n   ",    "\n    ",  "\n     ", "\n      ", "\n       ", "\r\n",
    "\r\n\r\n", "  ",       "   ",      "    ",    "     ",   "      ",   "       ",   "        ",
    "!!",       "!=",       "!?",       "!!!",     "!?!",     "!!!!",     "!!!!!",     "\"\"",
    "##",       "$$",       "&&",       "''",      "((",      "()",       "))",        "**",
    "*/",       "***",      "++",       "+=",      "--",      "-=",       "->",        "---",
    "-_-",      "----",     "-----",    "..",      "./",      "...",      "../",       "....",
    ".....",    "/*",       "//",       ":(",      ":)",      ":/",       "::",        ":[",
    ":]",       ":|",       ":'(",      ":))",     ":-(",     ":-)",      "://",       ":)))",
    ";)",       ";-)",      "<-",       "<<",      "<=",      "=(",       "=)",        "==",
    "=>",       "===",      "====",     ">=",      ">>",      ">:(",      "?!",        "?\?",
    "?!?",      "?\??",     "?\??\?",   "?\??\??", "[[",      "[]",       "\\\\",      "]]",
    "^^",       "^_^",      "__",       "``",      "```",     "{{",       "{}",        "||",
    "}}",       "~~"};

/* Its place is its own when it comes first. */
static void add_hot(struct genom_dict *dict, uint32_t id)
{
    struct genom_str form = genom__form(dict, id);
    uint64_t bytes[2];
    if (form.len == 0 || form.len > sizeof bytes ||
        form.ptr + sizeof bytes > (const char *)dict->strs + dict->strs_len)
        return;
    memcpy(bytes, form.ptr, sizeof bytes);
    bytes[0] &= genom__first_bytes[form.len][0];
    bytes[1] &= genom__first_bytes[form.len][1];
    struct hot *hot = &dict->hot[genom__hot_at(bytes[0], bytes[1])];
    if (hot->a == 0)
        *hot = (struct hot){
            bytes[0],
            bytes[1],
            {.id = id, .len = (uint8_t)form.len, .cls = (uint8_t)genom__class(dict, id)}};
}

static void add_ranked(struct genom_dict *dict, uint32_t rank, uint32_t id)
{
    struct ranked *ranked = &dict->ranked[rank];
    struct genom_str form = genom__form(dict, id);
    if (form.len == 0 || form.len > sizeof ranked->form || genom__class(dict, id) != GENOM_WORD)
        return;
    memcpy(ranked->form, form.ptr, form.len);
    ranked->len = (uint8_t)form.len;
    ranked->kind = dict->kind[id];
}

static void add_run(struct genom_dict *dict, const char *form)
{
    struct runs *runs = &dict->runs;
    size_t len = strlen(form);
    uint32_t id = genom_lookup(dict, form, len);
    uint64_t bytes = 0;
    if (id == GENOM_NONE)
        return;
    memcpy(&bytes, form, len);
    unsigned at = genom__runs_at(bytes);
    while (runs->forms[at])
        at = (at + 1) % (1 << RUNS_BITS);
    runs->forms[at] = bytes;
    runs->lens[(uint8_t)form[0]][(uint8_t)form[1]] |= (uint8_t)(1u << (len - 1));
    add_hot(dict, id);
}

/* Words by their rank lie all over the file: waiting for each would take half of the time that
 * opening does. */
#define AHEAD 16
static void look_ahead(const struct genom_dict *dict, const uint8_t *ids)
{
    uint32_t near = load32(ids + (size_t)4 * AHEAD), far = load32(ids + (size_t)8 * AHEAD);
    if (near < dict->count && load32(dict->offs + 4 * (size_t)near) < dict->strs_len)
        __builtin_prefetch(dict->strs + load32(dict->offs + 4 * (size_t)near));
    if (far < dict->count) {
        __builtin_prefetch(dict->offs + 4 * (size_t)far);
        __builtin_prefetch(dict->kind + far);
    }
}

void genom__hot_find(struct genom_dict *dict)
{
    const struct lang *first = &dict->langs[0];
    _Static_assert(2 * sizeof run_forms / sizeof *run_forms < 1 << RUNS_BITS,
                   "half of it is empty");
    for (unsigned byte = 1; byte < 128; byte++)
        add_hot(dict, dict->byte_ids[byte]);
    for (size_t i = 0; i < sizeof run_forms / sizeof *run_forms; i++)
        add_run(dict, run_forms[i]);
    dict->runs.blanks = dict->runs.lens[' '][' '] == 0xfe && dict->runs.lens['\n'][' '] == 0xfe &&
                        dict->runs.lens['\n']['\n'] == 0x0e;
    uint32_t ranks = first->ranks < HOT_FORMS ? first->ranks : HOT_FORMS;
    for (uint32_t rank = 0; rank < ranks; rank++) {
        uint32_t id = load32(first->ids + 4 * (size_t)rank);
        if (ranks - rank > 2 * AHEAD)
            look_ahead(dict, first->ids + 4 * (size_t)rank);
        add_hot(dict, id);
        if (rank < RANKED_FORMS)
            add_ranked(dict, rank, id);
    }
    for (uint32_t id = 0; id < dict->count && id < HOT_FORMS; id++)
        add_hot(dict, id);
}
