/* gzip.c: see gzip.h */
#include "core/gzip.h"

#include "core/err.h"

#include <assert.h>
#include <zlib.h>

/* zlib's names for these have none: a window of 32 KiB with the head and tail of gzip, and memory
 * for the usual speed. */
enum { WINDOW = 15 + 16, MEMORY = 8 };

int core_gzip(struct core_str bytes, struct core_buf *out)
{
    z_stream z = {.next_in = (unsigned char *)(uintptr_t)bytes.ptr,
                  .avail_in = (unsigned)bytes.len};
    if (bytes.len > UINT32_MAX / 2) /* so that the bound below fits too */
        return CORE_ETOOBIG;
    if (deflateInit2(&z, Z_DEFAULT_COMPRESSION, Z_DEFLATED, WINDOW, MEMORY, Z_DEFAULT_STRATEGY) !=
        Z_OK)
        return CORE_ENOMEM;
    size_t bound = deflateBound(&z, (unsigned long)bytes.len);
    char *to = core_buf_reserve(out, bound);
    if (to) {
        z.next_out = (unsigned char *)to;
        z.avail_out = (unsigned)bound;
        int state = deflate(&z, Z_FINISH);
        assert(state == Z_STREAM_END); /* the bound holds all of it */
        (void)state;
        core_buf_grew(out, bound - z.avail_out);
    }
    deflateEnd(&z);
    return core_buf_error(out);
}
