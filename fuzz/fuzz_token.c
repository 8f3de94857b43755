/*
 * fuzz_token.c: access and refresh tokens. Arbitrary text is none of ours. What a
 * signature covers is read strictly too: claims that are accepted are written and
 * read again as the same. The first byte says which: text as it is, claims behind
 * a right signature, a refresh token behind a right MAC.
 */
#include "account/room.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct account_keys keys;

static void make(void)
{
    unsigned char seed[CORE_ED25519_SEED_SIZE] = {7};
    keys.sign = core_ed25519_new(seed, keys.public);
    memset(keys.mac, 9, sizeof keys.mac);
}

static void text_is_refused(struct core_str text)
{
    struct account_claims claims;
    char login[CORE_ID_SIZE];
    int64_t turn;
    assert(account__access_read(&keys, text, &claims) == CORE_EAUTH);
    assert(account__refresh_read(&keys, text, login, &turn) == CORE_EAUTH);
}

static void claims_come_back(struct core_str json)
{
    char token[ACCOUNT_LIMIT_ACCESS + 256], again[ACCOUNT_LIMIT_ACCESS];
    unsigned char signature[CORE_ED25519_SIGNATURE_SIZE];
    struct account_claims claims, same;
    if (core_base64_size(json.len) > 800)
        return;
    size_t at = (size_t)snprintf(token, sizeof token, "eyJhbGciOiJFZERTQSIsInR5cCI6IkpXVCJ9.");
    at += core_base64_encode(json.ptr, json.len, true, token + at);
    core_ed25519_sign(keys.sign, core_strn(token, at), signature);
    token[at++] = '.';
    core_base64_encode(signature, sizeof signature, true, token + at);
    if (account__access_read(&keys, core_str(token), &claims))
        return;
    account__access_write(&keys, &claims, again);
    assert(account__access_read(&keys, core_str(again), &same) == 0);
    assert(!strcmp(claims.id, same.id) && !strcmp(claims.login, same.login) &&
           !strcmp(claims.name, same.name) && !strcmp(claims.role, same.role) &&
           claims.issued_s == same.issued_s && claims.expires_s == same.expires_s);
}

static void turns_come_back(struct core_str of)
{
    char token[ACCOUNT_REFRESH_SIZE + 64], again[ACCOUNT_REFRESH_SIZE], mac[64];
    unsigned char hash[CORE_SHA256_SIZE];
    char login[CORE_ID_SIZE];
    int64_t turn;
    if (of.len > ACCOUNT_REFRESH_SIZE)
        return;
    core_hmac_sha256(core_strn(keys.mac, sizeof keys.mac), of, hash);
    core_base64_encode(hash, sizeof hash, true, mac);
    snprintf(token, sizeof token, "%.*s.%s", (int)of.len, of.ptr, mac);
    if (account__refresh_read(&keys, core_str(token), login, &turn))
        return;
    account__refresh_write(&keys, login, turn, again);
    assert(account__refresh_read(&keys, core_str(again), login, &turn) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (!keys.sign)
        make();
    if (size == 0)
        return 0;
    struct core_str rest = core_strn(data + 1, size - 1);
    if (data[0] % 3 == 0)
        text_is_refused(rest);
    else if (data[0] % 3 == 1)
        claims_come_back(rest);
    else
        turns_come_back(rest);
    return 0;
}
