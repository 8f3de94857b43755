/*
 * frame.h: the head of a backup and its frames: bytes in, bytes out. docs/backup.md has the layout.
 *
 *     backup  head (128 bytes) │ frame …
 *     frame   kind u8 │ coding u8 │ 0 u16 │ bytes u32 │ stored u32 │ stored bytes │ check (16 bytes)
 *
 * The check covers the head of the backup, the number of the frame, its own head and its content: a
 * frame of another backup or from another place in this one does not pass. With a passphrase it is
 * the tag of ChaCha20-Poly1305, and what is stored is sealed; without one it is half of a SHA-256,
 * which finds damage, not forgery.
 */
#ifndef CORE_BACKUP_FRAME_H
#define CORE_BACKUP_FRAME_H

#include "core/backup/codec.h"
#include "core/crypto.h"

#define BACKUP_HEAD_SIZE 128
#define BACKUP_FRAME_HEAD 12
#define BACKUP_CHECK_SIZE 16
#define BACKUP_SALT_SIZE 16
#define BACKUP_NAME_SIZE 16

enum { BACKUP_SEALED = 1, BACKUP_KEYS = 2, BACKUP_CONFIG = 4, BACKUP_SCHEDULED = 8 };

struct backup_head {
    unsigned flags;
    unsigned schema;
    int64_t created_ms;
    char engine[BACKUP_NAME_SIZE], program[BACKUP_NAME_SIZE]; /* with a NUL */
    unsigned char salt[BACKUP_SALT_SIZE]; /* random: no two backups have the same */
    unsigned memory_kib, passes;          /* of Argon2id; 0 without a passphrase */
    unsigned char key_check[BACKUP_CHECK_SIZE];
};
void backup_head_put(const struct backup_head *head, unsigned char out[static BACKUP_HEAD_SIZE]);
/* CORE_EPROTO: this is no backup; CORE_ENEWER: of a newer form; CORE_ECORRUPT: it was altered. */
int backup_head_parse(struct core_str bytes, struct backup_head *ret);

/* What frames are checked and sealed with. Any thread, once it is made. */
struct backup_seal {
    bool sealed;
    unsigned char key[CORE_AEAD_KEY_SIZE];
    unsigned char digest[CORE_SHA256_SIZE]; /* of the backup's head */
};
/* For a new backup: completes the head, whose salt is drawn, and makes the seal. No passphrase: not
 * sealed. Takes the time and memory of Argon2id. */
void backup_seal_new(struct backup_head *head, struct core_str passphrase, struct backup_seal *ret);
/* For one that is there. CORE_EAUTH: a passphrase is needed; CORE_EDENIED: another one is. */
int backup_seal_open(const struct backup_head *head, struct core_str passphrase,
                     struct backup_seal *ret);
void backup_seal_wipe(struct backup_seal *seal);

enum backup_kind { BACKUP_MANIFEST = 1, BACKUP_ROWS, BACKUP_FILE, BACKUP_END };
struct backup_frame {
    enum backup_kind kind;
    bool packed;
    uint32_t bytes, stored;
};
/* Appends one frame. `raw` is never empty. ret_digest: SHA-256 of raw. CORE_ETOOBIG,
 * CORE_ENOMEM. */
int backup_frame_put(const struct backup_seal *seal, struct backup_codec *codec, uint64_t number,
                     enum backup_kind kind, struct core_str raw, struct core_buf *out,
                     unsigned char ret_digest[static CORE_SHA256_SIZE]);
/* CORE_ECORRUPT. */
int backup_frame_parse(const unsigned char head[static BACKUP_FRAME_HEAD],
                       struct backup_frame *ret);
/* `body`: the stored bytes and the check. Puts the content into out (emptied before).
 * CORE_ECORRUPT, CORE_ENOMEM. */
int backup_frame_open(const struct backup_seal *seal, struct backup_codec *codec, uint64_t number,
                      const unsigned char head[static BACKUP_FRAME_HEAD], struct core_str body,
                      struct core_buf *out, unsigned char ret_digest[static CORE_SHA256_SIZE]);

#endif
