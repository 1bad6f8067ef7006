/* SPDX-License-Identifier: Apache-2.0 */
/* Training patches (sampler_draw.h) in batches, from cases in memory or packed ones. */
#pragma once

#include "feed/sampler_draw.h"

/* After the settings of s are set: make tables and allocate all memory. */
att_status sampler_begin(struct sampler *s, struct err *e);
void sampler_end(struct sampler *s);

/* The batch of a step, or this rank's part of it: image [batch][channels][slices][patch], labels
 * [batch][patch]. Fails only if packed cases cannot be read. */
att_status sampler_batch(
    const struct sampler *s, int64_t step, float *image, uint8_t *labels, struct err *e);
