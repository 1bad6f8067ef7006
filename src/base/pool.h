/* SPDX-License-Identifier: Apache-2.0 */
/* A pool of threads that share the tasks of one call.  How work is cut into tasks depends on shapes
 * only, never on the number of threads, so results do not depend on it either. */
#ifndef BASE_POOL_H
#define BASE_POOL_H

struct pool;

enum { POOL_MOST = 1024 };

/* `threads` <= 0: as many as affinity mask and cgroup quota allow; more than POOL_MOST: that many.
 * NULL when there is no memory. */
struct pool *pool_create(int threads);
void pool_destroy(struct pool *pool); /* NULL is fine */
int pool_threads(
    const struct pool *pool); /* workers that may run at once, the caller among them; 1 for NULL */

/* Calls fn(arg, task, worker) once for every task in 0..tasks-1, worker in 0..pool_threads-1 (no
 * two at once with the same worker), and returns when all are done.  When the pool is NULL or
 * serves another call already, everything runs on the caller as worker 0. */
typedef void pool_fn(void *arg, int task, int worker);
void pool_run(struct pool *pool, int tasks, pool_fn *fn, void *arg);

#endif
