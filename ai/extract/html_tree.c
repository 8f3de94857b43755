/*
 * html_tree.c: see html_tree.h. The arena is a chain of blocks; when it is full the parser is left
 * by longjmp (gumbo has no way to report that memory is out), which is clean because everything it
 * allocated is in the arena.
 */
#include "ai/extract/html_tree.h"

#include "core/err.h"
#include "core/limits.h"
#include "core/mem.h"

#include <setjmp.h>
#include <stdlib.h>

#define ARENA_BLOCK (256u << 10)
/* Nodes that a question about an element looks at. */
#define LOOK_NODES 4000

struct arena_block {
    struct arena_block *next;
    _Alignas(16) char bytes[];
};
struct ai_html_tree {
    struct arena_block *blocks;
    size_t used, size; /* of the first block */
    size_t total;
    jmp_buf full;
    GumboOutput *output;
};

static void *arena_alloc(void *userdata, size_t size)
{
    struct ai_html_tree *tree = userdata;
    size = (size + 15) & ~(size_t)15;
    if (tree->size - tree->used < size) {
        size_t block = size > ARENA_BLOCK ? size : ARENA_BLOCK;
        struct arena_block *b = NULL;
        if (block < AI_LIMIT_HTML_TREE && tree->total + block <= AI_LIMIT_HTML_TREE)
            b = malloc(sizeof *b + block);
        if (!b)
            longjmp(tree->full, 1);
        b->next = tree->blocks;
        tree->blocks = b;
        tree->used = 0;
        tree->size = block;
        tree->total += block;
    }
    void *at = tree->blocks->bytes + tree->used;
    tree->used += size;
    return at;
}

static void arena_release(void *userdata, void *ptr)
{
    (void)userdata;
    (void)ptr;
}

int ai_html_tree_new(struct core_str text, struct ai_html_tree **ret)
{
    struct ai_html_tree *tree = core_alloc(sizeof *tree);
    GumboOptions options = kGumboDefaultOptions;
    options.allocator = arena_alloc;
    options.deallocator = arena_release;
    options.userdata = tree;
    options.max_errors = 0;
    if (setjmp(tree->full) != 0) {
        ai_html_tree_free(tree);
        return CORE_ETOOBIG;
    }
    tree->output = gumbo_parse_with_options(&options, text.ptr, text.len);
    *ret = tree;
    return 0;
}

void ai_html_tree_free(struct ai_html_tree *tree)
{
    if (!tree)
        return;
    while (tree->blocks) {
        struct arena_block *next = tree->blocks->next;
        free(tree->blocks);
        tree->blocks = next;
    }
    free(tree);
}

const GumboNode *ai_html_tree_root(const struct ai_html_tree *tree)
{
    return tree->output->root;
}

/* --- Walking -------------------------------------------------------------------------------- */

bool ai_html_is(const GumboNode *node, GumboTag tag)
{
    return node->type == GUMBO_NODE_ELEMENT && node->v.element.tag == tag;
}

const GumboVector *ai_html_children(const GumboNode *node)
{
    if (node->type == GUMBO_NODE_ELEMENT || node->type == GUMBO_NODE_TEMPLATE)
        return &node->v.element.children;
    return node->type == GUMBO_NODE_DOCUMENT ? &node->v.document.children : NULL;
}

const GumboNode *ai_html_next(const GumboNode *node, const GumboNode *top, bool descend)
{
    const GumboVector *children = descend ? ai_html_children(node) : NULL;
    if (children && children->length > 0)
        return children->data[0];
    while (node != top) {
        const GumboNode *parent = node->parent;
        const GumboVector *siblings = ai_html_children(parent);
        if (node->index_within_parent + 1 < siblings->length)
            return siblings->data[node->index_within_parent + 1];
        node = parent;
    }
    return NULL;
}

const GumboNode *ai_html_find(const GumboNode *top, GumboTag tag)
{
    const GumboNode *node = top;
    for (unsigned n = 0; n < LOOK_NODES && node; n++) {
        if (node != top && ai_html_is(node, tag))
            return node;
        node = ai_html_next(node, top, true);
    }
    return NULL;
}

size_t ai_html_text_size(const GumboNode *top, size_t *ret_links)
{
    size_t total = 0;
    size_t links = 0;
    const GumboNode *link = NULL; /* the link that we are in */
    const GumboNode *node = top;
    const GumboNode *link_end = NULL;
    for (unsigned n = 0; n < LOOK_NODES && node; n++) {
        if (node == link_end)
            link = link_end = NULL;
        if (!link && ai_html_is(node, GUMBO_TAG_A)) {
            link = node;
            link_end = ai_html_next(node, top, false);
        }
        if (node->type == GUMBO_NODE_TEXT) {
            size_t len = core_str_trim(core_str(node->v.text.text)).len;
            total += len;
            links += link ? len : 0;
        }
        node = ai_html_next(node, top, true);
    }
    *ret_links = links;
    return total;
}

/* --- Attributes ----------------------------------------------------------------------------- */

struct core_str ai_html_attribute(const GumboNode *node, const char *name)
{
    const GumboAttribute *a = node->type == GUMBO_NODE_ELEMENT
                                  ? gumbo_get_attribute(&node->v.element.attributes, name)
                                  : NULL;
    return core_str(a ? a->value : NULL);
}

/* One of the space-separated words of `value` is among the space-surrounded words of `list`. */
static bool word_in(struct core_str value, const char *list)
{
    struct core_str word;
    while (core_str_split(&value, ' ', &word)) {
        char key[40];
        if (word.len == 0 || word.len + 3 > sizeof key)
            continue;
        key[0] = ' ';
        for (size_t i = 0; i < word.len; i++)
            key[i + 1] = word.ptr[i] < 'A' || word.ptr[i] > 'Z' ? word.ptr[i] : word.ptr[i] | 0x20;
        key[word.len + 1] = ' ';
        key[word.len + 2] = 0;
        if (strstr(list, key))
            return true;
    }
    return false;
}

bool ai_html_has_class(const GumboNode *node, const char *name)
{
    char list[40];
    size_t len = strlen(name);
    if (len + 3 > sizeof list)
        return false;
    list[0] = ' ';
    memcpy(list + 1, name, len);
    list[len + 1] = ' ';
    list[len + 2] = 0;
    return word_in(ai_html_attribute(node, "class"), list);
}

/* --- What is left out ----------------------------------------------------------------------- */

static bool has_heading(const GumboNode *node)
{
    return ai_html_find(node, GUMBO_TAG_H1) || ai_html_find(node, GUMBO_TAG_H2) ||
           ai_html_find(node, GUMBO_TAG_H3);
}

static bool mostly_links(const GumboNode *node)
{
    size_t links;
    size_t total = ai_html_text_size(node, &links);
    return links * 5 >= total * 2;
}

static bool is_hidden(const GumboNode *node)
{
    const GumboVector *attributes = &node->v.element.attributes;
    if (attributes->length == 0)
        return false;
    if (gumbo_get_attribute(attributes, "hidden") ||
        core_str_eq_c(ai_html_attribute(node, "aria-hidden"), "true"))
        return true;
    struct core_str style = ai_html_attribute(node, "style");
    return core_str_find(style, CORE_STR("display:none")) >= 0 ||
           core_str_find(style, CORE_STR("display: none")) >= 0 ||
           core_str_find(style, CORE_STR("visibility:hidden")) >= 0;
}

bool ai_html_is_dropped(const GumboNode *node)
{
    static const char always[] =
        " docnav navheader navfooter sphinxsidebar sphinxsidebarwrapper breadcrumb "
        "breadcrumbs headerlink linenos lineno skip-link skiplink "
        "mw-editsection ";
    static const char when_links[] =
        " toc contents related navigation nav navbar menu sidebar footer "
        "header toctree-wrapper list-of-examples list-of-figures "
        "list-of-tables table-of-contents topnav prevnext pager ";
    if (node->type != GUMBO_NODE_ELEMENT)
        return node->type == GUMBO_NODE_TEMPLATE || node->type == GUMBO_NODE_COMMENT;
    switch (node->v.element.tag) {
    case GUMBO_TAG_SCRIPT:
    case GUMBO_TAG_STYLE:
    case GUMBO_TAG_NAV:
    case GUMBO_TAG_NOSCRIPT:
    case GUMBO_TAG_TEMPLATE:
    case GUMBO_TAG_SELECT:
    case GUMBO_TAG_BUTTON:
    case GUMBO_TAG_SVG:
    case GUMBO_TAG_CANVAS:
    case GUMBO_TAG_IFRAME:
    case GUMBO_TAG_OBJECT:
    case GUMBO_TAG_TEXTAREA:
    case GUMBO_TAG_AUDIO:
    case GUMBO_TAG_VIDEO:
    case GUMBO_TAG_DATALIST:
    case GUMBO_TAG_HEAD:
    case GUMBO_TAG_FOOTER:
        return true;
    case GUMBO_TAG_BODY:
    case GUMBO_TAG_HTML:
    case GUMBO_TAG_MAIN:
    case GUMBO_TAG_ARTICLE:
        return false;
    case GUMBO_TAG_HEADER:
        return !has_heading(node);
    case GUMBO_TAG_ASIDE:
        return mostly_links(node);
    default:
        break;
    }
    if (node->v.element.attributes.length == 0)
        return false;
    struct core_str role = ai_html_attribute(node, "role");
    struct core_str class = ai_html_attribute(node, "class");
    struct core_str id = ai_html_attribute(node, "id");
    if (is_hidden(node) || word_in(class, always) ||
        word_in(role, " navigation search contentinfo doc-toc doc-index "))
        return true;
    if (ai_html_is(node, GUMBO_TAG_TABLE) && word_in(class, " head foot "))
        return true; /* running titles of a manual page */
    return (word_in(class, when_links) || word_in(id, when_links) || word_in(role, " banner ")) &&
           mostly_links(node);
}

const GumboNode *ai_html_main(const GumboNode *body)
{
    const GumboNode *found = NULL;
    const GumboNode *node = body;
    size_t links;
    for (unsigned n = 0; n < LOOK_NODES && node; n++) {
        if (ai_html_is(node, GUMBO_TAG_MAIN) ||
            core_str_eq_c(ai_html_attribute(node, "role"), "main")) {
            if (found)
                return NULL;
            found = node;
            node = ai_html_next(node, body, false);
        } else {
            node = ai_html_next(node, body, true);
        }
    }
    /* An empty main element is filled by a script; the rest is all there is then. */
    return found && ai_html_text_size(found, &links) >= 200 ? found : NULL;
}

bool ai_html_is_layout(const GumboNode *table)
{
    const size_t long_cell = 600;
    const GumboNode *node = table;
    for (unsigned n = 0; n < LOOK_NODES && node; n++) {
        if (node != table && node->type == GUMBO_NODE_ELEMENT) {
            GumboTag tag = node->v.element.tag;
            size_t links;
            if (tag == GUMBO_TAG_TABLE || tag == GUMBO_TAG_PRE || tag == GUMBO_TAG_DL ||
                (tag >= GUMBO_TAG_H1 && tag <= GUMBO_TAG_H6) ||
                (tag == GUMBO_TAG_TD && ai_html_text_size(node, &links) > long_cell))
                return true;
        }
        node = ai_html_next(node, table, true);
    }
    return false;
}
