/*
 * tender.c: the thread of an index (see tender.h). Not a pool of core/work: it must be woken from
 * any thread, and nobody waits for its result.
 */
#include "ai/index/tender.h"

#include "core/mem.h"
#include "core/sched.h"

#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>

struct ai_tender {
    void (*tend)(void *arg, const atomic_bool *stop);
    void *arg;
    atomic_bool stop;
    pthread_t thread;
    pthread_mutex_t lock; /* over woken */
    pthread_cond_t wake;
    bool woken;
};

static void *run(void *arg)
{
    struct ai_tender *t = arg;
    core_sched_background();
    while (!atomic_load(&t->stop)) {
        t->tend(t->arg, &t->stop);
        pthread_mutex_lock(&t->lock);
        while (!t->woken)
            pthread_cond_wait(&t->wake, &t->lock);
        t->woken = false;
        pthread_mutex_unlock(&t->lock);
    }
    return NULL;
}

struct ai_tender *ai_tender_new(void (*tend)(void *arg, const atomic_bool *stop), void *arg)
{
    struct ai_tender *t = core_alloc(sizeof *t);
    sigset_t all, before;
    t->tend = tend;
    t->arg = arg;
    pthread_mutex_init(&t->lock, NULL);
    pthread_cond_init(&t->wake, NULL);
    /* Signals are the loop thread's. */
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int failed = pthread_create(&t->thread, NULL, run, t);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (!failed)
        return t;
    pthread_cond_destroy(&t->wake);
    pthread_mutex_destroy(&t->lock);
    free(t);
    return NULL;
}

void ai_tender_wake(struct ai_tender *t)
{
    if (!t)
        return;
    pthread_mutex_lock(&t->lock);
    t->woken = true;
    pthread_cond_signal(&t->wake);
    pthread_mutex_unlock(&t->lock);
}

void ai_tender_free(struct ai_tender *t)
{
    if (!t)
        return;
    atomic_store(&t->stop, true);
    ai_tender_wake(t);
    pthread_join(t->thread, NULL);
    pthread_cond_destroy(&t->wake);
    pthread_mutex_destroy(&t->lock);
    free(t);
}
