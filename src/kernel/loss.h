/* SPDX-License-Identifier: Apache-2.0 */
/* Arguments and shared parts of the losses' kernels: which pixels count, and their targets. */
#pragma once

#include "kernel/kernel.h"

/* Ignores labels outside the classes: the API rejects such input. Regions may have any label. */
static inline bool loss_valid(const struct loss_input *in, int label)
{
    return label != LABEL_IGNORE && (in->region || label < in->logits.s.c);
}

/* Target of channel k: 0 or 1. The label must be valid. */
static inline int loss_target(const struct loss_input *in, int label, int k)
{
    return in->region ? class_set_has(in->region[k], label) : k == label;
}

/* Adds the sums of all images to the first: one group. */
static inline void loss_join(double *sums, int images, int numbers)
{
    for (int i = numbers; i < images * numbers; i++) sums[i % numbers] += sums[i];
}

/* sum / *below and seed / *below: kernels.field */
static inline real loss_over(double sum, const double *below)
{
    return (real)(!below ? sum : *below > 0 ? sum / *below : 0);
}
static inline double loss_scale(real seed, const double *below)
{
    return !below ? (double)seed : *below > 0 ? (double)seed / *below : 0;
}

/* ---- sums over pixels (ops/overlap.h) of one group: an image or the batch */

/* Of one class, in the kernel's order: sum of probability times target, of probabilities, of
 * targets. */
struct overlap_sums {
    double both, soft, hard;
};

/* A term's derivatives by the first two. */
struct overlap_slope {
    double by_both, by_soft;
};

/* A loss's terms: one per class of a group, or one for all. `by` starts at zero; false: nothing to
 * compare, so the mean over groups and terms omits it. */
struct overlap_loss {
    int batch, background; /* indices of those settings in the loss's table */
    bool (*of_class)(
        const double *set, const struct overlap_sums *sums, double *term, struct overlap_slope *by);
    bool (*of_all)(const double *set, const struct overlap_sums *sums, int classes, double *term,
        struct overlap_slope *by);
};

struct overlap_rule {
    const struct overlap_loss *loss;
    const double *set; /* the loss's settings */
    int first;         /* first channel */
    bool batch;        /* one group of all images */
};

/* ---- boundary loss (ops/loss_boundary.c): phi of channels from `first` on, 0 before */
struct boundary {
    struct loss_input in;
    struct tensor phi; /* like the logits */
    double *below;     /* valid pixels times channels from `first` on */
    int first;
    double z; /* voxel length along d, in pixels */
    unsigned char *scratch;
};
size_t boundary_scratch(struct shape s, int threads); /* bytes */

/* ---- centreline Dice (ops/loss_cldice.c) */
struct cldice {
    struct loss_input in;
    int iterations, first, groups; /* classes from `first` on; groups: 1, or images */
    double smooth;
    void *kept;    /* from forward to backward */
    real *scratch; /* of each */
};
size_t cldice_kept(const struct cldice *c); /* bytes of both */
size_t cldice_scratch(const struct cldice *c, bool backward);
