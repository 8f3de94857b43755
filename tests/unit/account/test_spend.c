/*
 * test_spend.c: budgets hold: against a trivial model over random holds, settles, deaths and
 * changed caps; under many writers at once; when the process is killed between the two.
 */
#include "account/room.h"
#include "tests/unit/account/helper.h"

#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static const struct account_actor owner = {.id = {"owner", 5}, .role = {"owner", 5}};
static const char BOB[] = "01m8d4gq3h5mqx0yhzbcbsvb3q";
static const struct account_payer bob = {.account = BOB};

static void put_account(struct house *h, const char *id, const char *tier)
{
    struct store_batch *batch = store_batch_new(STORE_RELAXED);
    store_put(batch, 1,
              "INSERT INTO account (id, email, name, role, tier, password, created_ms) "
              "VALUES ($1, $1, $1, 'member', $2, '', 0)",
              STORE_C(id), STORE_C(tier));
    assert_int_equal(store_write_wait(h->store, batch), 0);
}

static void put_team(struct house *h, const char *team)
{
    struct store_batch *batch = store_batch_new(STORE_RELAXED);
    store_put(batch, 1, "INSERT INTO team (id, name, created_ms) VALUES ($1, $1, 0)",
              STORE_C(team));
    store_put(batch, STORE_ROWS_ANY, "UPDATE account SET team = $1", STORE_C(team));
    assert_int_equal(store_write_wait(h->store, batch), 0);
    account__spend_changed(h->accounts);
}

static void budget(struct house *h, const char *kind, const char *subject, int64_t level,
                   const char *unit, const char *period, int64_t cap, char ret_id[CORE_ID_SIZE])
{
    char id[CORE_ID_SIZE];
    struct account_why why = {0};
    const struct account_budget_form form = {.name = core_str(unit),
                                             .kind = core_str(kind),
                                             .subject = core_str(subject),
                                             .unit = core_str(unit),
                                             .period = core_str(period),
                                             .level = level,
                                             .cap = cap};
    assert_int_equal(account_budget_new(h->accounts, &owner, &form, id, &why), 0);
    if (ret_id) {
        memcpy(ret_id, id, sizeof id);
    }
}

static void change_cap(struct house *h, const char *id, int64_t cap)
{
    const struct account_budget_form form = {.cap = cap, .set_cap = true};
    struct account_why why;
    assert_int_equal(account_budget_change(h->accounts, &owner, core_str(id), &form, &why), 0);
}

static void settle(struct house *h, const char *hold, int64_t microusd, int64_t tokens)
{
    const struct account_cost real = {microusd, tokens};
    struct store_batch *batch = store_batch_new(STORE_DURABLE);
    account_spend_settle(batch, hold, &real);
    assert_int_equal(store_write_wait(h->store, batch), 0);
}

static int hold(struct house *h, const struct account_payer *payer, unsigned level,
                int64_t microusd, int64_t tokens, char ret[ACCOUNT_HOLD_SIZE],
                struct account_broke *broke)
{
    const struct account_cost worst = {microusd, tokens};
    return account_spend_hold(h->accounts, payer, level, &worst, ret, broke);
}

struct sums {
    const char *id;
    int64_t spent, reserved, cap;
};

static int on_sums(void *arg, const struct account_budget *b)
{
    struct sums *s = arg;
    if (core_str_eq_c(b->id, s->id)) {
        s->spent = b->spent;
        s->reserved = b->reserved;
        s->cap = b->cap;
    }
    return 0;
}

static struct sums sums_of(struct house *h, const char *id)
{
    struct sums s = {.id = id, .spent = -1};
    assert_int_equal(account_budgets(h->accounts, CORE_STR(""), CORE_STR(""), 1000, on_sums, &s),
                     0);
    return s;
}

static int64_t count(struct house *h, const char *sql)
{
    int64_t n = -1;
    assert_int_equal(store_read_i64(h->store, sql, NULL, 0, &n), 0);
    return n;
}

/* --- One after the other ---------------------------------------------------------------------- */

static void a_hold_is_settled(void **state)
{
    struct house *h = *state;
    char id[CORE_ID_SIZE], one[ACCOUNT_HOLD_SIZE], two[ACCOUNT_HOLD_SIZE];
    struct account_broke broke;
    put_account(h, BOB, "owner");
    assert_int_equal(hold(h, &bob, 3, 10, 10, one, &broke), 0);
    assert_string_equal(one, ""); /* nothing binds */
    assert_int_equal(count(h, "SELECT count(*) FROM budget_period"), 0);
    budget(h, "account", BOB, ACCOUNT_LEVEL_ANY, "money", "month", 100, id);
    assert_int_equal(hold(h, &bob, 3, 60, 10, one, &broke), 0);
    assert_true(strlen(one) > CORE_ID_SIZE);
    assert_int_equal(hold(h, &bob, 4, 41, 0, two, &broke), CORE_EBUDGET);
    assert_string_equal(broke.unit, "money");
    assert_string_equal(broke.period, "month");
    assert_string_equal(broke.budget, "money");
    assert_true(broke.limit == 100 && broke.spent == 60 && broke.resets_ms > 0);
    assert_int_equal(hold(h, &bob, 4, 40, 0, two, &broke), 0);
    settle(h, one, 25, 5);
    struct sums s = sums_of(h, id);
    assert_true(s.spent == 25 && s.reserved == 40);
    settle(h, one, 25, 5);   /* again: nothing */
    settle(h, two, 4000, 0); /* more than was set aside: cut */
    s = sums_of(h, id);
    assert_true(s.spent == 65 && s.reserved == 0);
    assert_int_equal(count(h, "SELECT count(*) FROM hold"), 0);
    assert_int_equal(count(h, "SELECT count(*) FROM hold_part"), 0);
    assert_int_equal(hold(h, &bob, 3, 0, 99, one, &broke), 0); /* free calls pass no cap of money */
    assert_string_equal(one, "");
    assert_int_equal(hold(h, &bob, 3, INT64_MAX, INT64_MAX, one, &broke), CORE_EBUDGET);
    settle(h, "", 5, 5);
}

static void what_binds(void **state)
{
    struct house *h = *state;
    char hold_id[ACCOUNT_HOLD_SIZE], all[CORE_ID_SIZE], mine[CORE_ID_SIZE], team[CORE_ID_SIZE],
        level3[CORE_ID_SIZE], calls[CORE_ID_SIZE];
    struct account_broke broke;
    struct account_why why;
    put_account(h, BOB, "owner");
    put_account(h, "other", "owner");
    put_team(h, "crew");
    budget(h, "all", "", ACCOUNT_LEVEL_ANY, "tokens", "day", 1000, all);
    budget(h, "account", BOB, ACCOUNT_LEVEL_ANY, "tokens", "day", 100, mine);
    budget(h, "team", "crew", ACCOUNT_LEVEL_ANY, "tokens", "month", 150, team);
    budget(h, "account", BOB, 3, "tokens", "day", 50, level3);
    budget(h, "account", BOB, 3, "requests", "day", 2, calls);
    assert_int_equal(hold(h, &bob, 2, 0, 60, hold_id, &broke), 0);
    assert_int_equal(sums_of(h, all).reserved, 60);
    assert_int_equal(sums_of(h, mine).reserved, 60);
    assert_int_equal(sums_of(h, team).reserved, 60);
    assert_int_equal(sums_of(h, level3).reserved, 0); /* another level's */
    assert_int_equal(sums_of(h, calls).reserved, 0);
    assert_int_equal(hold(h, &bob, 3, 0, 41, hold_id, &broke), CORE_EBUDGET);
    assert_int_equal(sums_of(h, all).reserved, 60); /* all or none */
    assert_int_equal(hold(h, &bob, 3, 0, 40, hold_id, &broke), 0);
    assert_int_equal(sums_of(h, calls).reserved, 1);
    settle(h, hold_id, 0, 0);
    assert_int_equal(sums_of(h, calls).spent, 1); /* a call that cost nothing was one */
    const struct account_payer other = {.account = "other"};
    assert_int_equal(hold(h, &other, 3, 0, 91, hold_id, &broke), CORE_EBUDGET); /* the team's */
    assert_string_equal(broke.period, "month");
    assert_int_equal(hold(h, &other, 3, 0, 90, hold_id, &broke), 0);

    /* A raised cap counts at once, and a removed budget. */
    change_cap(h, team, 1000);
    assert_int_equal(hold(h, &other, 3, 0, 700, hold_id, &broke), 0);
    assert_int_equal(hold(h, &other, 3, 0, 700, hold_id, &broke), CORE_EBUDGET);
    assert_int_equal(account_budget_remove(h->accounts, &owner, core_str(all)), 0);
    assert_int_equal(account_budget_remove(h->accounts, &owner, core_str(all)), CORE_ENOTFOUND);
    assert_int_equal(account_budget_remove(h->accounts, &owner, core_str(team)), 0);
    assert_int_equal(hold(h, &other, 3, 0, 700, hold_id, &broke), 0);
    const struct account_budget_form form = {.cap = -1, .set_cap = true};
    assert_int_equal(account_budget_change(h->accounts, &owner, core_str(mine), &form, &why),
                     CORE_EINVAL);
    assert_string_equal(why.field, "limit");
}

static void requests_are_counted(void **state)
{
    struct house *h = *state;
    char id[CORE_ID_SIZE], level[CORE_ID_SIZE];
    struct account_broke broke;
    put_account(h, BOB, "free");
    const struct account_payer key = {.account = BOB, .key = "k"};
    assert_false(account_spend_free(h->accounts, &key, ACCOUNT_LEVEL_ANY)); /* not known yet */
    assert_int_equal(account_spend_request(h->accounts, &key, &broke), 0);
    assert_true(account_spend_free(h->accounts, &key, ACCOUNT_LEVEL_ANY));
    budget(h, "account", BOB, ACCOUNT_LEVEL_ANY, "requests", "day", 3, id);
    budget(h, "account", BOB, 2, "requests", "day", 0, level);
    assert_false(account_spend_free(h->accounts, &key, ACCOUNT_LEVEL_ANY));
    for (int i = 0; i < 3; i++) {
        assert_int_equal(account_spend_request(h->accounts, &key, &broke), 0);
    }
    assert_int_equal(account_spend_request(h->accounts, &key, &broke), CORE_EBUDGET);
    assert_string_equal(broke.unit, "requests");
    assert_true(broke.limit == 3 && broke.spent == 3);
    assert_true(broke.resets_ms > core_wall_ms(&helper_env) &&
                broke.resets_ms <= core_wall_ms(&helper_env) + 86400000);
    helper_wall_shift_ms = 86400000; /* tomorrow */
    assert_int_equal(account_spend_request(h->accounts, &key, &broke), 0);
    assert_int_equal(count(h, "SELECT count(*) FROM hold"), 0);
}

/* A hold made before midnight settles in its own day. */
static void the_day_ends_between(void **state)
{
    struct house *h = *state;
    char id[CORE_ID_SIZE], hold_id[ACCOUNT_HOLD_SIZE];
    struct account_broke broke;
    struct account_periods p;
    put_account(h, BOB, "owner");
    budget(h, "account", BOB, ACCOUNT_LEVEL_ANY, "tokens", "day", 100, id);
    account__periods(core_wall_ms(&helper_env), &p);
    helper_wall_shift_ms = p.day_ends_ms - core_wall_ms(&helper_env) - 5000;
    assert_int_equal(hold(h, &bob, 2, 0, 80, hold_id, &broke), 0);
    helper_wall_shift_ms += 10000;
    struct sums s = sums_of(h, id);
    assert_true(s.spent == 0 && s.reserved == 0);
    settle(h, hold_id, 0, 70);
    s = sums_of(h, id);
    assert_true(s.spent == 0 && s.reserved == 0);
    helper_wall_shift_ms -= 10000;
    s = sums_of(h, id);
    assert_true(s.spent == 70 && s.reserved == 0);
}

static void months_and_days(void **state)
{
    static const struct {
        int64_t now_s, day_s, month_s, ends_s;
    } cases[] = {
        {1709208000, 1709164800, 1706745600, 1709251200}, /* 2024-02-29 */
        {1767225599, 1767139200, 1764547200, 1767225600}, /* 2025-12-31 23:59:59 */
        {1767225600, 1767225600, 1767225600, 1769904000}, /* 2026-01-01 */
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct account_periods p;
        account__periods(cases[i].now_s * 1000 + 999, &p);
        assert_true(p.day_ms == cases[i].day_s * 1000);
        assert_true(p.day_ends_ms == cases[i].day_s * 1000 + 86400000);
        assert_true(p.month_ms == cases[i].month_s * 1000);
        assert_true(p.month_ends_ms == cases[i].ends_s * 1000);
    }
}

/* What the tier grants binds like a budget, and its change counts at once. */
static void a_tier_binds(void **state)
{
    struct house *h = *state;
    char hold_id[ACCOUNT_HOLD_SIZE];
    struct account_broke broke;
    put_account(h, BOB, "free");
    assert_int_equal(hold(h, &bob, 3, 1, 0, hold_id, &broke), CORE_EBUDGET);
    assert_string_equal(broke.budget, "tier free");
    assert_true(broke.limit == 0);
    assert_int_equal(hold(h, &bob, 2, 0, 150000, hold_id, &broke), 0);
    settle(h, hold_id, 0, 150000);
    assert_int_equal(hold(h, &bob, 2, 0, 50001, hold_id, &broke), CORE_EBUDGET);
    assert_true(broke.limit == 200000 && broke.spent == 150000);
    assert_int_equal(hold(h, &bob, 2, 0, 50000, hold_id, &broke), 0);
    struct account_granted granted;
    assert_int_equal(account_granted(h->accounts, core_str(BOB), &granted), 0);
    assert_string_equal(granted.tier.name, "free");
    assert_true(granted.tokens_used == 200000 && granted.microusd_used == 0);
    /* A tier that is gone, or an account: the first tier, not none. */
    struct store_batch *batch = store_batch_new(STORE_RELAXED);
    store_put(batch, 1, "UPDATE account SET tier = 'gone' WHERE id = $1", STORE_C(BOB));
    assert_int_equal(store_write_wait(h->store, batch), 0);
    assert_int_equal(hold(h, &bob, 2, 0, 1, hold_id, &broke), CORE_EBUDGET);
    const struct account_payer left = {.account = "left"};
    assert_int_equal(hold(h, &left, 2, 0, 200001, hold_id, &broke), CORE_EBUDGET);
    const struct account_payer nobody = {.account = "owner"}; /* before there is an account */
    assert_int_equal(hold(h, &nobody, 5, 1 << 30, 1 << 30, hold_id, &broke), 0);
    assert_string_equal(hold_id, "");
}

/* --- Against a model -------------------------------------------------------------------------- */

enum { STEPS = 2000, SEEDS = 5, BUDGETS = 6, OPEN = 40 };

struct model_hold {
    char id[ACCOUNT_HOLD_SIZE];
    int64_t money, tokens;
    unsigned level;
    bool open, key;
};
struct model {
    char ids[BUDGETS][CORE_ID_SIZE];
    int64_t caps[BUDGETS], spent[BUDGETS], reserved[BUDGETS];
    struct model_hold holds[OPEN];
    uint64_t seed;
};

static uint64_t draw(struct model *m, uint64_t below)
{
    m->seed = m->seed * 6364136223846793005u + 1442695040888963407u;
    return (m->seed >> 33) % below;
}

/* What of a hold counts in budget i: 0 team money, 1 account tokens, 2 account money at L3, 3 key
 * tokens, 4 all requests at L4, 5 all money. */
static int64_t part(const struct model_hold *x, int i, int64_t money, int64_t tokens)
{
    switch (i) {
    case 0:
    case 5:
        return money;
    case 1:
        return tokens;
    case 2:
        return x->level == 3 ? money : 0;
    case 3:
        return x->key ? tokens : 0;
    default:
        return x->level == 4;
    }
}

static void model_start(struct house *h, struct model *m)
{
    static const struct {
        const char *kind, *subject, *unit;
        int64_t level;
    } made[BUDGETS] = {{"team", "crew", "money", -1}, {"account", BOB, "tokens", -1},
                       {"account", BOB, "money", 3},  {"key", "bobs-key", "tokens", -1},
                       {"all", "", "requests", 4},    {"all", "", "money", -1}};
    struct store_batch *batch = store_batch_new(STORE_RELAXED);
    put_account(h, BOB, "owner");
    put_team(h, "crew");
    store_put(batch, 1,
              "INSERT INTO api_key (id, account_id, name, token_hash, scopes, minute, created_ms, "
              "expires_ms) VALUES ($1, $2, '', '', 1, -1, 0, 0)",
              STORE_C("bobs-key"), STORE_C(BOB));
    assert_int_equal(store_write_wait(h->store, batch), 0);
    for (int i = 0; i < BUDGETS; i++) {
        m->caps[i] = 500 + (int64_t)draw(m, 1500);
        budget(h, made[i].kind, made[i].subject, made[i].level, made[i].unit, "month", m->caps[i],
               m->ids[i]);
    }
}

static void model_hold(struct house *h, struct model *m, struct model_hold *x)
{
    struct account_broke broke;
    const struct account_payer payer = {BOB, draw(m, 2) ? "bobs-key" : NULL};
    x->key = payer.key != NULL;
    x->level = (unsigned)draw(m, 6);
    x->money = x->level >= 3 ? (int64_t)draw(m, 120) : 0;
    x->tokens = (int64_t)draw(m, 120);
    bool fits = true;
    for (int i = 0; i < BUDGETS; i++) {
        int64_t p = part(x, i, x->money, x->tokens);
        fits &= p == 0 || m->spent[i] + m->reserved[i] + p <= m->caps[i];
    }
    int err = hold(h, &payer, x->level, x->money, x->tokens, x->id, &broke);
    assert_int_equal(err, fits ? 0 : CORE_EBUDGET);
    for (int i = 0; fits && i < BUDGETS; i++) {
        m->reserved[i] += part(x, i, x->money, x->tokens);
    }
    x->open = fits;
}

static void model_close(struct model *m, struct model_hold *x, int64_t money, int64_t tokens,
                        bool counts)
{
    for (int i = 0; i < BUDGETS; i++) {
        m->reserved[i] -= part(x, i, x->money, x->tokens);
        m->spent[i] += counts ? part(x, i, money, tokens) : 0;
    }
    x->open = false;
}

/* The process dies: what is open counts as spent where money was at stake. */
static void model_crash(struct house *h, struct model *m)
{
    helper_house_close(h);
    helper_house_open(h);
    for (int i = 0; i < OPEN; i++) {
        struct model_hold *x = &m->holds[i];
        if (x->open) {
            model_close(m, x, x->money, x->tokens, x->money > 0);
        }
    }
}

static void model_check(struct house *h, struct model *m)
{
    for (int i = 0; i < BUDGETS; i++) {
        struct sums s = sums_of(h, m->ids[i]);
        assert_int_equal(s.spent, m->spent[i]);
        assert_int_equal(s.reserved, m->reserved[i]);
        assert_int_equal(s.cap, m->caps[i]);
    }
}

static void model_step(struct house *h, struct model *m)
{
    uint64_t what = draw(m, 1000);
    struct model_hold *x = &m->holds[draw(m, OPEN)];
    if (what < 4) {
        model_crash(h, m);
    } else if (what < 60) {
        int i = (int)draw(m, BUDGETS);
        m->caps[i] = m->spent[i] + (int64_t)draw(m, 2000);
        change_cap(h, m->ids[i], m->caps[i]);
    } else if (!x->open) {
        model_hold(h, m, x);
    } else {
        int64_t money = (int64_t)draw(m, (uint64_t)x->money + 1);
        int64_t tokens = (int64_t)draw(m, (uint64_t)x->tokens + 1);
        settle(h, x->id, money, tokens);
        model_close(m, x, money, tokens, true);
    }
}

static void as_a_model_says(void **state)
{
    struct house *h = *state;
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        struct model *m = core_alloc(sizeof *m);
        m->seed = seed * 77777;
        model_start(h, m);
        for (int i = 0; i < STEPS; i++) {
            model_step(h, m);
            if (i % 10 == 0) {
                model_check(h, m);
            }
        }
        model_crash(h, m);
        model_check(h, m);
        free(m);
        void *fresh;
        assert_int_equal(helper_teardown(state), 0);
        assert_int_equal(helper_setup(&fresh), 0);
        *state = h = fresh;
    }
}

/* --- Many at once ----------------------------------------------------------------------------- */

enum { WRITERS = 64, ROUNDS = 40, CAP = 1000 };

struct writer {
    struct house *h;
    unsigned number;
    int64_t spent;
    unsigned refused, busy;
};

static void *write_many(void *arg)
{
    struct writer *w = arg;
    for (unsigned i = 0; i < ROUNDS; i++) {
        char id[ACCOUNT_HOLD_SIZE];
        struct account_broke broke;
        int64_t worst = 1 + (w->number * 7 + i * 13) % 20,
                real = worst - (w->number + i) % 3 % worst;
        int err = hold(w->h, &bob, 3, worst, 0, id, &broke);
        w->refused += err == CORE_EBUDGET;
        w->busy += err == CORE_EBUSY;
        assert_true(err == 0 || err == CORE_EBUDGET || err == CORE_EBUSY);
        if (!err) {
            settle(w->h, id, real, 0);
            w->spent += real;
        }
    }
    return NULL;
}

static void sixty_four_at_once(void **state)
{
    struct house *h = *state;
    pthread_t threads[WRITERS];
    struct writer writers[WRITERS];
    char id[CORE_ID_SIZE];
    int64_t spent = 0;
    unsigned refused = 0;
    put_account(h, BOB, "owner");
    budget(h, "account", BOB, ACCOUNT_LEVEL_ANY, "money", "month", CAP, id);
    for (unsigned i = 0; i < WRITERS; i++) {
        writers[i] = (struct writer){.h = h, .number = i};
        assert_int_equal(pthread_create(&threads[i], NULL, write_many, &writers[i]), 0);
    }
    for (unsigned i = 0; i < WRITERS; i++) {
        pthread_join(threads[i], NULL);
        spent += writers[i].spent;
        refused += writers[i].refused;
    }
    struct sums s = sums_of(h, id);
    assert_true(s.reserved == 0 && s.spent == spent && s.spent <= CAP);
    assert_true(s.spent > CAP - 20 && refused > 0); /* it was used up */
}

/* --- Killed between the two ------------------------------------------------------------------- */

/* Holds and settles until it is killed; says through the pipe what it was sure of before. */
static void child(const char *dir, int pipe_fd)
{
    struct house h = {0};
    snprintf(h.dir, sizeof h.dir, "%s", dir);
    helper_house_open(&h);
    for (int64_t i = 0;; i++) {
        char id[ACCOUNT_HOLD_SIZE];
        struct account_broke broke;
        int64_t said[2] = {0, 0};
        if (hold(&h, &bob, 3, 10, 0, id, &broke)) {
            _exit(1);
        }
        said[0] = 10; /* set aside */
        if (write(pipe_fd, said, sizeof said) != sizeof said) {
            _exit(1);
        }
        if (i % 2) {
            continue;
        }
        settle(&h, id, 3, 0);
        said[0] = 0;
        said[1] = 3;
        if (write(pipe_fd, said, sizeof said) != sizeof said) {
            _exit(1);
        }
    }
}

static void killed_between(void **state)
{
    struct house *h = *state;
    char id[CORE_ID_SIZE];
    put_account(h, BOB, "owner");
    budget(h, "account", BOB, ACCOUNT_LEVEL_ANY, "money", "month", 1 << 30, id);
    int64_t before = 0;
    for (int round = 0; round < 5; round++) {
        int64_t said[2], holds = 0, settled = 0;
        int fds[2];
        helper_house_close(h);
        assert_int_equal(pipe(fds), 0);
        pid_t pid = fork();
        if (pid == 0) {
            close(fds[0]);
            child(h->dir, fds[1]);
        }
        close(fds[1]);
        for (int i = 0; i < 20 + round; i++) {
            assert_true(read(fds[0], said, sizeof said) == sizeof said);
            holds += said[0] > 0;
            settled += said[1] > 0;
        }
        kill(pid, SIGKILL);
        while (read(fds[0], said, sizeof said) == sizeof said) {
            holds += said[0] > 0;
            settled += said[1] > 0;
        }
        assert_int_equal(waitpid(pid, NULL, 0), pid);
        close(fds[0]);
        helper_house_open(h);
        struct sums s = sums_of(h, id);
        /* Of each hold that was told the real or the worst is
         * spent; one more may have been made, or settled, untold. */
        int64_t told = settled * 3 + (holds - settled) * 10;
        assert_true(s.reserved == 0);
        assert_true(s.spent - before >= told - 7 && s.spent - before <= told + 10);
        assert_true(holds > settled);
        before = s.spent;
    }
    assert_int_equal(count(h, "SELECT count(*) FROM hold_part"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_hold_is_settled, helper_setup, helper_teardown),
        cmocka_unit_test_setup_teardown(what_binds, helper_setup, helper_teardown),
        cmocka_unit_test_setup_teardown(requests_are_counted, helper_setup, helper_teardown),
        cmocka_unit_test_setup_teardown(the_day_ends_between, helper_setup, helper_teardown),
        cmocka_unit_test(months_and_days),
        cmocka_unit_test_setup_teardown(a_tier_binds, helper_setup, helper_teardown),
        cmocka_unit_test_setup_teardown(as_a_model_says, helper_setup, helper_teardown),
        cmocka_unit_test_setup_teardown(sixty_four_at_once, helper_setup, helper_teardown),
        cmocka_unit_test_setup_teardown(killed_between, helper_setup, helper_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
