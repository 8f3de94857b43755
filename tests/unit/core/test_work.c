/* test_work.c: pools run every piece once and answer every piece, whatever happens to the pool. */
#include "core/work.h"

#include "core/err.h"

#include <semaphore.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#define THREADS 3

struct fixture {
    struct core_loop *loop;
    struct core_work_pool *pool;
    unsigned done;
    unsigned stop_at;
    unsigned cancelled;
    unsigned closed;
    atomic_uint ran;
    atomic_uint per_worker[THREADS];
    sem_t started;
    sem_t go;
};

struct piece {
    struct core_work work;
    struct fixture *f;
    bool saw_cancel;
};

static void piece_done(struct core_work *work, int status)
{
    struct piece *p = (struct piece *)work;
    struct fixture *f = p->f;

    f->cancelled += status == CORE_ECANCELLED;
    f->closed += status == CORE_ECLOSED;
    if (++f->done == f->stop_at)
        core_loop_stop(f->loop);
}

static void count_run(struct core_work *work, unsigned worker)
{
    struct piece *p = (struct piece *)work;

    atomic_fetch_add(&p->f->ran, 1);
    atomic_fetch_add(&p->f->per_worker[worker], 1);
}

static void wait_run(struct core_work *work, unsigned worker)
{
    struct piece *p = (struct piece *)work;

    count_run(work, worker);
    sem_post(&p->f->started);
    sem_wait(&p->f->go);
    p->saw_cancel = core_work_cancelled(work);
}

static void set_up(struct fixture *f, unsigned threads, unsigned queue_max)
{
    *f = (struct fixture){.loop = core_loop_new(core_env_real())};
    f->pool = core_work_pool_new(f->loop, &(struct core_work_options){
                                              .name = "test",
                                              .threads = threads,
                                              .queue_max = queue_max,
                                              .background = true,
                                          });
    sem_init(&f->started, 0, 0);
    sem_init(&f->go, 0, 0);
}

static void tear_down(struct fixture *f)
{
    core_work_pool_free(f->pool);
    core_loop_free(f->loop);
    sem_destroy(&f->started);
    sem_destroy(&f->go);
}

static int submit(struct fixture *f, struct piece *p, void (*run)(struct core_work *, unsigned))
{
    *p = (struct piece){.work = {.run = run, .done = piece_done}, .f = f};
    return core_work_submit(f->pool, &p->work);
}

static void every_piece_runs_once(void **state)
{
    (void)state;
    enum { N = 5000 };
    struct fixture f;
    struct piece *pieces = calloc(N, sizeof *pieces);

    set_up(&f, THREADS, N);
    f.stop_at = N;
    for (int i = 0; i < N; i++)
        assert_int_equal(submit(&f, &pieces[i], count_run), 0);
    core_loop_run(f.loop);
    assert_int_equal(f.done, N);
    assert_int_equal(f.ran, N);
    assert_int_equal(f.per_worker[0] + f.per_worker[1] + f.per_worker[2], N);
    assert_int_equal(core_work_waiting(f.pool), 0);
    tear_down(&f);
    free(pieces);
}

static void a_full_queue_refuses(void **state)
{
    (void)state;
    struct fixture f;
    struct piece running;
    struct piece waiting[2];
    struct piece refused;

    set_up(&f, 1, 2);
    f.stop_at = 3;
    assert_int_equal(submit(&f, &running, wait_run), 0);
    sem_wait(&f.started);
    assert_int_equal(submit(&f, &waiting[0], count_run), 0);
    assert_int_equal(submit(&f, &waiting[1], count_run), 0);
    assert_int_equal(core_work_waiting(f.pool), 2);
    assert_int_equal(submit(&f, &refused, count_run), CORE_ELIMIT);
    sem_post(&f.go);
    core_loop_run(f.loop);
    assert_int_equal(f.ran, 3);
    tear_down(&f);
}

static void cancelling_answers_waiting_and_flags_running(void **state)
{
    (void)state;
    struct fixture f;
    struct piece running;
    struct piece waiting[4];

    set_up(&f, 1, 10);
    f.stop_at = 5;
    submit(&f, &running, wait_run);
    sem_wait(&f.started);
    for (int i = 0; i < 4; i++)
        submit(&f, &waiting[i], count_run);
    core_work_cancel(&waiting[3].work); /* last */
    core_work_cancel(&waiting[1].work); /* middle */
    core_work_cancel(&waiting[0].work); /* first */
    core_work_cancel(&waiting[0].work); /* again: no second answer */
    core_work_cancel(&running.work);
    assert_int_equal(f.done, 0);
    assert_int_equal(core_work_waiting(f.pool), 1);
    sem_post(&f.go);
    core_loop_run(f.loop);
    assert_int_equal(f.cancelled, 3);
    assert_int_equal(f.ran, 2);
    assert_true(running.saw_cancel);
    tear_down(&f);
    assert_int_equal(f.done, 5);
}

static void freeing_answers_all(void **state)
{
    (void)state;
    struct fixture f;
    struct piece running;
    struct piece waiting[8];

    set_up(&f, 1, 8);
    submit(&f, &running, wait_run);
    sem_wait(&f.started);
    for (int i = 0; i < 8; i++)
        submit(&f, &waiting[i], wait_run);
    sem_post(&f.go);
    /* The thread may or may not take one more before it sees the end. */
    for (int i = 0; i < 8; i++)
        sem_post(&f.go);
    tear_down(&f);
    assert_int_equal(f.done, 9);
    assert_int_equal(f.ran + f.closed, 9);
    core_work_pool_free(NULL);
}

static void slow_run(struct core_work *work, unsigned worker)
{
    struct piece *p = (struct piece *)work;

    count_run(work, worker);
    sem_post(&p->f->started);
    usleep(50000);
}

static void resubmits(struct core_work *work, int status)
{
    struct piece *p = (struct piece *)work;

    p->f->closed += status == CORE_ECLOSED;
    p->f->done++;
    assert_int_equal(core_work_submit(p->f->pool, work), CORE_ECLOSED);
}

static void a_closing_pool_takes_nothing(void **state)
{
    (void)state;
    struct fixture f;
    struct piece running;
    struct piece waiting = {.work = {.run = count_run, .done = resubmits}, .f = &f};

    set_up(&f, 1, 8);
    submit(&f, &running, slow_run);
    sem_wait(&f.started);
    assert_int_equal(core_work_submit(f.pool, &waiting.work), 0);
    tear_down(&f); /* while the first one sleeps */
    assert_int_equal(f.ran, 1);
    assert_int_equal(f.closed, 1);
    assert_int_equal(f.done, 2);
}

static void frees_the_pool(struct core_work *work, int status)
{
    struct fixture *f = ((struct piece *)work)->f;

    (void)status;
    core_work_pool_free(f->pool);
    f->pool = NULL;
    core_loop_stop(f->loop);
}

static void done_may_free_the_pool(void **state)
{
    (void)state;
    struct fixture f;
    struct piece first = {.work = {.run = wait_run, .done = frees_the_pool}, .f = &f};
    struct piece others[3];

    set_up(&f, 1, 8);
    assert_int_equal(core_work_submit(f.pool, &first.work), 0);
    sem_wait(&f.started);
    for (int i = 0; i < 3; i++)
        submit(&f, &others[i], count_run);
    sem_post(&f.go);
    core_loop_run(f.loop);
    assert_int_equal(f.done, 3);
    tear_down(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_piece_runs_once),
        cmocka_unit_test(a_full_queue_refuses),
        cmocka_unit_test(cancelling_answers_waiting_and_flags_running),
        cmocka_unit_test(freeing_answers_all),
        cmocka_unit_test(a_closing_pool_takes_nothing),
        cmocka_unit_test(done_may_free_the_pool),
    };
    return cmocka_run_group_tests_name("core_work", tests, NULL, NULL);
}
