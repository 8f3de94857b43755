/*
 * fuzz_backup.c: every part of a backup, from any bytes. The first byte says which; what is taken
 * is written again as the same bytes where there is a writer.
 */
#include "core/backup/frame.h"
#include "core/backup/rows.h"
#include "core/mem.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void fuzz_head(struct core_str in)
{
    unsigned char again[BACKUP_HEAD_SIZE];
    struct backup_head head;

    if (backup_head_parse(in, &head) < 0)
        return;
    backup_head_put(&head, again);
    if (memcmp(again, in.ptr, sizeof again) != 0)
        abort();
}

static void fuzz_tables(struct core_str in)
{
    struct store_tables *tables;
    struct core_buf again;

    if (backup_tables_parse(in, &tables) < 0)
        return;
    core_buf_init(&again, 1 << 24);
    backup_tables_put(&again, tables);
    if (!core_str_eq(core_buf_str(&again), in))
        abort();
    core_buf_done(&again);
    free(tables);
}

static void fuzz_rows(struct core_str in)
{
    static const struct store_tables tables = {.count = 1,
                                               .tables = {{.name = "t",
                                                           .column_count = 4,
                                                           .columns = {{"a", STORE_INT, 1},
                                                                       {"b", STORE_REAL, 0},
                                                                       {"c", STORE_TEXT, 0},
                                                                       {"d", STORE_BLOB, 0}}}}};
    struct store_value values[4];
    struct backup_rows rows;
    int more = backup_rows_parse(in, &tables, &rows);

    for (more = more < 0 ? more : 1; more > 0;) {
        more = backup_rows_next(&rows, values);
        for (unsigned c = 2; more > 0 && c < 4; c++) {
            if (values[c].bytes.len &&
                (values[c].bytes.ptr < in.ptr ||
                 values[c].bytes.ptr + values[c].bytes.len > in.ptr + in.len))
                abort();
        }
    }
}

static void fuzz_file(struct core_str in)
{
    char name[BACKUP_FILE_NAME];
    struct core_str content;

    if (backup_file_parse(in, name, &content) == 0 &&
        (strstr(name, "..") == name || name[0] == '/' || strlen(name) == 0))
        abort();
}

static void fuzz_sums(struct core_str in)
{
    struct backup_sums *sums = core_alloc(sizeof *sums);
    struct core_buf again;

    if (backup_sums_parse(in, sums) == 0) {
        core_buf_init(&again, 1 << 20);
        backup_sums_put(&again, sums);
        if (!core_str_eq(core_buf_str(&again), in))
            abort();
        core_buf_done(&again);
    }
    free(sums);
}

/* Its check is seldom right, so that what is behind it is
 * met by the others; the lengths are what is met here. */
static void fuzz_frame(struct core_str in, struct backup_codec *codec)
{
    const struct backup_seal seal = {.sealed = false};
    unsigned char digest[CORE_SHA256_SIZE];
    struct backup_frame frame;
    struct core_buf out;

    if (in.len < BACKUP_FRAME_HEAD ||
        backup_frame_parse((const unsigned char *)in.ptr, &frame) < 0 || frame.bytes > 1u << 20)
        return;
    core_buf_init(&out, CORE_LIMIT_BACKUP_FRAME);
    (void)backup_frame_open(&seal, codec, 0, (const unsigned char *)in.ptr,
                            core_strn(in.ptr + BACKUP_FRAME_HEAD, in.len - BACKUP_FRAME_HEAD), &out,
                            digest);
    core_buf_done(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct backup_codec *codec;

    if (!codec)
        codec = backup_codec_new();
    if (size < 1)
        return 0;
    struct core_str in = core_strn(data + 1, size - 1);
    switch (data[0] % 6) {
    case 0:
        fuzz_head(in);
        break;
    case 1:
        fuzz_tables(in);
        break;
    case 2:
        fuzz_rows(in);
        break;
    case 3:
        fuzz_file(in);
        break;
    case 4:
        fuzz_sums(in);
        break;
    default:
        fuzz_frame(in, codec);
    }
    return 0;
}
