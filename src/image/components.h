/* SPDX-License-Identifier: Apache-2.0 */
/* Connected components of masks. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

/* Label connected components 1..count in scan order of their first voxels, 0 where the mask is 0.
 * Neighbours share a face, edge or corner: 26, or 8 in a plane. mask, label: [d][h][w]. */
att_status components_label(
    const uint8_t *mask, const int size[3], int32_t *label, int *count, struct err *e);

/* Set size[i] to the voxels of component i + 1. */
void components_sizes(const int32_t *label, size_t voxels, int count, int64_t *size);
