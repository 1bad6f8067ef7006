/* SPDX-License-Identifier: Apache-2.0 */
/* Running mean of a network's results over passes of one window: other weights or mirror images. */
#pragma once

#include "graph/run.h"

enum { PASSES_MAX = 2 + GRAPH_MAX_OUTPUTS };

struct passes {
    int values[PASSES_MAX], count;    /* logits, then maps */
    struct tensor result[PASSES_MAX]; /* run's memory for one pass, else means */
    real *means;                      /* NULL: one pass */
    /* With `moments`, result[count] is [channels + 1]: the means of each probability, and of the
     * sum of their squares. */
    bool moments, regions; /* regions: sigmoid, else softmax */
    double sharpness;      /* multiplies the logits before */
    struct tensor pass;    /* these of one pass */
};

/* For the graph values p->values. With one pass, results are valid until the next run. */
att_status passes_begin(struct passes *p, const struct run *r, int64_t total, struct err *e);
/* After pass `index` (from 0), mirrored as given: mean += (x - mean) / (index + 1), so equal passes
 * give equal bits. */
void passes_add(
    struct passes *p, const struct run *r, int64_t index, const bool mirror[3], struct pool *pool);
void passes_free(struct passes *p);
/* Of moments [channels + 1][voxels] the first channel becomes the variance over its maximum: of
 * classes the sum of their variances, of regions the mean. */
void passes_variance(float *moments, int channels, bool regions, size_t voxels);
