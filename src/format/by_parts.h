/* SPDX-License-Identifier: Apache-2.0 */
/* Callbacks for images and masks that pass in parts, not as a whole in memory. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

/* Takes samples start..start+count-1 of a channel. */
typedef att_status samples_fn(
    void *user, int channel, size_t start, const float *x, size_t count, struct err *e);
/* Fills labels[0..count-1] with voxels start..start+count-1 of a mask. Calls come in voxel order
 * and cover the mask once or twice. */
typedef att_status labels_fn(
    void *user, size_t start, size_t count, uint16_t *labels, struct err *e);
