/* fuzz_batch.c: any bytes are a batch or are refused; what is a batch encodes to the same bytes. */
#include "core/store/batch.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct store_batch *batch;

    if (store__batch_decode(core_strn(data, size), &batch) < 0)
        return 0;
    if (!core_str_eq(store__batch_encoded(batch), core_strn(data, size)))
        abort();
    store_batch_free(batch);
    return 0;
}
