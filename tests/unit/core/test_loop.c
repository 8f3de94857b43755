/* test_loop.c: messages from threads, boxes, timers, signals, stopping, log lines that gather. */
#include "core/limits.h"
#include "core/loop.h"

#include "core/log.h"

#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#define POSTERS 4
#define POSTS 20000

struct count {
    struct core_loop *loop;
    unsigned next[POSTERS]; /* the number each poster's next message must carry */
    unsigned total;
    bool disorder;
};

struct message {
    struct core_post post;
    struct count *count;
    unsigned poster;
    unsigned number;
};

struct poster {
    pthread_t thread;
    struct core_loop *loop;
    struct core_box *box; /* or NULL: straight to the loop */
    struct message *messages;
};

static void message_runs(struct core_post *post)
{
    struct message *m = (struct message *)post;

    if (m->count->next[m->poster]++ != m->number)
        m->count->disorder = true;
    if (++m->count->total == POSTERS * POSTS)
        core_loop_stop(m->count->loop);
}

static void *poster_main(void *arg)
{
    struct poster *p = arg;

    for (unsigned i = 0; i < POSTS; i++) {
        if (p->box)
            core_box_post(p->box, &p->messages[i].post);
        else
            core_loop_post(p->loop, &p->messages[i].post);
    }
    return NULL;
}

static void post_from_many(struct core_box *box, struct count *count, struct poster *posters)
{
    for (unsigned t = 0; t < POSTERS; t++) {
        struct poster *p = &posters[t];
        p->loop = count->loop;
        p->box = box;
        p->messages = calloc(POSTS, sizeof *p->messages);
        for (unsigned i = 0; i < POSTS; i++)
            p->messages[i] = (struct message){
                {.fn = message_runs}, .count = count, .poster = t, .number = i};
        pthread_create(&p->thread, NULL, poster_main, p);
    }
}

static void join(struct poster *posters)
{
    for (unsigned t = 0; t < POSTERS; t++)
        pthread_join(posters[t].thread, NULL);
}

static void free_messages(struct poster *posters)
{
    for (unsigned t = 0; t < POSTERS; t++)
        free(posters[t].messages);
}

static void messages_keep_their_order(void **state)
{
    (void)state;
    struct count count = {.loop = core_loop_new(core_env_real())};
    struct poster posters[POSTERS];

    post_from_many(NULL, &count, posters);
    core_loop_run(count.loop);
    join(posters);
    assert_int_equal(count.total, POSTERS * POSTS);
    assert_false(count.disorder);
    free_messages(posters);
    core_loop_free(count.loop);
}

static void a_box_delivers_in_order(void **state)
{
    (void)state;
    struct count count = {.loop = core_loop_new(core_env_real())};
    struct poster posters[POSTERS];
    struct core_box box;

    core_box_init(&box, count.loop);
    post_from_many(&box, &count, posters);
    core_loop_run(count.loop);
    join(posters);
    assert_false(count.disorder);
    assert_int_equal(count.total, POSTERS * POSTS);
    core_box_done(&box);
    free_messages(posters);
    core_loop_free(count.loop);
}

static void a_freed_box_delivers_what_is_left(void **state)
{
    (void)state;
    struct count count = {.loop = core_loop_new(core_env_real())};
    struct poster posters[POSTERS];
    struct core_box *box = malloc(sizeof *box);

    core_box_init(box, count.loop);
    post_from_many(box, &count, posters);
    join(posters);
    assert_int_equal(count.total, 0);
    core_box_done(box);
    free(box); /* the loop must not look at it any more */
    assert_int_equal(count.total, POSTERS * POSTS);
    assert_false(count.disorder);
    while (core_loop_turn(count.loop))
        ;
    free_messages(posters);
    core_loop_free(count.loop);
}

struct suicide {
    struct core_post post;
    struct core_box *box;
    unsigned *ran;
};

static void frees_its_box(struct core_post *post)
{
    struct suicide *s = (struct suicide *)post;

    (*s->ran)++;
    if (!s->box)
        return;
    core_box_done(s->box);
    free(s->box);
}

static void a_message_may_free_its_box(void **state)
{
    (void)state;
    struct core_loop *loop = core_loop_new(core_env_real());
    struct core_box *box = malloc(sizeof *box);
    unsigned ran = 0;
    struct suicide messages[3] = {
        {{.fn = frees_its_box}, NULL, &ran},
        {{.fn = frees_its_box}, box, &ran},
        {{.fn = frees_its_box}, NULL, &ran},
    };

    core_box_init(box, loop);
    for (int i = 0; i < 3; i++)
        core_box_post(box, &messages[i].post);
    while (core_loop_turn(loop))
        ;
    assert_int_equal(ran, 3);
    core_loop_free(loop);
}

static void waiting_messages_run_when_the_loop_is_freed(void **state)
{
    (void)state;
    struct core_loop *loop = core_loop_new(core_env_real());
    unsigned ran = 0;
    struct suicide message = {{.fn = frees_its_box}, NULL, &ran};

    core_loop_post(loop, &message.post);
    core_loop_free(loop);
    assert_int_equal(ran, 1);
    core_loop_free(NULL);
}

struct ticking {
    struct core_loop *loop;
    struct core_timer *timer;
    unsigned ticks;
};

static void tick(void *arg)
{
    struct ticking *t = arg;

    if (++t->ticks < 3)
        return;
    core_timer_free(t->timer); /* inside its own call */
    core_loop_stop(t->loop);
}

static void timers_repeat_and_may_free_themselves(void **state)
{
    (void)state;
    struct ticking t = {.loop = core_loop_new(core_env_real())};
    uint64_t start = core_mono_ms(core_loop_env(t.loop));

    t.timer = core_timer_new(t.loop, tick, &t);
    core_timer_start(t.timer, 10, 10);
    core_loop_run(t.loop);
    assert_int_equal(t.ticks, 3);
    assert_true(core_mono_ms(core_env_real()) - start >= 28);
    while (core_loop_turn(t.loop))
        ;
    core_loop_free(t.loop);
    core_timer_free(NULL);
}

static void rearm(void *arg)
{
    struct ticking *t = arg;

    if (++t->ticks == 5)
        core_loop_stop(t->loop);
    else
        core_timer_start(t->timer, 1, 0);
}

static void a_timer_may_start_itself_again(void **state)
{
    (void)state;
    struct ticking t = {.loop = core_loop_new(core_env_real())};
    struct core_timer *never = core_timer_new(t.loop, tick, NULL);

    t.timer = core_timer_new(t.loop, rearm, &t);
    core_timer_start(never, 1, 0);
    core_timer_stop(never);
    core_timer_start(t.timer, 100000, 0);
    core_timer_start(t.timer, 1, 0);
    core_loop_run(t.loop);
    assert_int_equal(t.ticks, 5);
    core_timer_free(t.timer);
    core_timer_free(never);
    core_loop_free(t.loop);
}

static void on_signal(void *arg, int signo)
{
    struct ticking *t = arg;

    t->ticks += (unsigned)signo;
    core_loop_stop(t->loop);
}

static void signals_arrive_on_the_loop(void **state)
{
    (void)state;
    struct ticking t = {.loop = core_loop_new(core_env_real())};

    core_loop_signal(t.loop, SIGUSR1, on_signal, &t);
    assert_false(core_loop_turn(t.loop)); /* a signal is no reason to live */
    kill(getpid(), SIGUSR1);
    core_loop_run(t.loop);
    assert_int_equal(t.ticks, SIGUSR1);
    core_loop_free(t.loop);
}

static void *stopper_main(void *arg)
{
    core_loop_stop(arg);
    return NULL;
}

static void stop_works_from_any_thread_and_before_the_run(void **state)
{
    (void)state;
    struct core_loop *loop = core_loop_new(core_env_real());
    pthread_t thread;

    pthread_create(&thread, NULL, stopper_main, loop);
    core_loop_run(loop);
    pthread_join(thread, NULL);
    core_loop_stop(loop);
    core_loop_run(loop);
    core_loop_free(loop);
}

/* --- Time ----------------------------------------------------------------------------------- */

enum { PAUSE_MS = 20, TICKS = 3 };

struct clock {
    struct core_rest rest; /* first */
    struct core_loop *loop;
    unsigned ticks;
};

static bool clock_rests(struct core_rest *rest)
{
    struct clock *c = (struct clock *)rest;

    (void)core_loop_now(c->loop);
    return false;
}

static void clock_ticks(void *arg)
{
    struct clock *c = arg;

    uint64_t real_ms = core_mono_ms(core_loop_env(c->loop));
    struct core_loop_time now = core_loop_now(c->loop);

    assert_true(now.mono_ms >= real_ms);
    while (core_mono_ms(core_loop_env(c->loop)) <= now.mono_ms + 1)
        continue;
    assert_int_equal(core_loop_now(c->loop).mono_ms, now.mono_ms);
    assert_int_equal(core_loop_now(c->loop).wall_ms, now.wall_ms);
    if (++c->ticks == TICKS)
        core_loop_stop(c->loop);
}

static void a_turn_shares_its_time_and_waiting_ends_it(void **state)
{
    (void)state;
    struct clock c = {.rest.fn = clock_rests, .loop = core_loop_new(core_env_real())};
    struct core_timer *timer = core_timer_new(c.loop, clock_ticks, &c);

    core_loop_rest(c.loop, &c.rest);
    core_timer_start(timer, PAUSE_MS, PAUSE_MS);
    core_loop_run(c.loop);
    core_timer_free(timer);
    core_loop_rest_end(c.loop, &c.rest);
    core_loop_free(c.loop);
}

/* --- Log ------------------------------------------------------------------------------------ */

struct reader {
    pthread_t thread;
    struct core_loop *loop;
    int fd;
    char got[256];
};

static void *reader_main(void *arg)
{
    struct reader *r = arg;

    assert_true(read(r->fd, r->got, sizeof r->got - 1) > 0);
    core_loop_stop(r->loop);
    return NULL;
}

static void log_later(struct core_post *post)
{
    (void)post;
    core_log_later(CORE_LOG_WARN, "waits");
}

static void gathered_lines_leave_before_the_loop_waits(void **state)
{
    (void)state;
    struct reader r = {.loop = core_loop_new(core_env_real())};
    struct core_post post = {.fn = log_later};
    int fds[2], saved = dup(STDERR_FILENO);

    assert_int_equal(pipe(fds), 0);
    dup2(fds[1], STDERR_FILENO);
    r.fd = fds[0];
    core_loop_post(r.loop, &post);
    assert_int_equal(pthread_create(&r.thread, NULL, reader_main, &r), 0);
    alarm(60); /* nothing else would stop a loop that keeps the line */
    core_loop_run(r.loop);
    alarm(0);
    pthread_join(r.thread, NULL);
    assert_non_null(strstr(r.got, "event=waits\n"));
    core_loop_free(r.loop);
    dup2(saved, STDERR_FILENO);
    close(saved);
    close(fds[0]);
    close(fds[1]);
}

struct stopping {
    struct core_post post; /* first */
    struct core_loop *loop;
};

static void log_later_and_stop(struct core_post *post)
{
    log_later(post);
    core_loop_stop(((struct stopping *)post)->loop);
}

static void gathered_lines_leave_when_the_loop_stops(void **state)
{
    (void)state;
    struct core_loop *loop = core_loop_new(core_env_real());
    struct stopping last = {{.fn = log_later_and_stop}, loop};
    char got[256] = "";
    int fds[2], saved = dup(STDERR_FILENO);

    assert_int_equal(pipe2(fds, O_NONBLOCK), 0);
    dup2(fds[1], STDERR_FILENO);
    core_loop_post(loop, &last.post);
    core_loop_run(loop);
    assert_true(read(fds[0], got, sizeof got - 1) > 0);
    assert_non_null(strstr(got, "event=waits\n"));
    core_loop_free(loop);
    dup2(saved, STDERR_FILENO);
    close(saved);
    close(fds[0]);
    close(fds[1]);
}

enum { LONG_MESSAGES = 4 };
struct turns {
    struct core_loop *loop;
    struct core_timer *timer;
    unsigned ran, ran_before_tick;
    bool ticked;
};
struct long_message {
    struct core_post post; /* first */
    struct turns *turns;
};

struct rested {
    struct core_rest rest;
    struct core_post post;
    struct core_loop *loop;
    unsigned steps, rests, seen[2]; /* steps when it rested */
};

static void step(struct core_post *post)
{
    struct rested *r = (struct rested *)((char *)post - offsetof(struct rested, post));

    if (++r->steps == 3)
        core_loop_stop(r->loop);
    else
        core_loop_post(r->loop, &r->post);
}

static bool note_rest(struct core_rest *rest)
{
    struct rested *r = (struct rested *)rest;

    if (r->rests < 2)
        r->seen[r->rests] = r->steps;
    r->rests++;
    return r->rests == 4; /* once more */
}

static void what_gathers_leaves_before_each_wait(void **state)
{
    struct core_loop *loop = core_loop_new(core_env_real());
    struct rested a = {.loop = loop, .rest.fn = note_rest, .post.fn = step}, b = a;

    (void)state;
    core_loop_rest(loop, &a.rest);
    core_loop_rest(loop, &b.rest);
    core_loop_rest_end(loop, &b.rest);
    core_loop_post(loop, &a.post);
    core_loop_run(loop);
    /* Before the first step, between the steps, and when the loop stopped. */
    assert_int_equal(a.seen[0], 0);
    assert_int_equal(a.seen[1], 1);
    assert_int_equal(a.rests, 5);
    assert_int_equal(b.rests, 0);
    core_loop_rest_end(loop, &a.rest);
    core_loop_free(loop);
}

static void work_long(struct core_post *post)
{
    struct turns *t = ((struct long_message *)post)->turns;
    const struct timespec longer = {.tv_nsec = 2 * CORE_LIMIT_LOOP_TURN_NS};
    nanosleep(&longer, NULL);
    if (++t->ran == LONG_MESSAGES)
        core_loop_stop(t->loop);
}

static void tick_between(void *arg)
{
    struct turns *t = arg;
    t->ran_before_tick = t->ticked ? t->ran_before_tick : t->ran;
    t->ticked = true;
}

/* Whether they come through a box or not: a turn of them is short, and all run in the end. */
static void many_messages_leave_room(void **state)
{
    (void)state;
    for (int boxed = 0; boxed < 2; boxed++) {
        struct turns t = {.loop = core_loop_new(core_env_real())};
        struct long_message messages[LONG_MESSAGES];
        struct core_box box;
        core_box_init(&box, t.loop);
        t.timer = core_timer_new(t.loop, tick_between, &t);
        core_timer_start(t.timer, 1, 0);
        for (int i = 0; i < LONG_MESSAGES; i++) {
            messages[i] = (struct long_message){{.fn = work_long}, &t};
            if (boxed)
                core_box_post(&box, &messages[i].post);
            else
                core_loop_post(t.loop, &messages[i].post);
        }
        core_loop_run(t.loop);
        assert_int_equal(t.ran, LONG_MESSAGES);
        assert_true(t.ticked && t.ran_before_tick < LONG_MESSAGES);
        core_timer_free(t.timer);
        core_box_done(&box);
        core_loop_free(t.loop);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(messages_keep_their_order),
        cmocka_unit_test(a_box_delivers_in_order),
        cmocka_unit_test(a_freed_box_delivers_what_is_left),
        cmocka_unit_test(a_message_may_free_its_box),
        cmocka_unit_test(waiting_messages_run_when_the_loop_is_freed),
        cmocka_unit_test(timers_repeat_and_may_free_themselves),
        cmocka_unit_test(a_timer_may_start_itself_again),
        cmocka_unit_test(signals_arrive_on_the_loop),
        cmocka_unit_test(stop_works_from_any_thread_and_before_the_run),
        cmocka_unit_test(a_turn_shares_its_time_and_waiting_ends_it),
        cmocka_unit_test(gathered_lines_leave_before_the_loop_waits),
        cmocka_unit_test(gathered_lines_leave_when_the_loop_stops),
        cmocka_unit_test(what_gathers_leaves_before_each_wait),
        cmocka_unit_test(many_messages_leave_room),
    };
    return cmocka_run_group_tests_name("core_loop", tests, NULL, NULL);
}
