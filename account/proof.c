/*
 * proof.c: when a login last proved who it is: by the factors that it began with, or again. What is
 * dangerous wants a proof of the last minutes, so that a browser left open is not enough. In
 * memory: after a restart one proves again.
 */
#include "account/room.h"

void account__proof_add(struct account_proofs *p, const char *login, uint64_t now_ms)
{
    if (!p->items) {
        p->items = core_alloc_array(ACCOUNT_LIMIT_PROOFS, sizeof *p->items);
    }
    struct account_proof *one = &p->items[p->next++ % ACCOUNT_LIMIT_PROOFS];
    account__copy(core_str(login), one->login, sizeof one->login);
    one->at_ms = now_ms;
}

bool account_proved(struct accounts *a, const struct account *account)
{
    const struct account_proofs *p = &a->proofs;
    uint64_t now = core_mono_ms(a->env);
    account__news_hear(a);
    if (account->file && (!account->login || !account->registered)) {
        return true; /* there is no better proof than the token's file */
    }
    for (unsigned i = 0; account->login && i < p->next && i < ACCOUNT_LIMIT_PROOFS; i++) {
        if (strcmp(p->items[i].login, account->login) == 0 &&
            now - p->items[i].at_ms < ACCOUNT_PROOF_S * 1000ull) {
            return true;
        }
    }
    return false;
}

int account__password_again(struct accounts *a, struct core_str account, struct core_str password)
{
    char phc[ACCOUNT_PHC_SIZE] = "";
    struct account_user user;
    int err = account__person_read(a, ACCOUNT_PERSON_BY_ID, account, &user, phc, NULL);
    if (!err) {
        err = account__password_check(a, core_str(phc), password);
    }
    core_wipe(phc, sizeof phc);
    return err == CORE_EDENIED ? CORE_EAUTH : err;
}

int account__prove(struct accounts *a, struct core_str account, struct core_str password,
                   struct core_str totp, struct account_why *why)
{
    struct account_factor factor;
    int err = account__factor_read(a, account, &factor);
    if (!err && factor.on) {
        err = totp.len == 0
                  ? account__wrong(why, "totp", "is required: the account has a second factor")
                  : account__factor_use(a, account, &factor, totp);
    } else if (!err) {
        err = password.len == 0 ? account__wrong(why, "password", "is required")
                                : account__password_again(a, account, password);
    }
    core_wipe(&factor, sizeof factor);
    return err;
}

int account_step_up(struct accounts *a, const struct account *account, struct core_str password,
                    struct core_str totp, struct account_why *why)
{
    if (!account->login) {
        return CORE_EUNSUPPORTED;
    }
    int err = account__prove(a, core_str(account->id), password, totp, why);
    if (!err) {
        account__news_proved(a, account->login);
    }
    return err;
}
