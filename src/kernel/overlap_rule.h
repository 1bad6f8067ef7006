/* SPDX-License-Identifier: Apache-2.0 */
/* What losses of sums over pixels (ops/overlap.h) make of the sums of one group, an image or the
 * batch, for kernels.overlap_rule. */
#ifndef KERNEL_OVERLAP_RULE_H
#define KERNEL_OVERLAP_RULE_H

#include "kernel/kernel.h"

/* Of one class: sum of probability times target, of probabilities, of targets. As the kernel lays
 * them out. */
struct overlap_sums {
    double both, soft, hard;
};

/* A term's derivatives by the first two. */
struct overlap_slope {
    double by_both, by_soft;
};

/* What a loss is made of: a term for every class of a group, or one for all of them. `by` holds
 * zeros; false when there is nothing to compare: such a term is left out of the mean over groups
 * and terms. */
struct overlap_loss {
    int batch, background; /* where those settings stand in the loss's table */
    bool (*of_class)(
        const double *set, const struct overlap_sums *sums, double *term, struct overlap_slope *by);
    bool (*of_all)(const double *set, const struct overlap_sums *sums, int classes, double *term,
        struct overlap_slope *by);
};

struct overlap_rule {
    const struct overlap_loss *loss;
    const double *set; /* the loss's settings */
    int first;         /* channels count from here on */
    bool batch;        /* all images are one group */
};

#endif
