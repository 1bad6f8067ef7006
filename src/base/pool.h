/* SPDX-License-Identifier: Apache-2.0 */
/* A thread pool. Tasks depend on shapes only, so results do not depend on the number of threads. */
#pragma once

struct pool;

enum { POOL_MOST = 1024 };

/* threads <= 0: as affinity and cgroup allow; at most POOL_MOST. NULL: out of memory. */
struct pool *pool_create(int threads);
void pool_destroy(struct pool *pool);      /* may be NULL */
int pool_threads(const struct pool *pool); /* concurrent workers including the caller; 1 for NULL */

/* Calls fn(arg, task, worker) once per task in 0..tasks-1 with worker in 0..pool_threads-1, never
 * two at once with one worker; returns when all are done. With a NULL or busy pool, the caller runs
 * everything as worker 0. */
typedef void pool_fn(void *arg, int task, int worker);
void pool_run(struct pool *pool, int tasks, pool_fn *fn, void *arg);
