/* SPDX-License-Identifier: Apache-2.0 */
/* Calls follow each other closely, so workers spin shortly before they sleep on a futex. A call
 * stores its number of tasks in `left`; whoever decrements it owns a task. `pending` counts
 * unfinished tasks; at 0 the call ends. A worker that wakes late finds `left` at 0 or takes a task
 * of a later call. fn, arg and tasks change only while `pending` is 0; only owners of a task read
 * them. */
#include "base/pool.h"

#include <limits.h>
#include <linux/futex.h>
#include <stdalign.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "base/cpu.h"
#include "base/mem.h"
#include "base/thread.h"

enum { SPIN_NS = 50000, PAUSES = 32 /* between clock reads */ };

struct worker {
    struct pool *pool;
    pthread_t thread;
    int index;
};

struct pool {
    alignas(64) atomic_int left;     /* not taken */
    alignas(64) atomic_uint pending; /* not finished; the caller sleeps on it */
    atomic_bool caller_sleeps;
    alignas(64) atomic_uint epoch; /* counts calls; workers sleep on it */
    atomic_int sleepers;
    atomic_bool stop;
    alignas(64) atomic_bool busy;
    pool_fn *fn;
    void *arg;
    int tasks;
    int threads;
    int64_t spin_ns;
    struct worker *workers; /* [threads - 1] */
};

static void futex_wait(atomic_uint *word, unsigned value)
{
    syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, value, NULL, NULL, 0);
}

static void futex_wake(atomic_uint *word, int count)
{
    syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, count, NULL, NULL, 0);
}

static int64_t clock_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static void breathe(void)
{
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

/* Waits up to `ns` for a change; returns whether it came. */
static bool spin_while(atomic_uint *word, unsigned value, int64_t ns)
{
    int64_t end = ns > 0 ? clock_ns() + ns : 0;
    do {
        for (int i = 0; i < PAUSES; i++) {
            if (atomic_load(word) != value) return true;
            if (ns <= 0) return false;
            breathe();
        }
    } while (clock_ns() < end);
    return false;
}

static bool take_task(struct pool *pool, int *left)
{
    *left = atomic_load_explicit(&pool->left, memory_order_relaxed);
    while (*left > 0)
        if (atomic_compare_exchange_weak(&pool->left, left, *left - 1)) return true;
    return false;
}

/* A call cannot end while a worker has uncounted tasks, so it counts them together at the end. */
static void work(struct pool *pool, int worker)
{
    unsigned finished = 0;
    int left;
    while (take_task(pool, &left)) {
        pool->fn(pool->arg, pool->tasks - left, worker);
        finished++;
    }
    if (!finished) return;
    bool last = atomic_fetch_sub(&pool->pending, finished) == finished;
    if (last && atomic_load(&pool->caller_sleeps)) futex_wake(&pool->pending, 1);
}

static void *worker_main(void *arg)
{
    struct worker *self = arg;
    struct pool *pool = self->pool;
    while (!atomic_load(&pool->stop)) {
        unsigned epoch = atomic_load(&pool->epoch);
        work(pool, self->index);
        if (spin_while(&pool->epoch, epoch, pool->spin_ns)) continue;
        atomic_fetch_add(&pool->sleepers, 1);
        if (!atomic_load(&pool->stop)) futex_wait(&pool->epoch, epoch);
        atomic_fetch_sub(&pool->sleepers, 1);
    }
    return NULL;
}

static void wait_for_all(struct pool *pool)
{
    unsigned pending;
    while ((pending = atomic_load(&pool->pending)) != 0) {
        if (spin_while(&pool->pending, pending, pool->spin_ns)) continue;
        atomic_store(&pool->caller_sleeps, true);
        pending = atomic_load(&pool->pending);
        if (pending) futex_wait(&pool->pending, pending);
        atomic_store(&pool->caller_sleeps, false);
    }
}

void pool_run(struct pool *pool, int tasks, pool_fn *fn, void *arg)
{
    if (!pool || pool->threads == 1 || tasks <= 1 || atomic_exchange(&pool->busy, true)) {
        for (int i = 0; i < tasks; i++) fn(arg, i, 0);
        return;
    }
    pool->fn = fn;
    pool->arg = arg;
    pool->tasks = tasks;
    atomic_store(&pool->pending, (unsigned)tasks);
    atomic_store(&pool->left, tasks);
    atomic_fetch_add(&pool->epoch, 1);
    if (atomic_load(&pool->sleepers) > 0) futex_wake(&pool->epoch, tasks - 1);
    work(pool, 0);
    wait_for_all(pool);
    atomic_store(&pool->busy, false);
}

/* May start fewer. */
static void start_workers(struct pool *pool, int count)
{
    for (int i = 0; i < count; i++) {
        struct worker *w = &pool->workers[i];
        w->pool = pool;
        w->index = i + 1;
        if (thread_start(&w->thread, worker_main, w)) break;
        pool->threads++;
    }
}

struct pool *pool_create(int threads)
{
    int processors = cpu_count();
    if (threads <= 0) threads = processors;
    if (threads > POOL_MOST) threads = POOL_MOST;
    struct pool *pool = mem_alloc(sizeof *pool);
    if (!pool) return NULL;
    pool->workers = mem_array((size_t)threads, sizeof *pool->workers);
    if (!pool->workers) {
        mem_free(pool);
        return NULL;
    }
    pool->threads = 1;
    pool->spin_ns =
        threads > processors ? 0 : SPIN_NS; /* spinning would take processors from others */
    start_workers(pool, threads - 1);
    return pool;
}

void pool_destroy(struct pool *pool)
{
    if (!pool) return;
    atomic_store(&pool->stop, true);
    atomic_fetch_add(&pool->epoch, 1);
    futex_wake(&pool->epoch, INT_MAX);
    for (int i = 0; i < pool->threads - 1; i++) pthread_join(pool->workers[i].thread, NULL);
    mem_free(pool->workers);
    mem_free(pool);
}

int pool_threads(const struct pool *pool) { return pool ? pool->threads : 1; }
