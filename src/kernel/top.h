/* SPDX-License-Identifier: Apache-2.0 */
/* The largest of many numbers, without sorting them. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/real.h"

/* Copies label[i] where x[i] is among the `percent` percent largest (rounded down, at least one)
 * of all numbers >= 0, else writes `fallback`. Among equal ones the first count. NaN is the
 * largest. */
void top_labels(
    const real *x, const uint8_t *label, size_t n, double percent, uint8_t fallback, uint8_t *out);
