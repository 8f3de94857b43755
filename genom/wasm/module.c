/*
 * module.c: libgenom as a WebAssembly module: it exports the functions of genom.h as they are, and these
 * two that stand for a file and an allocator. web/src/genom.ts is written against it.
 *
 *     heap:  dictionary file | room for what a call reads and writes
 *
 * The host asks for room, writes into the module's memory, calls, reads. Structs are read by the offsets
 * checked here.
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

extern uint8_t __heap_base;
static struct genom_dict dict;
static size_t dict_room;

uint8_t *genom_module_room(size_t len);
const struct genom_dict *genom_module_open(size_t len);

/* `len` bytes behind the dictionary, whose contents stay until the next call; NULL: there is no more memory. */
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
