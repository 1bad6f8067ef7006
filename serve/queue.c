/* SPDX-License-Identifier: Apache-2.0 */
#include "queue.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* How often the client of a job is looked at, while it runs or waits: a worker looks, too. */
enum { CLIENTS = 256, RUNS_MS = 50, WAITS_MS = 250 };

struct client {
    char name[QUEUE_CLIENT];
    uint64_t served; /* when, counted in jobs; 0: never */
};

struct queue {
    pthread_mutex_t lock;
    pthread_cond_t work; /* for workers */
    struct job *first;   /* that waits, in the order of arrival */
    struct client clients[CLIENTS];
    uint64_t served;
    bool closing;
    int count;
    struct worker *workers;
    pthread_t *threads;
};

double queue_clock(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static struct client *queue_client(struct queue *q, const char *name)
{
    struct client *oldest = q->clients;
    for (struct client *c = q->clients; c < q->clients + CLIENTS; c++) {
        if (strcmp(c->name, name) == 0) return c;
        if (c->served < oldest->served) oldest = c;
    }
    memset(oldest, 0, sizeof *oldest);
    snprintf(oldest->name, sizeof oldest->name, "%s", name);
    return oldest;
}

static uint64_t queue_served(const struct queue *q, struct job *j)
{
    if (strcmp(q->clients[j->place].name, j->client) == 0) return q->clients[j->place].served;
    for (int i = 0; i < CLIENTS; i++)
        if (strcmp(q->clients[i].name, j->client) == 0) {
            j->place = i;
            return q->clients[i].served;
        }
    return 0;
}

/* Takes out the job of the client that was served longest ago; the first of equals. */
static struct job *queue_take(struct queue *q)
{
    struct job **best = NULL;
    uint64_t least = UINT64_MAX;
    for (struct job **at = &q->first; *at; at = &(*at)->next) {
        const uint64_t served = queue_served(q, *at);
        if (served < least) least = served, best = at;
    }
    if (!best) return NULL;
    struct job *j = *best;
    *best = j->next;
    queue_client(q, j->client)->served = ++q->served;
    return j;
}

static void queue_end(struct job *j)
{
    j->state = JOB_ENDED;
    j->ended = queue_clock();
    pthread_cond_signal(j->signal);
}

static void *queue_worker(void *user)
{
    struct worker *w = user;
    struct queue *q = w->queue;
    pthread_mutex_lock(&q->lock);
    while (!q->closing) {
        struct job *j = queue_take(q);
        if (!j) {
            pthread_cond_wait(&q->work, &q->lock);
            continue;
        }
        if (j->gone && j->gone(j->user)) {
            j->end = JOB_LEFT;
            queue_end(j);
            continue;
        }
        j->state = JOB_RUNS;
        j->begun = queue_clock();
        j->worker = w;
        w->job = j;
        /* A stop that came as the last job ended is not for this one. */
        for (int i = 0; i < QUEUE_MODELS; i++) att_context_clear_stop(w->contexts[i]);
        pthread_mutex_unlock(&q->lock);
        j->work(j, w);
        pthread_mutex_lock(&q->lock);
        w->job = NULL;
        queue_end(j);
    }
    pthread_mutex_unlock(&q->lock);
    return NULL;
}

static void worker_progress(
    void *user, const char *what, int64_t done, int64_t total, const char *detail)
{
    struct worker *w = user;
    (void)what;
    (void)detail;
    pthread_mutex_lock(&w->queue->lock);
    if (w->job) w->job->done = done, w->job->total = total;
    pthread_mutex_unlock(&w->queue->lock);
}

att_context *worker_context(struct worker *w, int model)
{
    const att_callbacks calls = {
        .struct_size = sizeof calls, .user = w, .progress = worker_progress};
    if (w->contexts[model]) return w->contexts[model];
    att_context *c = NULL;
    if (att_context_create(w->threads, w->isa, &calls, &c) != ATT_OK) {
        att_context_destroy(c);
        return NULL;
    }
    pthread_mutex_lock(&w->queue->lock); /* queue_stop looks at it */
    w->contexts[model] = c;
    if (w->job->end != JOB_DONE) att_context_stop(c);
    pthread_mutex_unlock(&w->queue->lock);
    return c;
}

bool worker_stopped(struct worker *w)
{
    pthread_mutex_lock(&w->queue->lock);
    const bool stopped = w->job->end != JOB_DONE;
    pthread_mutex_unlock(&w->queue->lock);
    return stopped;
}

static void queue_free(struct queue *q)
{
    for (int i = 0; q->workers && i < q->count; i++)
        for (int k = 0; k < QUEUE_MODELS; k++) att_context_destroy(q->workers[i].contexts[k]);
    pthread_cond_destroy(&q->work);
    pthread_mutex_destroy(&q->lock);
    free(q->workers);
    free(q->threads);
    free(q);
}

struct queue *queue_create(int workers, int threads, const char *isa)
{
    struct queue *q = calloc(1, sizeof *q);
    if (!q) return NULL;
    pthread_mutex_init(&q->lock, NULL);
    pthread_cond_init(&q->work, NULL);
    q->workers = calloc((size_t)workers, sizeof *q->workers);
    q->threads = calloc((size_t)workers, sizeof *q->threads);
    bool good = q->workers && q->threads;
    while (good && q->count < workers) {
        q->workers[q->count] = (struct worker){.threads = threads, .isa = isa, .queue = q};
        good =
            pthread_create(&q->threads[q->count], NULL, queue_worker, &q->workers[q->count]) == 0;
        q->count += good;
    }
    if (good) return q;
    queue_close(q);
    queue_destroy(q);
    return NULL;
}

/* Ends a job that waits, or asks one that runs to stop. */
static void queue_stop(struct queue *q, struct job *j, enum job_end why)
{
    if (j->state == JOB_ENDED || j->end != JOB_DONE) return;
    j->end = why;
    if (j->state == JOB_RUNS) {
        for (int i = 0; i < QUEUE_MODELS; i++) att_context_stop(j->worker->contexts[i]);
        return;
    }
    for (struct job **at = &q->first; *at; at = &(*at)->next)
        if (*at == j) {
            *at = j->next;
            break;
        }
    queue_end(j);
}

/* Until the job ends, or a moment has passed. */
static void queue_wait(struct queue *q, struct job *j)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    t.tv_nsec += (j->state == JOB_RUNS ? RUNS_MS : WAITS_MS) * 1000000L;
    if (t.tv_nsec >= 1000000000L) t.tv_sec++, t.tv_nsec -= 1000000000L;
    pthread_cond_timedwait(j->signal, &q->lock, &t);
}

enum job_end queue_run(struct queue *q, struct job *j)
{
    pthread_cond_t signal;
    pthread_condattr_t by;
    struct job **last;
    pthread_condattr_init(&by);
    pthread_condattr_setclock(&by, CLOCK_MONOTONIC);
    pthread_cond_init(&signal, &by);
    pthread_condattr_destroy(&by);
    j->state = JOB_WAITS;
    j->end = JOB_DONE;
    j->queued = j->begun = j->ended = queue_clock();
    j->signal = &signal;
    j->place = 0;
    j->next = NULL;
    pthread_mutex_lock(&q->lock);
    for (last = &q->first; *last; last = &(*last)->next) {
    }
    *last = j;
    if (q->closing) queue_stop(q, j, JOB_CLOSED);
    pthread_cond_signal(&q->work);
    while (j->state != JOB_ENDED) {
        queue_wait(q, j);
        if (j->state == JOB_ENDED || j->end != JOB_DONE) continue;
        if (q->closing)
            queue_stop(q, j, JOB_CLOSED);
        else if (queue_clock() > j->deadline)
            queue_stop(q, j, JOB_LATE);
        else if (j->gone && j->gone(j->user))
            queue_stop(q, j, JOB_LEFT);
    }
    const enum job_end end = j->end;
    pthread_mutex_unlock(&q->lock);
    pthread_cond_destroy(&signal);
    return end;
}

void queue_close(struct queue *q)
{
    pthread_mutex_lock(&q->lock);
    q->closing = true;
    while (q->first) queue_stop(q, q->first, JOB_CLOSED);
    for (int i = 0; i < q->count; i++)
        if (q->workers[i].job) queue_stop(q, q->workers[i].job, JOB_CLOSED);
    pthread_cond_broadcast(&q->work);
    pthread_mutex_unlock(&q->lock);
}

void queue_destroy(struct queue *q)
{
    if (!q) return;
    for (int i = 0; i < q->count; i++) pthread_join(q->threads[i], NULL);
    queue_free(q);
}

static int queue_waiting(const struct queue *q)
{
    int count = 0;
    for (const struct job *j = q->first; j; j = j->next) count++;
    return count;
}

void queue_counts(struct queue *q, int *waiting, int *running)
{
    pthread_mutex_lock(&q->lock);
    *waiting = queue_waiting(q);
    *running = 0;
    for (int i = 0; i < q->count; i++) *running += q->workers[i].job != NULL;
    pthread_mutex_unlock(&q->lock);
}

bool queue_progress(struct queue *q, const char *id, int64_t *done, int64_t *total, int *waiting)
{
    bool found = false;
    *done = *total = 0;
    *waiting = 0;
    pthread_mutex_lock(&q->lock);
    for (int i = 0; i < q->count && !found; i++) {
        const struct job *j = q->workers[i].job;
        found = *id && j && strcmp(j->id, id) == 0;
        if (found) *done = j->done, *total = j->total;
    }
    for (const struct job *j = q->first; j && !found; j = j->next) {
        found = *id && strcmp(j->id, id) == 0;
        if (found) *waiting = queue_waiting(q);
    }
    pthread_mutex_unlock(&q->lock);
    return found;
}
