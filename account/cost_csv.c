/*
 * cost_csv.c: files of costs: which columns hold what, and what their fields say.
 *
 *     date,service,amount,currency          "Service","EC2-Instances($)","S3($)","Total costs($)"
 *     2026-01-31,S3,0.25,USD                "Service total","31.0","0.5","31.5"
 *                                           "2026-01-31","1.0","0.25","1.25"
 *
 * At the right the table of AWS Cost Explorer: sums
 * are left out, a field without a number is no cost.
 */
#include "account/room.h"
#include "core/csv.h"

#include <math.h>
#include <stdio.h>

/* More is a mistake in the file; sums of as many rows as there may be fit into 64 bits. */
#define AMOUNT_MOST 1e8

enum kind { IGNORED, DAY, SERVICE, AMOUNT, CURRENCY, OF_SERVICE };

struct column {
    enum kind kind;
    struct core_str service; /* OF_SERVICE */
    char currency[4];
};

struct reader {
    struct core_csv csv;
    struct core_buf field;
    struct core_pool *pool;
    struct column columns[ACCOUNT_LIMIT_COST_COLUMNS];
    size_t column_count, count;
    unsigned line; /* where the record began */
    bool wide;     /* a column for each service */
    /* Of the record that is being read. */
    char day[11], service[ACCOUNT_LIMIT_COST_FIELD + 1], currency[4];
    double amount;
    bool has_amount, is_sum;
    account__cost_fn *on_row;
    void *arg;
    struct account_cost_why *why;
};

static int wrong(struct reader *r, const char *what)
{
    snprintf(r->why->text, sizeof r->why->text, "line %u: %s", r->line, what);
    return CORE_EINVAL;
}

/* --- The head --------------------------------------------------------------------------------- */

/* "S3($)" is "S3" in USD, "S3(EUR)" in EUR. */
static int service_column(struct reader *r, struct core_str name, struct column *ret)
{
    memcpy(ret->currency, "USD", 4);
    ret->kind = OF_SERVICE;
    if (core_str_ends(name, CORE_STR("($)"))) {
        name.len -= 3;
    } else if (name.len > 5 && name.ptr[name.len - 5] == '(' && name.ptr[name.len - 1] == ')' &&
               account__currency_valid(core_strn(name.ptr + name.len - 4, 3))) {
        memcpy(ret->currency, name.ptr + name.len - 4, 3);
        name.len -= 5;
    }
    name = core_str_trim(name);
    if (!core_utf8_valid(name) || core_str_find_byte(name, '\0') >= 0) {
        return wrong(r, "the name of a column is not text");
    }
    if (core_str_ieq(name, CORE_STR("Total costs")) || core_str_ieq(name, CORE_STR("Total cost")) ||
        name.len == 0) {
        ret->kind = IGNORED;
    }
    ret->service = core_pool_str(r->pool, name);
    return ret->service.ptr ? 0 : CORE_ENOMEM;
}

static int head_column(struct reader *r, struct core_str name)
{
    static const struct {
        const char *name;
        enum kind kind;
    } known[] = {{"date", DAY}, {"service", SERVICE}, {"amount", AMOUNT}, {"currency", CURRENCY}};
    if (r->column_count == ACCOUNT_LIMIT_COST_COLUMNS) {
        return wrong(r, "there are too many columns");
    }
    struct column *column = &r->columns[r->column_count++];
    int err = service_column(r, name, column);
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (core_str_ieq(core_str_trim(name), core_str(known[i].name))) {
            column->kind = known[i].kind;
        }
    }
    return err;
}

/* Which of the two shapes it is. */
static int head_settle(struct reader *r)
{
    unsigned count[OF_SERVICE + 1] = {0};
    for (size_t i = 0; i < r->column_count; i++) {
        count[r->columns[i].kind]++;
    }
    r->wide = count[AMOUNT] == 0;
    if (r->wide) {
        if (r->column_count < 2 || count[OF_SERVICE] == 0) {
            return wrong(r, "the first line must name the columns: date, service, amount, "
                            "currency; or a table with a column for each service");
        }
        r->columns[0].kind = DAY;
        return 0;
    }
    for (size_t i = 0; i < r->column_count; i++) {
        r->columns[i].kind = r->columns[i].kind == OF_SERVICE ? IGNORED : r->columns[i].kind;
    }
    bool once = count[DAY] == 1 && count[SERVICE] == 1 && count[AMOUNT] == 1 &&
                count[CURRENCY] <= 1;
    return once ? 0 : wrong(r, "date, service and amount must each be one column");
}

/* --- Fields ----------------------------------------------------------------------------------- */

bool account__currency_valid(struct core_str text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] < 'A' || text.ptr[i] > 'Z') {
            return false;
        }
    }
    return text.len == 3;
}

static int day_field(struct reader *r, struct core_str text)
{
    r->is_sum = r->wide && core_str_ends(text, CORE_STR(" total"));
    if (r->is_sum) {
        return 0;
    }
    if (!account__date_valid(text)) {
        return wrong(r, "the date must be a day such as 2026-01-31");
    }
    memcpy(r->day, text.ptr, 10);
    return 0;
}

static int service_field(struct reader *r, struct core_str text)
{
    if (text.len == 0 || text.len > ACCOUNT_LIMIT_COST_FIELD || !core_utf8_valid(text) ||
        core_str_find_byte(text, '\0') >= 0) {
        return wrong(r, "the service must be text of at most 256 bytes");
    }
    memcpy(r->service, text.ptr, text.len);
    r->service[text.len] = '\0';
    return 0;
}

static int amount_field(struct reader *r, struct core_str text)
{
    r->has_amount = text.len > 0;
    if (r->has_amount && (core_str_to_double(text, &r->amount) || fabs(r->amount) > AMOUNT_MOST)) {
        return wrong(r, "the amount must be a number such as 12.50, at most 100000000");
    }
    return 0;
}

static int currency_field(struct reader *r, struct core_str text)
{
    if (text.len > 0 && !account__currency_valid(text)) {
        return wrong(r, "the currency must have three letters, such as USD");
    }
    memcpy(r->currency, text.len > 0 ? text.ptr : "USD", 3);
    return 0;
}

static int give(struct reader *r, const char *service, const char *currency)
{
    const struct account_cost_row row = {.day = core_strn(r->day, 10),
                                         .service = core_str(service),
                                         .currency = core_strn(currency, 3),
                                         .micro = llround(r->amount * 1e6)};
    if (!r->has_amount) {
        return 0;
    }
    if (r->count++ == ACCOUNT_LIMIT_COST_ROWS) {
        wrong(r, "there are more than 20000 amounts: import the file in parts");
        return CORE_ETOOBIG;
    }
    return r->on_row(r->arg, &row);
}

static int body_field(struct reader *r, const struct column *column, struct core_str text)
{
    int err;
    switch (column->kind) {
    case DAY:
        return day_field(r, text);
    case SERVICE:
        return service_field(r, text);
    case AMOUNT:
        return amount_field(r, text);
    case CURRENCY:
        return currency_field(r, text);
    case OF_SERVICE:
        if (r->is_sum) {
            return 0;
        }
        err = amount_field(r, text);
        return err ? err : give(r, column->service.ptr, column->currency);
    case IGNORED:
        break;
    }
    return 0;
}

/* --- Records ---------------------------------------------------------------------------------- */

/* 1: there was one; 0: there are no more. */
static int record_read(struct reader *r, bool head)
{
    struct core_str text = {0};
    size_t at = 0;
    bool last = false;
    int err = 0;
    r->line = r->csv.line;
    memcpy(r->currency, "USD", 3);
    for (; !last && !err; at++) {
        int got = core_csv_next(&r->csv, &r->field, &last);
        if (got <= 0) {
            return got == 0              ? 0
                   : got == CORE_ETOOBIG ? wrong(r, "a field is too long")
                                         : wrong(r, "this is not CSV: look at the quotation marks");
        }
        text = core_str_trim(core_buf_str(&r->field));
        if (at == 0 && last && text.len == 0) {
            return 1; /* an empty line */
        }
        if (head) {
            err = head_column(r, text);
        } else if (at >= r->column_count) {
            err = wrong(r, "there are more fields than columns");
        } else {
            err = body_field(r, &r->columns[at], text);
        }
    }
    if (!err && !head && at < r->column_count) {
        err = wrong(r, "there are fewer fields than columns");
    }
    if (!err && !head && !r->wide) {
        err = give(r, r->service, r->currency);
    }
    return err ? err : 1;
}

int account__cost_csv(struct core_str csv, account__cost_fn *on_row, void *arg,
                      struct account_cost_why *why)
{
    struct reader *r = core_alloc(sizeof *r);
    r->on_row = on_row;
    r->arg = arg;
    r->why = why;
    r->pool = core_pool_new(2 * ACCOUNT_LIMIT_COST_COLUMNS * (ACCOUNT_LIMIT_COST_FIELD + 32));
    core_buf_init(&r->field, ACCOUNT_LIMIT_COST_FIELD);
    core_csv_init(&r->csv, csv);
    int got = record_read(r, true);
    int err = got < 0 ? got : head_settle(r);
    while (!err && (got = record_read(r, false)) > 0) {
        continue;
    }
    err = err ? err : got;
    if (!err && r->count == 0) {
        err = wrong(r, "there is no amount in the file");
    }
    core_buf_done(&r->field);
    core_pool_free(r->pool);
    free(r);
    return err;
}
