/* SPDX-License-Identifier: Apache-2.0 */
/* Jobs wait for workers.  The next one is of the client that was served longest ago, so one client
 * with many requests does not hold up the others. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "attunet.h"

enum { QUEUE_CLIENT = 64, QUEUE_ID = 40, QUEUE_MODELS = 64 };

double queue_clock(void); /* seconds, monotonic */

struct worker {
    int threads;                         /* of each context */
    const char *isa;                     /* NULL: the best */
    struct queue *queue;                 /* the one that it works for */
    struct job *job;                     /* what it works on, or NULL */
    att_context *contexts[QUEUE_MODELS]; /* one for each model, which keeps its plan and memory */
};
/* The worker's context for a model, made when it is first needed; NULL: out of memory. */
att_context *worker_context(struct worker *w, int model);

bool worker_stopped(struct worker *w); /* whether nobody needs its job any more */

enum job_end { JOB_DONE, JOB_LEFT, JOB_LATE, JOB_CLOSED };
struct job {
    void (*work)(struct job *j, struct worker *w); /* on a worker's thread */
    bool (*gone)(void *user);                      /* whether nobody waits for it any more */
    void *user;
    char client[QUEUE_CLIENT], id[QUEUE_ID]; /* id: "" or how the client asks for its progress */
    double deadline;                         /* by queue_clock */
    /* Of the queue. */
    enum { JOB_WAITS, JOB_RUNS, JOB_ENDED } state;
    enum job_end end;
    double queued, begun, ended;
    int64_t done, total;
    int place; /* of its client, where it was found last */
    struct worker *worker;
    struct job *next;
    void *signal;
};

/* NULL: no memory or no threads. */
struct queue *queue_create(int workers, int threads, const char *isa);
/* Runs a job and waits for its end; it is stopped when its client is gone, at its deadline, and
 * when the queue closes. */
enum job_end queue_run(struct queue *q, struct job *j);
void queue_close(struct queue *q);   /* stops what runs and what waits; queue_run returns */
void queue_destroy(struct queue *q); /* after all calls of queue_run have returned */
void queue_counts(struct queue *q, int *waiting, int *running);
/* Progress of the job with this id; false: there is none.  *waiting: jobs that wait, if it does. */
bool queue_progress(struct queue *q, const char *id, int64_t *done, int64_t *total, int *waiting);
