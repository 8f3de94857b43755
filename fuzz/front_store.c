/* front_store.c: a store that is empty and takes everything. */
#include "core/store/batch.h"
#include "core/store/engine.h"
#include "fuzz/front.h"

static int store_is_well(struct store *store)
{
    (void)store;
    return 0;
}

static int store_is_empty(struct store *store, const char *sql, const struct store_value *params,
                          size_t count, int (*on_row)(void *arg, const struct store_row *row),
                          void *arg)
{
    (void)store, (void)sql, (void)params, (void)count, (void)on_row, (void)arg;
    return 0;
}

static void store_takes(struct store *store, struct store_batch *batch)
{
    (void)store;
    void (*acked)(void *arg, int status) = batch->acked;
    void *arg = batch->arg;
    if (batch->waiter) {
        *batch->waiter_status = 0;
        sem_post(batch->waiter);
    }
    store_batch_free(batch);
    if (acked)
        acked(arg, 0);
}

static int store_has_no_fault(struct store *store, char *why, size_t why_cap)
{
    (void)store, (void)why, (void)why_cap;
    return 0;
}

static void store_has_room(struct store *store, struct store_space *ret)
{
    (void)store;
    *ret = (struct store_space){1, 2, 3, 4};
}

struct store *front_store(void)
{
    static const struct store_engine engine = {.name = "none",
                                               .read = store_is_empty,
                                               .write = store_takes,
                                               .health = store_is_well,
                                               .check = store_has_no_fault,
                                               .space = store_has_room};
    static struct store store = {.engine = &engine};
    return &store;
}
