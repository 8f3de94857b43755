/*
 * html_tree.h: the parsed tree and questions about its elements. Used by html.c alone; split off to
 * keep what is dropped (here) apart from what is written (there).
 */
#ifndef AI_EXTRACT_HTML_TREE_H
#define AI_EXTRACT_HTML_TREE_H

#include "core/str.h"

#include <gumbo.h>

/* The tree lives in an arena that goes at once: neither freeing it nor walking it (ai__node_next)
 * recurses, however deep a hostile page nests. */
struct ai_html_tree;
int ai_html_tree_new(struct core_str text, struct ai_html_tree **ret);
void ai_html_tree_free(struct ai_html_tree *tree);
const GumboNode *ai_html_tree_root(const struct ai_html_tree *tree);

bool ai_html_is(const GumboNode *node, GumboTag tag);
/* Empty when absent. */
struct core_str ai_html_attribute(const GumboNode *node, const char *name);
/* name in lower case; classes match in any. */
bool ai_html_has_class(const GumboNode *node, const char *name);
/* Children of a document or element; NULL for others. */
const GumboVector *ai_html_children(const GumboNode *node);
/* The node after `node` in reading order within `top`; `descend` = its children come first. */
const GumboNode *ai_html_next(const GumboNode *node, const GumboNode *top, bool descend);
/* First element of the kind below top, or NULL. Looks at a bounded number of nodes. */
const GumboNode *ai_html_find(const GumboNode *top, GumboTag tag);
/* Bytes of text below top (counted up to a bound) and how much of it is inside links. */
size_t ai_html_text_size(const GumboNode *top, size_t *ret_links);
/* Not part of what the page says. */
bool ai_html_is_dropped(const GumboNode *node);
/* The one element that holds the main content, or NULL. */
const GumboNode *ai_html_main(const GumboNode *body);
/* A table that only arranges boxes: nested tables, headings, long cells. */
bool ai_html_is_layout(const GumboNode *table);

#endif
