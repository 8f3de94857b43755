/*
 * fuzz_zip.c: any bytes as an archive and as a gzip stream, and archives of our own making: what
 * was put in comes out. The first two bytes are the length of the first of the two files.
 */
#include "ai/extract/docx.h"
#include "core/err.h"
#include "core/limits.h"
#include "tests/unit/ai/extract/zip_build.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void any_bytes(struct core_str bytes)
{
    static const char *const names[] = {"word/document.xml", "a", ""};
    struct ai_zip zip;
    struct core_buf out;
    core_buf_init(&out, 1u << 20);
    int status = ai_gzip_expand(bytes, &out);
    assert(status == 0 || status == CORE_ECORRUPT || status == CORE_ETOOBIG);
    assert(out.len <= 1u << 20);
    if (ai_zip_open(bytes, &zip) == 0) {
        for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
            core_buf_done(&out);
            core_buf_init(&out, 1u << 20);
            status = ai_zip_read(&zip, core_str(names[i]), &out);
            assert((status == CORE_ENOTFOUND) == !ai_zip_has(&zip, core_str(names[i])));
        }
        ai_docx_looks(&zip);
    }
    core_buf_done(&out);
}

static void expect(const struct ai_zip *zip, const struct zip_file *file)
{
    struct core_buf out;
    core_buf_init(&out, 1u << 20);
    assert(ai_zip_has(zip, core_str(file->name)));
    int status = ai_zip_read(zip, core_str(file->name), &out);
    assert(status == 0 && core_str_eq(core_buf_str(&out), file->bytes));
    core_buf_done(&out);
}

static void round_trip(struct core_str first, struct core_str second)
{
    const struct zip_file files[] = {{"first", first}, {"a/second", second}};
    struct core_buf bytes;
    struct ai_zip zip;
    core_buf_init(&bytes, 1u << 20);
    zip_build(&bytes, files, 2);
    int status = ai_zip_open(core_buf_str(&bytes), &zip);
    assert(status == 0 && zip.entries == 2 && !ai_zip_has(&zip, CORE_STR("second")));
    expect(&zip, &files[0]);
    expect(&zip, &files[1]);
    core_buf_done(&bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    any_bytes(core_strn(data, size));
    if (size < 2)
        return 0;
    size_t cut = data[0] + 256u * data[1];
    size -= 2;
    if (cut > size)
        cut = size;
    round_trip(core_strn(data + 2, cut), core_strn(data + 2 + cut, size - cut));
    return 0;
}
