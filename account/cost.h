/*
 * cost.h: what was spent elsewhere, imported from CSV files of those who bill for it. Part of the
 * face account.h, as it is about money.
 *
 * A file is imported whole or not at all. Of rows for one day, service and currency that several
 * files hold the last imported one counts, so that a file that is imported again changes nothing,
 * and one that is undone gives back what stood before it. Everything is pool; texts of rows are
 * valid during the call.
 */
#ifndef ACCOUNT_COST_H
#define ACCOUNT_COST_H

#include "account/account.h"

struct account_cost_row {
    struct core_str day, service, currency; /* "2026-01-31", "Amazon S3", "USD" */
    int64_t micro;                          /* millionths; less than 0: a credit */
};
struct account_cost_import {
    struct core_str id, name, by, first_on, last_on;
    int64_t at_ms, rows;
    bool newest; /* the only one that can be undone */
};
struct account_cost_why {
    char text[200];
};

/* Reads "date, service, amount, currency" in any order (no currency: USD), or the table that AWS
 * Cost Explorer saves: a row for each day, a column for each service. CORE_EINVAL, CORE_ETOOBIG
 * (why says where and what is allowed), CORE_ELIMIT: ACCOUNT_LIMIT_COST_IMPORTS, CORE_EMISMATCH:
 * somebody else imports, or the store's. */
int account_costs_import(struct accounts *a, const struct account *by, struct core_str name,
                         struct core_str csv, char ret_id[static CORE_ID_SIZE],
                         struct account_cost_why *why);
/* The newest import goes, with its rows. CORE_ENOTFOUND, CORE_EMISMATCH: it is not the newest. */
int account_costs_undo(struct accounts *a, struct core_str id);
/* The newest first, one or all; `limit` of them. */
int account_cost_imports(struct accounts *a, struct core_str id, unsigned limit,
                         int (*on_import)(void *arg, const struct account_cost_import *import),
                         void *arg);
/* What counts, from a day on, behind the row `after`
 * (its micro does not matter; empty: from the first). */
int account_costs(struct accounts *a, struct core_str from, const struct account_cost_row *after,
                  unsigned limit, int (*on_row)(void *arg, const struct account_cost_row *row),
                  void *arg);

#endif
