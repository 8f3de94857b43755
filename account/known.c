/*
 * known.c: passwords that breaches made known. A table of the first four bytes of their SHA-256, in
 * order, is made at set-up (deps/recipe/passwords.sh); of four thousand million other passwords it
 * takes a few thousand for one of them.
 */
#include "account/room.h"

#include <passwords_known.h>

enum { KNOWN = sizeof PASSWORDS_KNOWN / sizeof *PASSWORDS_KNOWN };

bool account__password_known(struct core_str password)
{
    char lower[ACCOUNT_LIMIT_PASSWORD];
    unsigned char hash[CORE_SHA256_SIZE];
    if (password.len > sizeof lower) {
        return false;
    }
    for (size_t i = 0; i < password.len; i++) {
        char c = password.ptr[i];
        lower[i] = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
    }
    core_sha256(core_strn(lower, password.len), hash);
    core_wipe(lower, sizeof lower);
    uint32_t wanted = (uint32_t)hash[0] << 24 | (uint32_t)hash[1] << 16 | (uint32_t)hash[2] << 8 |
                      hash[3];
    size_t from = 0, to = KNOWN;
    while (from < to) {
        size_t middle = (from + to) / 2;
        if (PASSWORDS_KNOWN[middle] < wanted) {
            from = middle + 1;
        } else {
            to = middle;
        }
    }
    return from < KNOWN && PASSWORDS_KNOWN[from] == wanted;
}
