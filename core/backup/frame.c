/*
 * frame.c: see frame.h.
 *
 *     offset of the head
 *       0   8  "SKYBAK\r\n": a transfer that changes line ends changes this
 *       8   2  form of the file, 1          10   2  flags
 *      12   4  schema                       16   8  when it was made, ms since 1970
 *      24  16  engine                       40  16  version of the program
 *      56  16  salt                         72   4  memory of Argon2id in KiB
 *      76   4  its passes                   80  16  check of the key
 *      96  32  SHA-256 of the 96 bytes before
 *
 * Argon2id makes 48 bytes of passphrase and salt: the key, and the check of the key. As every
 * backup has its salt, a key seals one backup only, and the number of the frame is nonce enough.
 */
#include "core/backup/frame.h"

#include "core/backup/le.h"
#include "core/limits.h"
#include "core/mem.h"

#include <assert.h>

#define FORM 1
#define DIGEST_AT 96
#define FLAGS_KNOWN (BACKUP_SEALED | BACKUP_KEYS | BACKUP_CONFIG | BACKUP_SCHEDULED)
/* RFC 9106, second recommended option: what a small machine has, twice over. */
#define ARGON_KIB (64u << 10)
#define ARGON_PASSES 3

static const char magic[8] = "SKYBAK\r\n";

/* --- The head ------------------------------------------------------------------------------- */

void backup_head_put(const struct backup_head *head, unsigned char out[static BACKUP_HEAD_SIZE])
{
    memset(out, 0, BACKUP_HEAD_SIZE);
    memcpy(out, magic, sizeof magic);
    backup_le_put(out + 8, FORM, 2);
    backup_le_put(out + 10, head->flags, 2);
    backup_le_put(out + 12, head->schema, 4);
    backup_le_put(out + 16, (uint64_t)head->created_ms, 8);
    memcpy(out + 24, head->engine, BACKUP_NAME_SIZE);
    memcpy(out + 40, head->program, BACKUP_NAME_SIZE);
    memcpy(out + 56, head->salt, BACKUP_SALT_SIZE);
    backup_le_put(out + 72, head->memory_kib, 4);
    backup_le_put(out + 76, head->passes, 4);
    memcpy(out + 80, head->key_check, BACKUP_CHECK_SIZE);
    core_sha256(core_strn(out, DIGEST_AT), out + DIGEST_AT);
}

static bool is_name(const char name[static BACKUP_NAME_SIZE])
{
    bool ended = false;

    for (size_t i = 0; i < BACKUP_NAME_SIZE; i++) {
        if (ended ? name[i] != 0 : name[i] != 0 && (name[i] <= ' ' || name[i] > '~'))
            return false;
        ended = ended || name[i] == 0;
    }
    return ended;
}

static bool head_sound(const struct backup_head *h)
{
    bool sealed = h->flags & BACKUP_SEALED;

    return (h->flags & ~(unsigned)FLAGS_KNOWN) == 0 && h->schema > 0 && h->created_ms >= 0 &&
           is_name(h->engine) && is_name(h->program) &&
           (sealed ? h->memory_kib >= 8 && h->memory_kib <= CORE_LIMIT_BACKUP_ARGON_KIB &&
                         h->passes >= 1 && h->passes <= CORE_LIMIT_BACKUP_ARGON_PASSES
                   : h->memory_kib == 0 && h->passes == 0);
}

int backup_head_parse(struct core_str bytes, struct backup_head *ret)
{
    const unsigned char *p = (const unsigned char *)bytes.ptr;
    unsigned char digest[CORE_SHA256_SIZE];
    struct backup_head h = {0};

    if (bytes.len < BACKUP_HEAD_SIZE || memcmp(p, magic, sizeof magic) != 0)
        return CORE_EPROTO;
    if (backup_le_get(p + 8, 2) > FORM)
        return CORE_ENEWER;
    core_sha256(core_strn(p, DIGEST_AT), digest);
    if (memcmp(digest, p + DIGEST_AT, sizeof digest) != 0 || backup_le_get(p + 8, 2) != FORM)
        return CORE_ECORRUPT;
    h.flags = (unsigned)backup_le_get(p + 10, 2);
    h.schema = (unsigned)backup_le_get(p + 12, 4);
    h.created_ms = (int64_t)backup_le_get(p + 16, 8);
    memcpy(h.engine, p + 24, BACKUP_NAME_SIZE);
    memcpy(h.program, p + 40, BACKUP_NAME_SIZE);
    memcpy(h.salt, p + 56, BACKUP_SALT_SIZE);
    h.memory_kib = (unsigned)backup_le_get(p + 72, 4);
    h.passes = (unsigned)backup_le_get(p + 76, 4);
    memcpy(h.key_check, p + 80, BACKUP_CHECK_SIZE);
    if (!head_sound(&h))
        return CORE_ECORRUPT;
    *ret = h;
    return 0;
}

/* --- The seal ------------------------------------------------------------------------------- */

static void derive(const struct backup_head *head, struct core_str passphrase,
                   unsigned char ret_key[static CORE_AEAD_KEY_SIZE],
                   unsigned char ret_check[static BACKUP_CHECK_SIZE])
{
    unsigned char both[CORE_AEAD_KEY_SIZE + BACKUP_CHECK_SIZE];

    core_argon2id(passphrase, core_strn(head->salt, BACKUP_SALT_SIZE), head->memory_kib,
                  head->passes, both, sizeof both);
    memcpy(ret_key, both, CORE_AEAD_KEY_SIZE);
    memcpy(ret_check, both + CORE_AEAD_KEY_SIZE, BACKUP_CHECK_SIZE);
    core_wipe(both, sizeof both);
}

static void digest_head(const struct backup_head *head, struct backup_seal *ret)
{
    unsigned char bytes[BACKUP_HEAD_SIZE];

    backup_head_put(head, bytes);
    memcpy(ret->digest, bytes + DIGEST_AT, sizeof ret->digest);
}

void backup_seal_new(struct backup_head *head, struct core_str passphrase, struct backup_seal *ret)
{
    memset(ret, 0, sizeof *ret);
    if (passphrase.len) {
        head->flags |= BACKUP_SEALED;
        head->memory_kib = ARGON_KIB;
        head->passes = ARGON_PASSES;
        derive(head, passphrase, ret->key, head->key_check);
        ret->sealed = true;
    }
    digest_head(head, ret);
}

int backup_seal_open(const struct backup_head *head, struct core_str passphrase,
                     struct backup_seal *ret)
{
    struct backup_seal seal = {.sealed = head->flags & BACKUP_SEALED};
    unsigned char check[BACKUP_CHECK_SIZE];
    bool right = true;

    if (seal.sealed && !passphrase.len)
        return CORE_EAUTH;
    if (seal.sealed) {
        derive(head, passphrase, seal.key, check);
        right = core_crypto_eq(core_strn(check, sizeof check),
                               core_strn(head->key_check, sizeof check));
        core_wipe(check, sizeof check);
    }
    digest_head(head, &seal);
    if (right)
        *ret = seal;
    core_wipe(&seal, sizeof seal);
    return right ? 0 : CORE_EDENIED;
}

void backup_seal_wipe(struct backup_seal *seal)
{
    core_wipe(seal, sizeof *seal);
}

/* --- Frames --------------------------------------------------------------------------------- */

/* head of the backup ‖ number ‖ head of the frame */
#define BOUND_SIZE (CORE_SHA256_SIZE + 8 + BACKUP_FRAME_HEAD)

static void bind(const struct backup_seal *seal, uint64_t number, const unsigned char *head,
                 unsigned char out[static BOUND_SIZE])
{
    memcpy(out, seal->digest, CORE_SHA256_SIZE);
    backup_le_put(out + CORE_SHA256_SIZE, number, 8);
    memcpy(out + CORE_SHA256_SIZE + 8, head, BACKUP_FRAME_HEAD);
}

static void nonce_put(uint64_t number, unsigned char out[static CORE_AEAD_NONCE_SIZE])
{
    memset(out, 0, CORE_AEAD_NONCE_SIZE);
    backup_le_put(out + 4, number, 8);
}

/* Without a passphrase: of the bytes as they are stored,
 * for what unpacks to the same may still be altered. */
static void plain_check(const unsigned char bound[static BOUND_SIZE], struct core_str stored,
                        unsigned char out[static BACKUP_CHECK_SIZE])
{
    struct core_sha256 *h = core_sha256_new();
    unsigned char hash[CORE_SHA256_SIZE];

    core_sha256_add(h, core_strn(bound, BOUND_SIZE));
    core_sha256_add(h, stored);
    core_sha256_end(h, hash);
    memcpy(out, hash, BACKUP_CHECK_SIZE);
}

int backup_frame_put(const struct backup_seal *seal, struct backup_codec *codec, uint64_t number,
                     enum backup_kind kind, struct core_str raw, struct core_buf *out,
                     unsigned char ret_digest[static CORE_SHA256_SIZE])
{
    unsigned char head[BACKUP_FRAME_HEAD] = {(unsigned char)kind}, bound[BOUND_SIZE];
    unsigned char nonce[CORE_AEAD_NONCE_SIZE];
    struct core_buf packed;
    struct core_str stored = raw;
    char *room;

    assert(raw.len > 0);
    if (raw.len > CORE_LIMIT_BACKUP_FRAME)
        return CORE_ETOOBIG;
    core_sha256(raw, ret_digest);
    core_buf_init(&packed, 2u * CORE_LIMIT_BACKUP_FRAME);
    /* Files are small, and keys: the codec keeps parts of what it packs. */
    if (kind != BACKUP_FILE && backup_codec_pack(codec, raw, &packed)) {
        head[1] = 1;
        stored = core_buf_str(&packed);
    }
    backup_le_put(head + 4, raw.len, 4);
    backup_le_put(head + 8, stored.len, 4);
    bind(seal, number, head, bound);
    room = core_buf_reserve(out, sizeof head + stored.len + BACKUP_CHECK_SIZE);
    if (room) {
        unsigned char *body = (unsigned char *)room + sizeof head;
        memcpy(room, head, sizeof head);
        if (seal->sealed) {
            nonce_put(number, nonce);
            core_aead_seal(seal->key, nonce, core_strn(bound, sizeof bound), stored, body);
        } else {
            memcpy(body, stored.ptr, stored.len);
            plain_check(bound, stored, body + stored.len);
        }
        core_buf_grew(out, sizeof head + stored.len + BACKUP_CHECK_SIZE);
    }
    core_buf_done(&packed);
    return room ? 0 : CORE_ENOMEM;
}

int backup_frame_parse(const unsigned char head[static BACKUP_FRAME_HEAD], struct backup_frame *ret)
{
    struct backup_frame f = {.kind = head[0],
                             .packed = head[1] == 1,
                             .bytes = (uint32_t)backup_le_get(head + 4, 4),
                             .stored = (uint32_t)backup_le_get(head + 8, 4)};

    if (f.kind < BACKUP_MANIFEST || f.kind > BACKUP_END || head[1] > 1 || head[2] || head[3] ||
        f.bytes == 0 || f.bytes > CORE_LIMIT_BACKUP_FRAME || f.stored == 0 ||
        (f.packed ? f.stored >= f.bytes : f.stored != f.bytes))
        return CORE_ECORRUPT;
    *ret = f;
    return 0;
}

/* The stored bytes, once their check is right: in body, or in `opened` where they were sealed. */
static int unseal(const struct backup_seal *seal, uint64_t number, const unsigned char *bound,
                  struct core_str body, struct core_buf *opened, struct core_str *ret)
{
    unsigned char nonce[CORE_AEAD_NONCE_SIZE], check[BACKUP_CHECK_SIZE];
    size_t len = body.len - BACKUP_CHECK_SIZE;
    char *room;

    *ret = core_strn(body.ptr, len);
    if (!seal->sealed) {
        plain_check(bound, *ret, check);
        return memcmp(check, body.ptr + len, sizeof check) == 0 ? 0 : CORE_ECORRUPT;
    }
    room = core_buf_reserve(opened, len);
    if (!room)
        return CORE_ENOMEM;
    nonce_put(number, nonce);
    if (core_aead_open(seal->key, nonce, core_strn(bound, BOUND_SIZE), body, (unsigned char *)room))
        return CORE_ECORRUPT;
    *ret = core_strn(room, len);
    return 0;
}

int backup_frame_open(const struct backup_seal *seal, struct backup_codec *codec, uint64_t number,
                      const unsigned char head[static BACKUP_FRAME_HEAD], struct core_str body,
                      struct core_buf *out, unsigned char ret_digest[static CORE_SHA256_SIZE])
{
    unsigned char bound[BOUND_SIZE];
    struct backup_frame f;
    struct core_str stored;
    struct core_buf opened;
    char *room;
    int err = backup_frame_parse(head, &f);

    if (err < 0 || body.len != (size_t)f.stored + BACKUP_CHECK_SIZE)
        return CORE_ECORRUPT;
    core_buf_init(&opened, CORE_LIMIT_BACKUP_FRAME);
    bind(seal, number, head, bound);
    err = unseal(seal, number, bound, body, &opened, &stored);
    core_buf_clear(out);
    room = err == 0 ? core_buf_reserve(out, f.bytes) : NULL;
    if (err == 0 && !room)
        err = CORE_ENOMEM;
    if (err == 0 && f.packed)
        err = backup_codec_unpack(codec, stored, (unsigned char *)room, f.bytes);
    else if (err == 0)
        memcpy(room, stored.ptr, stored.len);
    if (err == 0) {
        core_buf_grew(out, f.bytes);
        core_sha256(core_buf_str(out), ret_digest);
    }
    if (f.kind == BACKUP_FILE)
        core_buf_wipe(&opened);
    else
        core_buf_done(&opened);
    return err;
}
