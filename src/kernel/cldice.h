/* SPDX-License-Identifier: Apache-2.0 */
/* Centreline Dice (ops/loss_cldice.c) as one kernel. */
#ifndef KERNEL_CLDICE_H
#define KERNEL_CLDICE_H

#include "kernel/kernel.h"

struct cldice {
    struct loss_input in;
    int iterations, first, groups; /* classes count from `first`; the batch is one group, or each
                                      image */
    double smooth;
    void *kept;    /* from forward to backward */
    real *scratch; /* of each */
};

/* Bytes of both. */
size_t cldice_kept(const struct cldice *c);
size_t cldice_scratch(const struct cldice *c, bool backward);

#endif
