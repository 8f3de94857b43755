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
    uint64_t bytes[2] = {0};
    if (form.len == 0 || form.len > sizeof bytes)
        return;
    memcpy(bytes, form.ptr, form.len);
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

void genom__hot_find(struct genom_dict *dict)
{
    const struct lang *first = &dict->langs[0];
    _Static_assert(2 * sizeof run_forms / sizeof *run_forms < 1 << RUNS_BITS,
                   "half of it is empty");
    for (unsigned byte = 1; byte < 128; byte++)
        add_hot(dict, dict->byte_ids[byte]);
    for (size_t i = 0; i < sizeof run_forms / sizeof *run_forms; i++)
        add_run(dict, run_forms[i]);
    for (uint32_t rank = 0; rank < first->ranks && rank < HOT_FORMS; rank++) {
        uint32_t id = load32(first->ids + 4 * (size_t)rank);
        add_hot(dict, id);
        add_ranked(dict, rank, id);
    }
    for (uint32_t id = 0; id < dict->count && id < HOT_FORMS; id++)
        add_hot(dict, id);
}
