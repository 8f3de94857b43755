/*
 * news.c: what the pool's threads tell the loop thread: a login began or ended, an account changed.
 *
 *     pool ── news ──┐
 *     pool ── news ──┴─► stack, newest first ──► loop: turned round, each told once
 *
 * What is in memory (browser sessions, logins that ended, accounts that changed) is the loop
 * thread's alone; it hears the news before it believes anybody, so what was committed before a
 * request came holds for that request.
 */
#include "account/room.h"

static void post(struct accounts *a, struct account_news *news)
{
    news->next = atomic_load(&a->news);
    while (!atomic_compare_exchange_weak(&a->news, &news->next, news)) {
    }
}

void account__news_began(struct accounts *a, const struct account_session *session)
{
    struct account_news *news = core_alloc(sizeof *news);
    news->kind = ACCOUNT_NEWS_BEGAN;
    news->session = *session;
    post(a, news);
}

static void post_login(struct accounts *a, int kind, struct core_str login)
{
    struct account_news *news = core_alloc(sizeof *news);
    news->kind = kind;
    account__copy(login, news->session.login, sizeof news->session.login);
    post(a, news);
}

void account__news_proved(struct accounts *a, const char *login)
{
    post_login(a, ACCOUNT_NEWS_PROVED, core_str(login));
}

void account__news_ended(struct accounts *a, struct core_str login)
{
    post_login(a, ACCOUNT_NEWS_ENDED, login);
}

bool account__written(int err)
{
    return err == 0 || err == CORE_ETIMEOUT;
}

void account__news_lost(struct accounts *a, struct core_str account, const char *keep)
{
    struct account_news *news = core_alloc(sizeof *news);
    news->kind = ACCOUNT_NEWS_LOST;
    account__copy(account, news->session.user.id, sizeof news->session.user.id);
    account__copy(core_str(keep ? keep : ""), news->session.login, sizeof news->session.login);
    post(a, news);
}

void account__news_changed(struct accounts *a, struct core_str account)
{
    struct account_news *news = core_alloc(sizeof *news);
    news->kind = ACCOUNT_NEWS_CHANGED;
    if (account_read(a, account, &news->session.user)) {
        free(news);
        account__news_lost(a, account, NULL);
    } else {
        post(a, news);
    }
}

/* Which logins it is about nobody knows, so whoever has
 * an access token takes the next one: the store knows. */
static void forget(struct accounts *a, const struct account_session *lost, int64_t now_s)
{
    account__sessions_drop(&a->sessions, lost->user.id, lost->login);
    if (a->ended.floor_s < now_s) {
        a->ended.floor_s = now_s;
    }
}

static void tell(struct accounts *a, const struct account_news *news)
{
    int64_t now_s = core_wall_ms(a->env) / 1000;
    switch (news->kind) {
    case ACCOUNT_NEWS_BEGAN:
        /* It may have ended before it was told of, and be forgotten since. */
        if (!account__ended_has(&a->ended, news->session.login) &&
            news->session.begun_ms / 1000 > a->ended.floor_s) {
            account__session_add(&a->sessions, &news->session);
        }
        break;
    case ACCOUNT_NEWS_PROVED:
        account__proof_add(&a->proofs, news->session.login, core_mono_ms(a->env));
        break;
    case ACCOUNT_NEWS_ENDED:
        account__ended_add(&a->ended, core_str(news->session.login), now_s);
        account__session_drop(&a->sessions, news->session.login);
        break;
    case ACCOUNT_NEWS_CHANGED:
        account__changed_add(&a->changed, &news->session.user, now_s);
        account__session_change(&a->sessions, &news->session.user);
        break;
    case ACCOUNT_NEWS_LOST:
        forget(a, &news->session, now_s);
        break;
    }
}

void account__news_hear(struct accounts *a)
{
    if (!atomic_load(&a->news)) {
        return;
    }
    struct account_news *newest = atomic_exchange(&a->news, NULL), *oldest = NULL;
    while (newest) {
        struct account_news *next = newest->next;
        newest->next = oldest;
        oldest = newest;
        newest = next;
    }
    while (oldest) {
        struct account_news *next = oldest->next;
        tell(a, oldest);
        core_wipe(oldest, sizeof *oldest);
        free(oldest);
        oldest = next;
    }
}
