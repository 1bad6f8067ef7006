/* SPDX-License-Identifier: Apache-2.0 */
/* The mean of a network's results over several passes of one window: other weights, or the window
 * mirrored.  Only one window's results are held, however many passes there are. */
#ifndef PREDICT_PASSES_H
#define PREDICT_PASSES_H

#include "graph/run.h"

enum { PASSES_MAX = 1 + GRAPH_MAX_OUTPUTS };

struct passes {
    int values[PASSES_MAX], count;    /* of the graph: the logits, then the maps */
    struct tensor result[PASSES_MAX]; /* theirs: the run's own memory where there is one pass, else
                                         the means */
    real *means;                      /* NULL: one pass */
};

/* For the values named in p->values. The results of one pass are the run's own: they hold until its
 * next run. */
att_status passes_begin(struct passes *p, const struct run *r, int64_t total, struct err *e);
/* After pass `index` (from 0) of a window that was mirrored along these axes: mean += (x - mean) /
 * (index + 1), so that equal passes leave their own bits. */
void passes_add(
    struct passes *p, const struct run *r, int64_t index, const bool mirror[3], struct pool *pool);
void passes_free(struct passes *p);

#endif
