/* SPDX-License-Identifier: Apache-2.0 */
/* The largest of many numbers, without sorting them. */
#ifndef KERNEL_TOP_H
#define KERNEL_TOP_H

#include <stddef.h>
#include <stdint.h>

#include "base/real.h"

/* Copies label[i] where x[i] is one of the `percent` percent largest (rounded down, but one at
 * least) of all that are not negative, and `otherwise` elsewhere.  Of equal ones at the edge the
 * first count.  What is not a number is larger than all numbers. */
void top_labels(
    const real *x, const uint8_t *label, size_t n, double percent, uint8_t otherwise, uint8_t *out);

#endif
