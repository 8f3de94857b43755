/*
 * sprint.h: sprints and their items, which administrators edit: who does what until when. Part of
 * the face account.h, as it is about people and what they have to do.
 *
 * Everything is pool. Each sprint and item has a version that grows with
 * each change; who changes names the one that they saw. Texts of rows are
 * valid during the call; a date is "2026-01-31", or empty.
 */
#ifndef ACCOUNT_SPRINT_H
#define ACCOUNT_SPRINT_H

#include "account/account.h"

struct account_sprint {
    struct core_str id, name, goal, starts_on, ends_on;
    int64_t version, changed_ms, items, done;
};
struct account_sprint_item {
    struct core_str id, sprint, title, assignee, starts_on, ends_on;
    struct core_str status; /* "planned", "doing", "done" or "dropped" */
    int64_t version, changed_ms;
};

/* What is to be changed: {NULL, 0} leaves it as it is, or empty in what is new. */
struct account_sprint_form {
    struct core_str name, goal, starts_on, ends_on;
};
struct account_item_form {
    struct core_str title, status, assignee, starts_on, ends_on;
    struct core_str before; /* the item that it is put in front of; "": behind all */
};

/* The newest first; `after` is the id of the last
 * one seen, or empty. Non-zero from on_sprint stops. */
int account_sprints(struct accounts *a, struct core_str after, unsigned limit,
                    int (*on_sprint)(void *arg, const struct account_sprint *sprint), void *arg);
/* CORE_ENOTFOUND. */
int account_sprint_read(struct accounts *a, struct core_str id,
                        int (*on_sprint)(void *arg, const struct account_sprint *sprint),
                        void *arg);
/* Its items in their order. */
int account_sprint_items(struct accounts *a, struct core_str sprint,
                         int (*on_item)(void *arg, const struct account_sprint_item *item),
                         void *arg);
/* All: CORE_EINVAL (why), CORE_ENOTFOUND, CORE_EMISMATCH (somebody changed it since that version),
 * CORE_ELIMIT (there are as many as may be), or the store's. */
int account_sprint_add(struct accounts *a, const struct account_sprint_form *form,
                       char ret_id[static CORE_ID_SIZE], struct account_why *why);
int account_sprint_change(struct accounts *a, struct core_str id, int64_t version,
                          const struct account_sprint_form *form, struct account_why *why);
/* With its items. */
int account_sprint_remove(struct accounts *a, struct core_str id, int64_t version);
int account_item_read(struct accounts *a, struct core_str id,
                      int (*on_item)(void *arg, const struct account_sprint_item *item), void *arg);
int account_item_add(struct accounts *a, struct core_str sprint,
                     const struct account_item_form *form, char ret_id[static CORE_ID_SIZE],
                     struct account_why *why);
int account_item_change(struct accounts *a, struct core_str id, int64_t version,
                        const struct account_item_form *form, struct account_why *why);
int account_item_remove(struct accounts *a, struct core_str id, int64_t version);

#endif
