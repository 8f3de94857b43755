/* aside.c: see aside.h. */
#include "core/aside.h"

#include "core/mem.h"
#include "core/sched.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>

struct core_aside {
    pthread_mutex_t turn; /* of who has a piece; and of what comes next */
    pthread_t thread;
    bool started;
    pthread_mutex_t lock; /* of the rest */
    pthread_cond_t changed;
    void (*fn)(void *arg); /* NULL: nothing to do */
    void *arg;
    bool closing;
};

static void *run(void *arg)
{
    struct core_aside *a = arg;

    core_sched_background();
    pthread_mutex_lock(&a->lock);
    while (!a->closing) {
        if (!a->fn) {
            pthread_cond_wait(&a->changed, &a->lock);
            continue;
        }
        pthread_mutex_unlock(&a->lock);
        a->fn(a->arg); /* whoever gave it waits */
        pthread_mutex_lock(&a->lock);
        a->fn = NULL;
        pthread_cond_broadcast(&a->changed);
    }
    pthread_mutex_unlock(&a->lock);
    return NULL;
}

struct core_aside *core_aside_new(void)
{
    struct core_aside *a = core_alloc(sizeof *a);

    pthread_mutex_init(&a->turn, NULL);
    pthread_mutex_init(&a->lock, NULL);
    pthread_cond_init(&a->changed, NULL);
    return a;
}

void core_aside_free(struct core_aside *a)
{
    if (!a)
        return;
    pthread_mutex_lock(&a->lock);
    a->closing = true;
    pthread_cond_broadcast(&a->changed);
    pthread_mutex_unlock(&a->lock);
    if (a->started)
        pthread_join(a->thread, NULL);
    pthread_cond_destroy(&a->changed);
    pthread_mutex_destroy(&a->lock);
    pthread_mutex_destroy(&a->turn);
    free(a);
}

static void hand_over(struct core_aside *a, void (*fn)(void *arg), void *arg)
{
    pthread_mutex_lock(&a->lock);
    a->fn = fn;
    a->arg = arg;
    pthread_cond_broadcast(&a->changed);
    while (a->fn)
        pthread_cond_wait(&a->changed, &a->lock);
    pthread_mutex_unlock(&a->lock);
}

void core_aside_run(struct core_aside *a, void (*fn)(void *arg), void *arg)
{
    pthread_mutex_lock(&a->turn);
    a->started = a->started || pthread_create(&a->thread, NULL, run, a) == 0;
    if (a->started)
        hand_over(a, fn, arg);
    else
        fn(arg);
    pthread_mutex_unlock(&a->turn);
}
