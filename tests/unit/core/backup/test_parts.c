/* test_parts.c: heads, frames, rows, names and sums as bytes, without files. */
#include "tests/unit/core/backup/kit.h"

#include "core/backup/frame.h"
#include "core/backup/pipe.h"
#include "core/backup/rows.h"
#include "core/err.h"
#include "core/mem.h"
#include "tests/unit/core/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

static struct backup_seal seal_of(bool sealed)
{
    struct backup_seal seal = {.sealed = sealed};

    memset(seal.key, 7, sizeof seal.key);
    memset(seal.digest, 9, sizeof seal.digest);
    return seal;
}

static void a_head_is_what_it_was(void **state)
{
    struct backup_head head = {.flags = BACKUP_KEYS,
                               .schema = 11,
                               .created_ms = 1795749180000,
                               .engine = "sqlite",
                               .program = "0.1.0"};
    struct backup_head back;
    unsigned char bytes[BACKUP_HEAD_SIZE];

    (void)state;
    backup_head_put(&head, bytes);
    assert_int_equal(backup_head_parse(core_strn(bytes, sizeof bytes), &back), 0);
    assert_memory_equal(&head, &back, sizeof head);
    assert_int_equal(backup_head_parse(core_strn(bytes, sizeof bytes - 1), &back), CORE_EPROTO);
    for (size_t i = 0; i < sizeof bytes; i++) {
        bytes[i] ^= 1;
        assert_true(backup_head_parse(core_strn(bytes, sizeof bytes), &back) < 0);
        bytes[i] ^= 1;
    }
    /* What Argon2id may cost is bounded before it is run. */
    head.flags = BACKUP_SEALED;
    head.memory_kib = CORE_LIMIT_BACKUP_ARGON_KIB + 1;
    head.passes = 1;
    backup_head_put(&head, bytes);
    assert_int_equal(backup_head_parse(core_strn(bytes, sizeof bytes), &back), CORE_ECORRUPT);
}

static void every_bit_of_a_frame_counts(void **state)
{
    struct backup_codec *codec = backup_codec_new();
    unsigned char digest[CORE_SHA256_SIZE], again[CORE_SHA256_SIZE];
    struct core_buf raw, out, back;

    (void)state;
    core_buf_init(&raw, 1 << 16);
    core_buf_init(&out, 1 << 20);
    core_buf_init(&back, CORE_LIMIT_BACKUP_FRAME);
    for (int sealed = 0; sealed < 2; sealed++) {
        const struct backup_seal seal = seal_of(sealed);
        for (int packs = 0; packs < 2; packs++) {
            uint64_t seed = 3;
            core_buf_clear(&raw);
            core_buf_clear(&out);
            for (int i = 0; i < 100; i++)
                core_buf_add_byte(&raw, packs ? 'x' : (char)dice(&seed));
            assert_int_equal(
                backup_frame_put(&seal, codec, 5, BACKUP_ROWS, core_buf_str(&raw), &out, digest),
                0);
            unsigned char *head = (unsigned char *)out.ptr;
            struct core_str body = core_strn(out.ptr + BACKUP_FRAME_HEAD,
                                             out.len - BACKUP_FRAME_HEAD);
            assert_int_equal(backup_frame_open(&seal, codec, 5, head, body, &back, again), 0);
            assert_true(core_str_eq(core_buf_str(&back), core_buf_str(&raw)));
            assert_memory_equal(digest, again, sizeof digest);
            assert_int_equal(head[1], packs);
            assert_int_equal(backup_frame_open(&seal, codec, 6, head, body, &back, again),
                             CORE_ECORRUPT);
            for (size_t bit = 0; bit < 8 * out.len; bit++) {
                out.ptr[bit / 8] ^= (char)(1 << bit % 8);
                if (backup_frame_open(&seal, codec, 5, head, body, &back, again) == 0)
                    fail_msg("bit %zu is not noticed", bit);
                out.ptr[bit / 8] ^= (char)(1 << bit % 8);
            }
        }
    }
    core_buf_done(&raw);
    core_buf_done(&out);
    core_buf_done(&back);
    backup_codec_free(codec);
}

/* A file with a secret, as it is put into a backup. */
static void file_make(struct core_buf *out, unsigned secret)
{
    char content[2000];

    memset(content, 'x', sizeof content);
    memory_secret(secret, content + sizeof content / 2);
    core_buf_init(out, 1 << 16);
    core_buf_reserve(out, sizeof content + BACKUP_FILE_NAME);
    backup_file_put(out, "keys/node.key", core_strn(content, sizeof content));
    core_wipe(content, sizeof content);
}

static void keys_do_not_linger(void **state)
{
    const struct backup_seal seal = seal_of(true);
    struct backup_codec *codec = backup_codec_new();
    int fd = memfd_create("frames", MFD_CLOEXEC);
    struct backup_pipe *pipe = backup_pipe_new(fd, &seal, 1, 2, false);
    struct backup_sums *sums = calloc(1, sizeof *sums);
    unsigned char digest[CORE_SHA256_SIZE];
    struct core_buf raw, sealed, opened;
    uint64_t bytes;
    char *kept;

    (void)state;
    file_make(&raw, 0);
    assert_true(memory_holds(0));
    for (unsigned n = 0; n < 3; n++) {
        core_buf_wipe(&raw);
        file_make(&raw, n);
        assert_int_equal(backup_pipe_put(pipe, BACKUP_FILE, 0, 0, &raw), 0);
    }
    core_buf_wipe(&raw);
    assert_int_equal(backup_pipe_end(pipe, sums, &bytes), 0);
    assert_int_equal(sums->files, 3);
    backup_pipe_free(pipe);
    for (unsigned n = 0; n < 3; n++)
        assert_false(memory_holds(n));
    /* And where it is read. */
    core_buf_init(&sealed, 1 << 16);
    core_buf_init(&opened, CORE_LIMIT_BACKUP_FRAME);
    kept = core_buf_reserve(&sealed, (size_t)bytes);
    assert_int_equal(pread(fd, kept, (size_t)bytes, 0), bytes);
    core_buf_grew(&sealed, (size_t)bytes);
    struct backup_frame frame;
    assert_int_equal(backup_frame_parse((unsigned char *)kept, &frame), 0);
    assert_int_equal(
        backup_frame_open(&seal, codec, 0, (unsigned char *)kept,
                          core_strn(kept + BACKUP_FRAME_HEAD, frame.stored + BACKUP_CHECK_SIZE),
                          &opened, digest),
        0);
    assert_true(memory_holds(0));
    core_buf_wipe(&opened);
    assert_false(memory_holds(0));
    core_buf_done(&sealed);
    backup_codec_free(codec);
    free(sums);
    close(fd);
}

static void names_stay_in_the_folder(void **state)
{
    static const char *const bad[] = {"",   "/etc/passwd", "../x",     "keys/../x", "keys/.x",
                                      ".x", "a/b/c",       "keys/",    "a//b",      "-x",
                                      "A",  "a b",         "keys/a\nb"};
    static const char *const good[] = {"owner.token", "keys/tls.key", "config.ini", "a-b_c.1"};
    char name[BACKUP_FILE_NAME];
    struct core_str content;
    struct core_buf raw;

    (void)state;
    core_buf_init(&raw, 1 << 16);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        backup_file_put(&raw, bad[i], CORE_STR("x"));
        if (backup_file_parse(core_buf_str(&raw), name, &content) == 0)
            fail_msg("'%s' passes", bad[i]);
    }
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        backup_file_put(&raw, good[i], CORE_STR("x"));
        assert_int_equal(backup_file_parse(core_buf_str(&raw), name, &content), 0);
        assert_string_equal(name, good[i]);
        assert_true(core_str_eq_c(content, "x"));
    }
    core_buf_done(&raw);
}

static void tables_become_sql_only_with_plain_names(void **state)
{
    struct store_tables *t = calloc(1, sizeof *t), *back;
    struct core_buf raw;

    (void)state;
    t->count = 1;
    snprintf(t->tables[0].name, STORE_NAME_SIZE, "setting");
    t->tables[0].column_count = 2;
    t->tables[0].columns[0] = (struct store_column){"key", STORE_TEXT, 1};
    t->tables[0].columns[1] = (struct store_column){"value", STORE_TEXT, 0};
    core_buf_init(&raw, 1 << 16);
    backup_tables_put(&raw, t);
    assert_int_equal(backup_tables_parse(core_buf_str(&raw), &back), 0);
    assert_memory_equal(t, back, sizeof *t);
    free(back);
    for (size_t len = 0; len < raw.len; len++)
        assert_int_equal(backup_tables_parse(core_strn(raw.ptr, len), &back), CORE_ECORRUPT);
    snprintf(t->tables[0].name, STORE_NAME_SIZE, "x\" --");
    core_buf_clear(&raw);
    backup_tables_put(&raw, t);
    assert_int_equal(backup_tables_parse(core_buf_str(&raw), &back), CORE_ECORRUPT);
    core_buf_done(&raw);
    free(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_head_is_what_it_was),
        cmocka_unit_test(every_bit_of_a_frame_counts),
        cmocka_unit_test(keys_do_not_linger),
        cmocka_unit_test(names_stay_in_the_folder),
        cmocka_unit_test(tables_become_sql_only_with_plain_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
