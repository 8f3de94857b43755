/*
 * loop.c: the event loop on libuv.
 *
 * Messages from other threads go through a lock-free stack: a poster pushes, the loop takes the
 * whole stack at once and turns it round, so that each thread's messages keep their order. Only the
 * push onto an empty stack has to wake the loop.
 *
 *     poster:  inbox ← C ← B ← A          (newest first)
 *     loop:    ready → A → B → C          (run one by one)
 *
 * What arrives while messages run waits for the next turn, so that a flood of messages cannot keep
 * sockets and timers from their turn.
 *
 * The wake is an eventfd of ours, not uv_async: there the loop waits, yielding its core, for a
 * poster that the kernel took off the core between waking the loop and saying so.
 */
#include "core/loop_uv.h"

#include "core/err.h"
#include "core/limits.h"
#include "core/log.h"
#include "core/mem.h"
#include "core/sched.h"

#include <assert.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

struct loop_signal {
    uv_signal_t uv;
    struct loop_signal *next;
    void (*fn)(void *arg, int signo);
    void *arg;
};

struct core_loop {
    uv_loop_t uv;
    const struct core_env *env;
    uv_poll_t wake;
    int wake_fd;
    uv_prepare_t rest;
    struct core_rest *rests;
    _Atomic(struct core_post *) inbox;
    struct core_post *ready;
    struct loop_signal *signals;
    atomic_bool stopping;
    uint64_t turns, now_turn; /* that `now` is of; 0: of none */
    struct core_loop_time now;
    char scratch[CORE_LIMIT_STREAM_READ];
};

struct core_timer {
    uv_timer_t uv;
    void (*fn)(void *arg);
    void *arg;
};

uv_loop_t *core__loop_uv(struct core_loop *loop)
{
    return &loop->uv;
}

char *core__loop_scratch(struct core_loop *loop)
{
    return loop->scratch;
}

struct core_loop_time core_loop_now(struct core_loop *loop)
{
    if (loop->now_turn != loop->turns || loop->turns == 0) {
        loop->now = (struct core_loop_time){core_mono_ms(loop->env), core_wall_ms(loop->env)};
        loop->now_turn = loop->turns;
    }
    return loop->now;
}

uint64_t core__loop_turns(const struct core_loop *loop)
{
    return loop->turns;
}

int core__err_from_uv(int status)
{
    /* On Unix libuv's codes are negated errno values, besides those of its resolver. */
    return status >= 0 ? 0 : core_err_from_errno(-status);
}

/* --- Messages ------------------------------------------------------------------------------- */

/* True when the stack was empty. */
static bool stack_push(_Atomic(struct core_post *) *stack, struct core_post *post)
{
    struct core_post *head = atomic_load_explicit(stack, memory_order_relaxed);

    do {
        post->next = head;
    } while (!atomic_compare_exchange_weak_explicit(stack, &head, post, memory_order_release,
                                                    memory_order_relaxed));
    return head == NULL;
}

/* Appends what is in the stack to the list, oldest first. */
static void stack_take(_Atomic(struct core_post *) *stack, struct core_post **list)
{
    struct core_post *taken = atomic_exchange_explicit(stack, NULL, memory_order_acquire);
    struct core_post *oldest = NULL;

    while (taken) {
        struct core_post *next = taken->next;
        taken->next = oldest;
        oldest = taken;
        taken = next;
    }
    while (*list)
        list = &(*list)->next;
    *list = oldest;
}

static struct core_post *list_pop(struct core_post **list)
{
    struct core_post *post = *list;

    if (post)
        *list = post->next;
    return post;
}

static bool list_remove(struct core_post **list, const struct core_post *post)
{
    for (; *list; list = &(*list)->next) {
        if (*list == post) {
            *list = post->next;
            return true;
        }
    }
    return false;
}

static void wake(struct core_loop *loop)
{
    ssize_t written = write(loop->wake_fd, &(uint64_t){1}, sizeof(uint64_t));

    /* Only a counter at its end could refuse, and that one wakes too. */
    (void)written;
}

void core_loop_post(struct core_loop *loop, struct core_post *post)
{
    assert(post->fn);
    if (stack_push(&loop->inbox, post))
        wake(loop);
}

/* Messages may be many and each do some work: what comes over the network does not wait for all. */
static bool turn_over(const struct core_loop *loop, uint64_t begun_ns)
{
    return core_mono_ns(loop->env) - begun_ns > CORE_LIMIT_LOOP_TURN_NS;
}

static void run_posts(struct core_loop *loop)
{
    uint64_t begun = core_mono_ns(loop->env);
    struct core_post *post;

    stack_take(&loop->inbox, &loop->ready);
    while ((post = list_pop(&loop->ready))) {
        post->fn(post);
        if (loop->ready && turn_over(loop, begun)) {
            wake(loop);
            return;
        }
    }
}

static bool posts_left(struct core_loop *loop)
{
    return loop->ready || atomic_load(&loop->inbox);
}

/* Takes a message back that may or may not be waiting. */
static void unpost(struct core_loop *loop, struct core_post *post)
{
    stack_take(&loop->inbox, &loop->ready);
    list_remove(&loop->ready, post);
}

/* --- Boxes ---------------------------------------------------------------------------------- */

/* Until the box is empty or the turn is over; what is left then rings again. */
static void box_run(struct core_box *box, bool all)
{
    uint64_t begun = core_mono_ns(box->loop->env);
    struct core_post *post;
    bool gone = false;
    bool *outer = box->gone;

    box->gone = &gone;
    stack_take(&box->inbox, &box->ready);
    while ((post = list_pop(&box->ready))) {
        post->fn(post);
        if (gone) {
            if (outer)
                *outer = true;
            return;
        }
        if (!all && box->ready && turn_over(box->loop, begun)) {
            if (!atomic_exchange(&box->rung, true))
                core_loop_post(box->loop, &box->bell);
            break;
        }
    }
    box->gone = outer;
}

static void box_rings(struct core_post *bell)
{
    struct core_box *box = (struct core_box *)((char *)bell - offsetof(struct core_box, bell));

    /* Before taking: a message that comes later must ring again. */
    atomic_store(&box->rung, false);
    box_run(box, false);
}

void core_box_init(struct core_box *box, struct core_loop *loop)
{
    *box = (struct core_box){.loop = loop, .bell = {.fn = box_rings}};
}

void core_box_post(struct core_box *box, struct core_post *post)
{
    assert(post->fn);
    stack_push(&box->inbox, post);
    if (!atomic_exchange(&box->rung, true))
        core_loop_post(box->loop, &box->bell);
}

void core_box_done(struct core_box *box)
{
    if (atomic_load(&box->rung))
        unpost(box->loop, &box->bell);
    /* Stays rung, so that messages which messages post do not reach the loop any more. */
    atomic_store(&box->rung, true);
    while (box->ready || atomic_load(&box->inbox))
        box_run(box, true);
    if (box->gone)
        *box->gone = true;
}

/* --- Life ----------------------------------------------------------------------------------- */

static void on_wake(uv_poll_t *handle, int status, int events)
{
    struct core_loop *loop = handle->data;
    uint64_t count;
    /* Before the messages are taken: one that comes later wakes again. */
    ssize_t got = read(loop->wake_fd, &count, sizeof count);

    (void)got;
    (void)status;
    (void)events;
    run_posts(loop);
    if (atomic_load(&loop->stopping))
        uv_stop(&loop->uv);
}

static void run_rests(struct core_loop *loop)
{
    bool again = loop->rests != NULL;

    while (again) {
        again = false;
        for (struct core_rest *rest = loop->rests, *next; rest; rest = next) {
            next = rest->next;
            again = rest->fn(rest) || again;
        }
    }
    core_log_flush();
}

static void on_rest(uv_prepare_t *rest)
{
    struct core_loop *loop = rest->data;

    run_rests(loop);
    loop->turns++; /* behind them: no clock is read before the wait and believed after it */
}

void core_loop_rest(struct core_loop *loop, struct core_rest *rest)
{
    struct core_rest **at = &loop->rests;

    assert(rest->fn);
    while (*at)
        at = &(*at)->next;
    rest->next = NULL;
    *at = rest;
}

void core_loop_rest_end(struct core_loop *loop, struct core_rest *rest)
{
    struct core_rest **at = &loop->rests;

    while (*at != rest)
        at = &(*at)->next;
    *at = rest->next;
}

struct core_loop *core_loop_new(const struct core_env *env)
{
    struct core_loop *loop = core_alloc(sizeof *loop);
    int status;

    loop->env = env;
    status = uv_loop_init(&loop->uv);
    assert(status == 0);
    loop->uv.data = loop;
    loop->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    assert(loop->wake_fd >= 0);
    status = uv_poll_init(&loop->uv, &loop->wake, loop->wake_fd);
    assert(status == 0);
    loop->wake.data = loop;
    status = uv_poll_start(&loop->wake, UV_READABLE, on_wake);
    assert(status == 0);
    uv_prepare_init(&loop->uv, &loop->rest);
    loop->rest.data = loop;
    uv_prepare_start(&loop->rest, on_rest);
    uv_unref((uv_handle_t *)&loop->rest);
    signal(SIGPIPE, SIG_IGN);
    return loop;
}

static void assert_closing(uv_handle_t *handle, void *arg)
{
    (void)arg;
    assert(uv_is_closing(handle));
}

static void on_signal_closed(uv_handle_t *handle)
{
    free(handle->data);
}

void core_loop_free(struct core_loop *loop)
{
    int status;

    if (!loop)
        return;
    while (posts_left(loop))
        run_posts(loop);
    assert(!loop->rests);
    while (loop->signals) {
        struct loop_signal *s = loop->signals;
        loop->signals = s->next;
        uv_close((uv_handle_t *)&s->uv, on_signal_closed);
    }
    uv_close((uv_handle_t *)&loop->wake, NULL);
    uv_close((uv_handle_t *)&loop->rest, NULL);
    uv_walk(&loop->uv, assert_closing, NULL);
    uv_run(&loop->uv, UV_RUN_DEFAULT);
    assert(!posts_left(loop));
    status = uv_loop_close(&loop->uv);
    assert(status == 0);
    close(loop->wake_fd);
    free(loop);
}

void core_loop_run(struct core_loop *loop)
{
    core_sched_prompt();
    while (!atomic_load(&loop->stopping))
        uv_run(&loop->uv, UV_RUN_DEFAULT);
    run_rests(loop);
    atomic_store(&loop->stopping, false);
}

void core_loop_stop(struct core_loop *loop)
{
    atomic_store(&loop->stopping, true);
    wake(loop);
}

bool core_loop_turn(struct core_loop *loop)
{
    bool alive;

    uv_run(&loop->uv, UV_RUN_NOWAIT);
    /* The handle that wakes the loop lives as long as the loop and does not count. */
    uv_unref((uv_handle_t *)&loop->wake);
    alive = uv_loop_alive(&loop->uv) != 0;
    uv_ref((uv_handle_t *)&loop->wake);
    return alive || posts_left(loop);
}

void core_loop_wait(struct core_loop *loop)
{
    uv_run(&loop->uv, UV_RUN_ONCE);
}

const struct core_env *core_loop_env(const struct core_loop *loop)
{
    return loop->env;
}

/* --- Timers and signals --------------------------------------------------------------------- */

static void on_timer(uv_timer_t *uv)
{
    struct core_timer *timer = uv->data;

    timer->fn(timer->arg);
}

static void on_timer_closed(uv_handle_t *handle)
{
    free(handle->data);
}

struct core_timer *core_timer_new(struct core_loop *loop, void (*fn)(void *arg), void *arg)
{
    struct core_timer *timer = core_alloc(sizeof *timer);

    timer->fn = fn;
    timer->arg = arg;
    uv_timer_init(&loop->uv, &timer->uv);
    timer->uv.data = timer;
    return timer;
}

void core_timer_start(struct core_timer *timer, uint64_t delay_ms, uint64_t repeat_ms)
{
    /* The loop's idea of now is as old as the callback
     * that runs; a delay counts from the real now. */
    uv_update_time(timer->uv.loop);
    uv_timer_start(&timer->uv, on_timer, delay_ms, repeat_ms);
}

void core_timer_stop(struct core_timer *timer)
{
    uv_timer_stop(&timer->uv);
}

void core_timer_free(struct core_timer *timer)
{
    if (timer)
        uv_close((uv_handle_t *)&timer->uv, on_timer_closed);
}

static void on_signal(uv_signal_t *uv, int signo)
{
    struct loop_signal *s = uv->data;

    s->fn(s->arg, signo);
}

void core_loop_signal(struct core_loop *loop, int signo, void (*fn)(void *arg, int signo),
                      void *arg)
{
    struct loop_signal *s = core_alloc(sizeof *s);
    int status;

    s->fn = fn;
    s->arg = arg;
    s->next = loop->signals;
    loop->signals = s;
    uv_signal_init(&loop->uv, &s->uv);
    s->uv.data = s;
    /* A signal alone is no reason for core_loop_turn() to report life. */
    uv_unref((uv_handle_t *)&s->uv);
    status = uv_signal_start(&s->uv, on_signal, signo);
    assert(status == 0);
}
