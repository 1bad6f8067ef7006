/* SPDX-License-Identifier: Apache-2.0 */
/* Connected components of a mask. */
#ifndef IMAGE_COMPONENTS_H
#define IMAGE_COMPONENTS_H

#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

/* label becomes 1..count in the scan order of the components' first voxels, 0 where the mask is 0.
 * Neighbours share a face, an edge or a corner: 26, or 8 in a plane. mask, label: [d][h][w]. */
att_status components_label(
    const uint8_t *mask, const int size[3], int32_t *label, int *count, struct err *e);

/* size[i] becomes the voxels of component i + 1. */
void components_sizes(const int32_t *label, size_t voxels, int count, int64_t *size);

#endif
