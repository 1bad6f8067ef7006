/* SPDX-License-Identifier: Apache-2.0 */
/* What the parts of planning share: plan.c lists steps, plan_lives.c says how long everything
 * lives, plan_place.c where it lies, recompute.c what is made again in the backward pass to keep a
 * limit. */
#ifndef GRAPH_PLAN_PARTS_H
#define GRAPH_PLAN_PARTS_H

#include "graph/plan.h"

/* A piece of the work region and the steps (first..last) during which it is needed. */
struct piece {
    size_t bytes;
    int first, last;
    ptrdiff_t at;
};

struct planner {
    const struct graph *g;
    struct plan *p;
    struct plan_step
        *back; /* the backward steps, as they follow each other without anything made again */
    int nback, max_steps;
    struct piece *value, *grad, *scratch; /* values: one each, then one for each time that a map is
                                             made again; per value; per step */
    int npieces;                          /* in `value` */
    int *alias, *grad_alias;              /* the piece whose place this one shares, or itself */
    int *now; /* while steps are walked through: the piece in which a value is */
    size_t *work_forward, *work_back; /* scratch of each node's steps */
    struct piece **list, **busy;      /* for placing */
};

enum { NEVER = -1 };

/* Room for steps beside each node's forward and backward: so many per node, on the whole. */
enum { PLAN_REPEATS = 6 };

static inline bool planner_in_work(const struct value *v)
{
    return v->kind != VALUE_PARAM && !v->unstored;
}
static inline bool planner_grad_lives(const struct value *v)
{
    return v->grad && (v->kind == VALUE_MAP || v->kind == VALUE_INPUT);
}

/* What a forward step takes, as multiply-adds: also what it writes takes time. */
double plan_price(const struct graph *g, const struct node *n);

void planner_lives(struct planner *q); /* of the steps as they are now */
void planner_place(struct planner
        *q); /* after planner_lives: offsets of everything, and the size of the work region */

/* Repeats steps until the plan fits into `limit` bytes; else ATT_MEMORY, and *least is the smallest
 * limit that would do. */
att_status recompute_choose(struct planner *q, size_t limit, size_t *min, struct err *e);

#endif
