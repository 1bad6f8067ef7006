/* SPDX-License-Identifier: Apache-2.0 */
/* Cuts many small pieces of work into tasks for pool_run, by sizes alone: the same for any number
 * of threads. */
#pragma once

#include "base/ints.h"

struct tasks {
    size_t count, each; /* pieces in all, and per task */
};

/* A piece costs `cost` samples; a task takes about `wanted`. */
static inline struct tasks tasks_cut(size_t count, size_t cost, size_t wanted)
{
    size_t each = cost >= wanted ? 1 : cost ? wanted / cost : wanted;
    return (struct tasks){count, count / each > 1 << 20 ? count >> 20 : each};
}

static inline int tasks_count(const struct tasks *t)
{
    return (int)divide_up_size(t->count, t->each);
}

/* Pieces from..till - 1 of a task. */
static inline size_t tasks_from(const struct tasks *t, int task) { return (size_t)task * t->each; }
static inline size_t tasks_till(const struct tasks *t, int task)
{
    size_t from = tasks_from(t, task);
    return t->count - from < t->each ? t->count : from + t->each;
}
