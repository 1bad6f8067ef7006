/* SPDX-License-Identifier: Apache-2.0 */
/* The field of the boundary loss (ops/loss_boundary.c): phi of every channel from `first` on, 0 of
 * those before it, and how many of its numbers count. */
#ifndef KERNEL_BOUNDARY_H
#define KERNEL_BOUNDARY_H

#include "kernel/kernel.h"

struct boundary {
    struct loss_input in;
    struct tensor phi; /* like the logits */
    double *below;     /* valid pixels times channels from `first` on */
    int first;
    double z; /* a voxel's length along d, in pixels */
    unsigned char *scratch;
};

size_t boundary_scratch(struct shape s, int threads); /* bytes */

#endif
