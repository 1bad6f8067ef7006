/* SPDX-License-Identifier: Apache-2.0 */
/* The thread pool: every task once, nothing shared by two workers, nested and concurrent calls. */
#include "unit/expect.h"

#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

#include "base/cpu.h"
#include "base/pool.h"

enum { MOST = 5000, WORKERS = 8 };

struct job {
    struct pool *pool;
    atomic_int calls[MOST];
    atomic_int inside[WORKERS]; /* tasks a worker is in */
    atomic_int faults;          /* cmocka's assertions belong to the main thread */
    int workers;
};

static void enter(struct job *job, int worker)
{
    if (worker < 0 || worker >= job->workers || atomic_fetch_add(&job->inside[worker], 1) != 0)
        atomic_fetch_add(&job->faults, 1);
}

static void count(void *arg, int task, int worker)
{
    struct job *job = arg;
    enter(job, worker);
    atomic_fetch_add(&job->calls[task], 1);
    atomic_fetch_sub(&job->inside[worker], 1);
}

static void check_counts(struct job *job, int tasks, int expected)
{
    assert_int_equal(atomic_load(&job->faults), 0);
    for (int i = 0; i < MOST; i++)
        if (atomic_exchange(&job->calls[i], 0) != (i < tasks ? expected : 0))
            fail_msg("task %d of %d", i, tasks);
}

static void test_every_task_once(void **state)
{
    (void)state;
    static const int tasks[] = {-1, 0, 1, 2, 3, 7, 64, MOST};
    for (int threads = 1; threads <= WORKERS; threads++) {
        struct pool *pool = pool_create(threads);
        static struct job job;
        job.workers = threads;
        assert_int_equal(pool_threads(pool), threads);
        for (size_t i = 0; i < sizeof tasks / sizeof *tasks; i++) {
            pool_run(pool, tasks[i], count, &job);
            check_counts(&job, tasks[i], 1);
        }
        pool_destroy(pool);
    }
}

/* Plain memory written by tasks is seen by the caller, and what the caller wrote is seen by tasks;
 * TSan watches. */
static void square(void *arg, int task, int worker)
{
    (void)worker;
    int *x = arg;
    x[task] *= x[task];
}

static void test_many_short_calls(void **state)
{
    (void)state;
    struct pool *pool = pool_create(4);
    for (int call = 0; call < 3000; call++) {
        int x[9], tasks = 2 + call % 8;
        for (int i = 0; i < 9; i++) x[i] = call + i;
        pool_run(pool, tasks, square, x);
        for (int i = 0; i < 9; i++)
            assert_int_equal(x[i], i < tasks ? (call + i) * (call + i) : call + i);
    }
    pool_destroy(pool);
}

static void test_sleeping_workers_wake(void **state)
{
    (void)state;
    struct pool *pool = pool_create(3);
    static struct job job;
    job.workers = 3;
    for (int call = 0; call < 20; call++) {
        nanosleep(&(struct timespec){0, 2000000}, NULL); /* far longer than they spin */
        pool_run(pool, 50, count, &job);
        check_counts(&job, 50, 1);
    }
    pool_destroy(pool);
}

/* Both tasks wait for each other, which needs two threads at once. */
static void meet(void *arg, int task, int worker)
{
    (void)task;
    (void)worker;
    atomic_int *here = arg;
    struct timespec start, now;
    clock_gettime(CLOCK_MONOTONIC, &start);
    atomic_fetch_add(here, 1);
    do {
        clock_gettime(CLOCK_MONOTONIC, &now);
        if (now.tv_sec - start.tv_sec > 600) return;
    } while (atomic_load(here) % 2 != 0);
}

static void test_really_parallel(void **state)
{
    (void)state;
    struct pool *pool = pool_create(2);
    for (int call = 0; call < 50; call++) {
        atomic_int here = 0;
        struct timespec start, now;
        clock_gettime(CLOCK_MONOTONIC, &start);
        pool_run(pool, 2, meet, &here);
        clock_gettime(CLOCK_MONOTONIC, &now);
        assert_true(now.tv_sec - start.tv_sec < 600);
    }
    pool_destroy(pool);
}

static void inner(void *arg, int task, int worker)
{
    struct job *job = arg;
    if (worker != 0) atomic_fetch_add(&job->faults, 1);
    atomic_fetch_add(&job->calls[task], 1);
}

static void outer(void *arg, int task, int worker)
{
    struct job *job = arg;
    (void)task;
    enter(job, worker);
    pool_run(job->pool, 10, inner, job);
    atomic_fetch_sub(&job->inside[worker], 1);
}

static void test_nested_runs_inline(void **state)
{
    (void)state;
    static struct job job;
    job.pool = pool_create(4);
    job.workers = 4;
    pool_run(job.pool, 100, outer, &job);
    check_counts(&job, 10, 100);
    pool_destroy(job.pool);
}

static void *another_caller(void *arg)
{
    struct pool *pool = arg;
    for (int call = 0; call < 300; call++) {
        int x[40];
        for (int i = 0; i < 40; i++) x[i] = i;
        pool_run(pool, 40, square, x);
        for (int i = 0; i < 40; i++)
            if (x[i] != i * i) return pool;
    }
    return NULL;
}

static void test_callers_at_once(void **state)
{
    (void)state;
    struct pool *pool = pool_create(3);
    pthread_t callers[4];
    for (int i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&callers[i], NULL, another_caller, pool), 0);
    for (int i = 0; i < 4; i++) {
        void *wrong;
        pthread_join(callers[i], &wrong);
        assert_null(wrong);
    }
    pool_destroy(pool);
}

static void test_defaults(void **state)
{
    (void)state;
    static struct job job;
    job.workers = 1;
    pool_run(NULL, 9, count, &job);
    check_counts(&job, 9, 1);
    assert_int_equal(pool_threads(NULL), 1);
    pool_destroy(NULL);
    struct pool *pool = pool_create(0);
    assert_int_equal(pool_threads(pool), cpu_count());
    pool_destroy(pool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_task_once),
        cmocka_unit_test(test_many_short_calls),
        cmocka_unit_test(test_sleeping_workers_wake),
        cmocka_unit_test(test_really_parallel),
        cmocka_unit_test(test_nested_runs_inline),
        cmocka_unit_test(test_callers_at_once),
        cmocka_unit_test(test_defaults),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
