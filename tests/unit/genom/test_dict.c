/* test_dict.c: opening, refusing, looking up; an altered
 * dictionary never leads a reader out of its bytes. */
#include "tests/unit/genom/helper.h"

#include "genom/sha256.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

struct fixture {
    uint8_t *bytes;
    size_t len;
};

static int init(const uint8_t *bytes, size_t len)
{
    struct genom_dict *d = genom__dict_new();
    int err = genom__dict_init(d, bytes, len);
    genom__dict_free(d);
    return err;
}

static void sums(void **state)
{
    (void)state;
    assert_int_equal(genom__crc32c(0, "123456789", 9), 0xe3069283);
    struct genom__sha256 s;
    uint8_t sum[32];
    genom__sha256_init(&s);
    for (unsigned i = 0; i < 1000000; i += 8)
        genom__sha256_add(&s, "aaaaaaaa", 8);
    genom__sha256_end(&s, sum);
    /* FIPS 180-4's million of a. */
    assert_memory_equal(sum, "\xcd\xc7\x6e\x5c\x99\x14\xfb\x92\x81\xa1\xc7\xe2\x84\xd7\x3e\x67",
                        16);
}

static void opens_and_finds(void **state)
{
    struct fixture *f = *state;
    struct genom_dict *d = helper_dict_open(f->bytes, f->len);
    struct genom_token t;
    uint32_t id = genom_lookup(d, "hello", 5);
    assert_true(genom_token(d, id, &t));
    assert_int_equal(t.canonical.len, 5);
    assert_memory_equal(t.canonical.ptr, "hello", 5);
    assert_string_equal(t.sector, "social");
    assert_int_equal(t.quadrant, 2);
    assert_true(t.r > 1.0999 && t.r < 1.1001);
    assert_int_equal(t.cls, GENOM_WORD);
    assert_int_equal(genom_lookup(d, "hallo", 5), GENOM_NONE);
    assert_int_equal(genom_lookup(d, "", 0), GENOM_NONE);
    assert_false(genom_token(d, d->count, &t));
    assert_false(genom_token(d, GENOM_NONE, &t));
    for (uint32_t i = 16; i < d->count; i++) {
        struct genom_str s = genom__form(d, i);
        assert_int_equal(genom_lookup(d, s.ptr, s.len), i);
    }
    assert_int_equal(genom__rank(&d->langs[1], genom_lookup(d, "ahoj", 4)), 0);
    assert_int_equal(genom__rank(&d->langs[1], id), RANKS_MAX);
    assert_int_equal(genom_rank(d, 1, genom_lookup(d, "ahoj", 4)), 0);
    assert_int_equal(genom_rank(d, 1, id), GENOM_NONE);
    assert_int_equal(genom_rank(d, 1, GENOM_NONE), GENOM_NONE);
    assert_int_equal(genom_rank(d, 99, id), GENOM_NONE);
    assert_int_equal(genom_dict_verify(d), 0);
    genom_dict_close(d);
    genom_dict_close(NULL);
}

static void what_is_no_dictionary_is_refused(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(init(f->bytes, 0), GENOM_EDICT);
    assert_int_equal(init((const uint8_t *)"GENOMDIC", 8), GENOM_EDICT);
    for (size_t len = 63; len < f->len; len += 997)
        assert_int_equal(init(f->bytes, len), GENOM_EDICT);
    f->bytes[8] = 2;
    assert_int_equal(init(f->bytes, f->len), GENOM_EVERSION);
    f->bytes[8] = 1;
    for (size_t i = 12; i < 64 + 24 * load32(f->bytes + 12); i++) {
        if (i >= 32 && i < 64)
            continue; /* the SHA-256, which only genom_dict_verify() reads */
        f->bytes[i] ^= 1;
        assert_int_equal(init(f->bytes, f->len), GENOM_EDICT);
        f->bytes[i] ^= 1;
    }
    assert_int_equal(init(f->bytes, f->len), 0);
}

static void verify_sees_every_byte(void **state)
{
    struct fixture *f = *state;
    struct genom_dict *d = helper_dict_open(f->bytes, f->len);
    for (size_t i = 32; i < f->len; i += 4999) {
        f->bytes[i] ^= 0x40;
        assert_int_equal(genom_dict_verify(d), GENOM_EDICT);
        f->bytes[i] ^= 0x40;
    }
    assert_int_equal(genom_dict_verify(d), 0);
    genom_dict_close(d);
}

static void missing_and_short_sections_are_refused(void **state)
{
    struct fixture *f = *state;
    for (unsigned i = 0; i < load32(f->bytes + 12); i++) {
        uint8_t *entry = f->bytes + 64 + 24 * i;
        bool optional = !memcmp(entry, "DENS", 4);
        entry[0] ^= 1;
        helper_dict_seal(f->bytes, f->len);
        assert_int_equal(init(f->bytes, f->len), optional ? 0 : GENOM_EDICT);
        entry[0] ^= 1;
        entry[16] ^= 4; /* its length */
        helper_dict_seal(f->bytes, f->len);
        int err = init(f->bytes, f->len);
        assert_true(err == GENOM_EDICT || !memcmp(entry, "STRS", 4));
        entry[16] ^= 4;
        entry[14] = 0xff; /* where it is */
        helper_dict_seal_header(f->bytes);
        assert_int_equal(init(f->bytes, f->len), GENOM_EDICT);
        entry[14] = 0;
    }
    helper_dict_seal(f->bytes, f->len);
    assert_int_equal(init(f->bytes, f->len), 0);
}

/* The bytes end at a page that may not be read. */
static void altered_tables_stay_inside(void **state)
{
    struct fixture *f = *state;
    size_t page = (size_t)sysconf(_SC_PAGESIZE), room = (f->len + page - 1) / page * page;
    char *map = mmap(NULL, room + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    assert_true(map != MAP_FAILED);
    assert_int_equal(mprotect(map + room, page, PROT_NONE), 0);
    uint8_t *bytes = (uint8_t *)map + room - f->len;
    static const char text[] = "Hello world, NASA said: \"ahoj světe\" 42 times... 👋 日本\n";
    unsigned opened = 0;
    srandom(3);
    for (unsigned round = 0; round < 2000; round++) {
        memcpy(bytes, f->bytes, f->len);
        /* Statistics that do not add up are refused at once: mostly the other sections. */
        size_t first = 64 + 24 * 16, len, last = f->len;
        if (round % 4 == 1)
            first = helper_section(bytes, "DENS", &len);
        else if (round % 4)
            last = helper_section(bytes, "FAST", &len);
        for (unsigned n = 0; n < 1 + round % 40; n++)
            bytes[first + (size_t)random() % (last - first)] = (uint8_t)(random() % 3 ? random()
                                                                                      : 0xff);
        struct genom_dict *d = genom__dict_new();
        if (!genom__dict_init(d, bytes, f->len)) {
            uint8_t coded[256];
            char back[256];
            size_t back_len;
            struct genom_token t;
            opened++;
            for (unsigned mode = GENOM_FAST; mode <= GENOM_DENSE; mode++) {
                assert_int_equal(genom_encode(d, (enum genom_mode)mode, text, sizeof text, coded,
                                              sizeof coded, &len),
                                 0);
                (void)genom_decode(d, coded, len, back, sizeof back, &back_len);
                coded[0] = 0x90; /* some text in mode dense */
                (void)genom_decode(d, coded, len, back, sizeof back, &back_len);
            }
            for (uint32_t id = 0; id < d->count; id++)
                genom_token(d, id, &t);
        }
        genom__dict_free(d);
    }
    assert_true(opened > 100);
    munmap(map, room + page);
}

static void files_are_mapped(void **state)
{
    struct fixture *f = *state;
    char path[256], name[GENOM_DICT_NAME];
    struct genom_dict *d = NULL;
    const char *folder = getenv("TMPDIR") ? getenv("TMPDIR") : P_tmpdir;
    snprintf(path, sizeof path, "%s/sky-genom-XXXXXX", folder);
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(genom_dict_open(path, &d), GENOM_EDICT);
    assert_int_equal(write(fd, f->bytes, f->len), (ssize_t)f->len);
    assert_int_equal(genom_dict_open(path, &d), 0);
    genom_dict_name(d, name);
    assert_int_equal(strlen(name), 8);
    genom_dict_close(d);
    d = NULL;
    assert_int_equal(ftruncate(fd, (off_t)f->len - 1), 0);
    assert_int_equal(genom_dict_open(path, &d), GENOM_EDICT);
    assert_null(d);
    close(fd);
    unlink(path);
    assert_int_equal(genom_dict_open(path, &d), GENOM_ESYSTEM);
    assert_int_equal(genom_dict_open(folder, &d), GENOM_EDICT);
    for (int e = 0; e >= -6; e--)
        assert_true(strlen(genom_error_text(e)) > 5);
}

static void the_real_one_is_whole(void **state)
{
    struct genom_dict *d = helper_real_dict();
    struct genom_token t;
    (void)state;
    assert_non_null(d);
    assert_int_equal(d->count, GENOM_TOKENS);
    assert_int_equal(genom_dict_verify(d), 0);
    assert_true(d->size <= 64u << 20);
    for (uint32_t id = 16; id < d->count; id += 37) {
        struct genom_str s = genom__form(d, id);
        assert_int_equal(genom_lookup(d, s.ptr, s.len), id);
        assert_int_equal(load32(d->ring + 4 * (size_t)load32(d->posn + 4 * (size_t)id)), id);
    }
    assert_true(genom_token(d, genom_lookup(d, "hello", 5), &t));
    assert_string_equal(t.sector, "social");
    assert_int_equal(t.quadrant, 2);
    assert_true(genom_token(d, genom_lookup(d, "world", 5), &t));
    assert_string_equal(t.sector, "concept");
    assert_int_equal(t.quadrant, 1);
}

static int set_up(void **state)
{
    static struct fixture f;
    f.bytes = helper_dict_bytes(&f.len);
    *state = &f;
    return 0;
}

static int tear_down(void **state)
{
    free(((struct fixture *)*state)->bytes);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sums),
        cmocka_unit_test(opens_and_finds),
        cmocka_unit_test(what_is_no_dictionary_is_refused),
        cmocka_unit_test(verify_sees_every_byte),
        cmocka_unit_test(missing_and_short_sections_are_refused),
        cmocka_unit_test(altered_tables_stay_inside),
        cmocka_unit_test(files_are_mapped),
        cmocka_unit_test(the_real_one_is_whole),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
