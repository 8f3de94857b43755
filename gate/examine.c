/* examine.c: what `sky doctor` looks at, in a running server or without one. */
#include "gate/gate.h"

#include "ai/ai.h"
#include "core/err.h"
#include "core/store/store.h"
#include "core/version.h"
#include "genom/genom.h"

#include <stdio.h>

typedef void report_fn(void *arg, const char *check, bool ok, const char *detail);

static void certificate_report(int days, report_fn *report, void *arg)
{
    char detail[128];
    snprintf(detail, sizeof detail,
             days > 0 ? "valid for %d days"
                      : "expired %d days ago: remove keys/tls.* to have a new one made",
             days > 0 ? days : -days);
    report(arg, "certificate", days > 0, detail);
}

static void store_report(struct store *store, report_fn *report, void *arg)
{
    char why[512] = "";
    int err = store_check(store, why, sizeof why);
    report(arg, "store", err == 0, err == 0 ? "intact" : *why ? why : core_err_text(err));
}

static void dictionary_report(struct genom_dict *dict, report_fn *report, void *arg)
{
    char detail[200], name[GENOM_DICT_NAME];
    if (!dict) {
        report(arg, "dictionary", false, "missing: " CORE_SETUP("genom") " and start again");
        return;
    }
    genom_dict_name(dict, name);
    bool whole = genom_dict_verify(dict) == 0;
    genom_dict_rest(dict);
    snprintf(detail, sizeof detail,
             whole ? "%s, intact"
                   : "%s is damaged: remove it, " CORE_SETUP("genom") " and start again",
             name);
    report(arg, "dictionary", whole, detail);
}

void gate_examine(const struct gate_services *s, int certificate_days, report_fn *report, void *arg)
{
    certificate_report(certificate_days, report, arg);
    store_report(s->store, report, arg);
    dictionary_report(s->genom, report, arg);
    ai_doctor(s->ai, report, arg);
}
