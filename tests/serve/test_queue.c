/* SPDX-License-Identifier: Apache-2.0 */
/* Clients take turns, and a job ends when its client leaves, at its deadline and with the queue. */
#include "unit/expect.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <unistd.h>

#include "../../serve/queue.h"

enum { JOBS = 12 };

struct entry {
    struct job job; /* the first member */
    pthread_t thread;
    struct queue *queue;
    enum job_end end;
};

static struct entry jobs[JOBS];
static atomic_int order[JOBS], ran, hold, stopped; /* places in `jobs`, as they ran */

static void note(struct job *j, struct worker *w)
{
    (void)w;
    while (atomic_load(&hold)) usleep(1000);
    atomic_store(&order[atomic_fetch_add(&ran, 1)], (int)((struct entry *)j - jobs));
}

static void *ask(void *user)
{
    struct entry *e = user;
    e->end = queue_run(e->queue, &e->job);
    return NULL;
}

/* Starts job `i` like `from` and waits until it has arrived, and the first of all runs. */
static void start_like(struct queue *q, int i, struct job from)
{
    int waiting, running, looks = 0;
    jobs[i] = (struct entry){.queue = q, .job = from};
    if (from.deadline <= 0) jobs[i].job.deadline = queue_clock() + 1000;
    assert_int_equal(pthread_create(&jobs[i].thread, NULL, ask, &jobs[i]), 0);
    do {
        usleep(1000);
        queue_counts(q, &waiting, &running);
        if (++looks > 30000) fail_msg("job %d does not arrive, or has ended", i);
    } while (!running || waiting + running <= i);
}

static void start(
    struct queue *q, int i, const char *client, void (*work)(struct job *j, struct worker *w))
{
    struct job j = {.work = work};
    snprintf(j.client, sizeof j.client, "%s", client);
    start_like(q, i, j);
}

static void finish(int count)
{
    for (int i = 0; i < count; i++) assert_int_equal(pthread_join(jobs[i].thread, NULL), 0);
}

/* a sends six, then b and c two each: they do not wait for all of a's. */
static void clients_take_turns(void **state)
{
    static const char *const from[] = {"a", "a", "a", "a", "a", "a", "b", "b", "c", "c"};
    static const int expected[] = {0, 6, 8, 1, 7, 9, 2, 3, 4, 5};
    enum { COUNT = sizeof expected / sizeof *expected };
    struct queue *q = queue_create(1, 1, "ref");
    (void)state;
    assert_non_null(q);
    atomic_store(&ran, 0);
    atomic_store(&hold, 1);
    for (int i = 0; i < COUNT; i++) start(q, i, from[i], note);
    atomic_store(&hold, 0);
    finish(COUNT);
    for (int i = 0; i < COUNT; i++) {
        assert_int_equal(atomic_load(&order[i]), expected[i]);
        assert_int_equal(jobs[i].end, JOB_DONE);
    }
    queue_close(q);
    queue_destroy(q);
}

static bool has_left(void *user) { return atomic_load((atomic_int *)user); }

/* Works until the context of its call is stopped. */
static void until_stopped(struct job *j, struct worker *w)
{
    att_settings *s;
    att_context *c = worker_context(w, 0);
    bool good = c && att_settings_create(c, "bench", &s) == ATT_OK &&
        att_settings_set(c, s, "spec", "widths=2,3 gated=all") == ATT_OK &&
        att_settings_set(c, s, "shape", "16x16") == ATT_OK;
    att_status status = ATT_OK;
    while (good && status == ATT_OK) status = att_bench(c, s, NULL);
    atomic_fetch_add(&stopped, good && status == ATT_INTERRUPTED);
    if (c) att_settings_destroy(s);
    (void)j;
}

static void a_job_is_stopped(void **state)
{
    atomic_int left = 0, left_early = 0;
    struct queue *q = queue_create(1, 1, "ref");
    (void)state;
    assert_non_null(q);
    atomic_store(&ran, 0);
    start_like(q, 0, (struct job){.work = until_stopped, .gone = has_left, .user = &left});
    /* Its time ends while it waits. */
    start_like(q, 1, (struct job){.work = note, .deadline = queue_clock() + .3});
    assert_int_equal(pthread_join(jobs[1].thread, NULL), 0);
    assert_int_equal(jobs[1].end, JOB_LATE);
    assert_int_equal(atomic_load(&ran), 0);
    /* Its client leaves while it waits, and the worker does not begin it. */
    start_like(q, 1, (struct job){.work = note, .gone = has_left, .user = &left_early});
    atomic_store(&left_early, 1);
    atomic_store(&left, 1);
    assert_int_equal(pthread_join(jobs[0].thread, NULL), 0);
    assert_int_equal(jobs[0].end, JOB_LEFT);
    assert_int_equal(pthread_join(jobs[1].thread, NULL), 0);
    assert_int_equal(jobs[1].end, JOB_LEFT);
    assert_int_equal(atomic_load(&ran), 0);
    /* The stop was of that job alone. */
    atomic_store(&hold, 1);
    start(q, 0, "a", note);
    atomic_store(&hold, 0);
    finish(1);
    assert_int_equal(jobs[0].end, JOB_DONE);
    start(q, 0, "a", until_stopped);
    start(q, 1, "b", note);
    queue_close(q);
    finish(2);
    assert_int_equal(jobs[0].end, JOB_CLOSED);
    assert_int_equal(jobs[1].end, JOB_CLOSED);
    assert_int_equal(atomic_load(&stopped), 2);
    queue_destroy(q);
}

static void progress_is_found_by_its_name(void **state)
{
    int64_t done, total;
    int waiting;
    struct queue *q = queue_create(1, 1, "ref");
    (void)state;
    assert_non_null(q);
    assert_false(queue_progress(q, "", &done, &total, &waiting));
    atomic_store(&hold, 1);
    atomic_store(&ran, 0);
    start(q, 0, "a", note);
    start_like(q, 1, (struct job){.work = note, .id = "x1"});
    assert_true(queue_progress(q, "x1", &done, &total, &waiting));
    assert_int_equal(waiting, 1);
    assert_false(queue_progress(q, "x2", &done, &total, &waiting));
    atomic_store(&hold, 0);
    finish(2);
    assert_false(queue_progress(q, "x1", &done, &total, &waiting));
    queue_close(q);
    queue_destroy(q);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(clients_take_turns),
        cmocka_unit_test(a_job_is_stopped), cmocka_unit_test(progress_is_found_by_its_name)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
