/* SPDX-License-Identifier: Apache-2.0 */
/* Shared by the parts of planning: plan.c lists steps, plan_lives.c finds lifetimes, plan_place.c
 * assigns offsets, recompute.c repeats forward steps to keep a limit. */
#pragma once

#include "graph/plan.h"

/* A piece of the work region, in use during steps first..last. */
struct piece {
    size_t bytes;
    int first, last;
    ptrdiff_t at;
};

struct planner {
    const struct graph *g;
    struct plan *p;
    /* the backward steps without repeated ones */
    struct plan_step *back;
    int nback, max_steps;
    /* value: one per value, then one per repeated map; grad: per value; scratch: per step */
    struct piece *value, *grad, *scratch;
    int npieces;                      /* in `value` */
    int *alias, *grad_alias;          /* the piece that it shares memory with, or itself */
    int *now;                         /* during a walk over the steps: each value's piece */
    size_t *work_forward, *work_back; /* workspace of each node's steps */
    struct piece **list, **busy;      /* for placing */
};

enum { NEVER = -1 };

/* Capacity for repeated steps: the mean per node. */
enum { PLAN_REPEATS = 6 };

static inline bool planner_in_work(const struct value *v)
{
    return v->kind != VALUE_PARAM && !v->unstored;
}
static inline bool planner_grad_lives(const struct value *v)
{
    return v->grad && (v->kind == VALUE_MAP || v->kind == VALUE_INPUT);
}

/* The cost of a forward step in multiply-adds, with its writes. */
double plan_price(const struct graph *g, const struct node *n);

void planner_lives(struct planner *q); /* of the current steps */
/* after planner_lives: all offsets and the size of the work region */
void planner_place(struct planner *q);

/* Repeats steps until the plan fits `limit` bytes; else ATT_MEMORY, and *min is the smallest
 * sufficient limit. */
att_status recompute_choose(struct planner *q, size_t limit, size_t *min, struct err *e);
