/*
 * module.c: libgenom as a WebAssembly module: it exports the functions of genom.h as they are, and
 * these four: two stand for a file and an allocator, one for struct genom_crypto, one tells what
 * the dictionary can. web/src/genom.ts is written against it.
 *
 *     heap:  dictionary file | room for what a call reads and writes
 *
 * The host asks for room, writes into the module's memory, calls, reads. Structs are read and
 * written by the offsets checked here. The module imports one function, the host's cipher: only
 * Phase Rotation calls it.
 */
#include "genom/inside.h"

#define PAGE 65536u
#define ALIGNED(n) (((n) + 63) & ~(size_t)63)

_Static_assert(sizeof(struct genom_piece) == 12 && offsetof(struct genom_piece, at) == 8,
               "genom.ts reads it");
_Static_assert(sizeof(struct genom_near) == 16 && offsetof(struct genom_near, distance) == 8, "");
_Static_assert(sizeof(struct genom_token) == 56 && offsetof(struct genom_token, cls) == 12 &&
                   offsetof(struct genom_token, theta) == 24 &&
                   offsetof(struct genom_token, sector) == 40 &&
                   offsetof(struct genom_token, inferred) == 48,
               "");
_Static_assert(sizeof(struct genom_sector) == 24 && offsetof(struct genom_sector, first) == 8, "");
_Static_assert(sizeof(struct genom_point) == 56 && offsetof(struct genom_point, phase) == 16 &&
                   offsetof(struct genom_point, theta) == 24 &&
                   offsetof(struct genom_point, sector) == 40 &&
                   offsetof(struct genom_point, tokens) == 48,
               "");
_Static_assert(sizeof(struct genom_intent) == 16 && offsetof(struct genom_intent, name) == 4 &&
                   offsetof(struct genom_intent, confidence) == 12,
               "");
_Static_assert(sizeof(struct genom_message) == 32 && offsetof(struct genom_message, type) == 8 &&
                   offsetof(struct genom_message, id) == 16 &&
                   offsetof(struct genom_message, payload) == 24 &&
                   offsetof(struct genom_message, len) == 28,
               "");

extern uint8_t __heap_base;
static struct genom_dict dict;
static size_t dict_room;

uint8_t *genom_module_room(size_t len);
const struct genom_dict *genom_module_open(size_t len);
bool genom_module_dense(void);
const struct genom_crypto *genom_module_crypto(void);

/* `len` bytes behind the dictionary, whose contents stay
 * until the next call; NULL: there is no more memory. */
uint8_t *genom_module_room(size_t len)
{
    uintptr_t from = ALIGNED((uintptr_t)&__heap_base) + dict_room;
    size_t have = (size_t)__builtin_wasm_memory_size(0) * PAGE;
    if (len > UINT32_MAX - PAGE - from)
        return NULL;
    if (from + len > have &&
        __builtin_wasm_memory_grow(0, (from + len - have + PAGE - 1) / PAGE) == (size_t)-1)
        return NULL;
    return (uint8_t *)from;
}

/* The first `len` bytes of the room become the dictionary; NULL: they are none. */
const struct genom_dict *genom_module_open(size_t len)
{
    if (dict_room > 0 || genom__dict_init(&dict, genom_module_room(len), len))
        return NULL;
    dict_room = ALIGNED(len);
    return &dict;
}

/* Has the dictionary the lists of mode dense? Without them genom_encode() makes mode fast of it. */
bool genom_module_dense(void)
{
    return dict.dense.symbols != NULL;
}

/* ChaCha20-Poly1305 in the host. It must return: what it throws would leave the stack where it
 * is. */
__attribute__((import_module("host"), import_name("seal"))) void host_seal(
    void *ctx, const uint8_t key[32], const uint8_t nonce[12], const void *head, size_t head_len,
    const void *body, size_t body_len, const void *bytes, size_t len, uint8_t *out);

const struct genom_crypto *genom_module_crypto(void)
{
    static const struct genom_crypto crypto = {.seal = host_seal};
    return &crypto;
}
