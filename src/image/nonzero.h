/* SPDX-License-Identifier: Apache-2.0 */
/* The non-zero region of an image: many scans are zero around the body or an organ (nnU-Net crops
 * to this region and takes its statistics there). */
#pragma once

#include "base/host.h"
#include "files/scratch.h"
#include "image/box.h"
#include "image/image.h"

/* The smallest box with every voxel that is not 0 in some channel; the whole image if there is
 * none. */
void nonzero_box(const struct image *m, struct box *b);
/* The same by parts of a channel: x is [part]; b starts empty, and stays so without such voxels. */
void nonzero_add(const float *x, const struct box *part, struct box *b);
/* inside[d][h][w]: 1 where some channel is not 0 or a hole is enclosed: zeros without a path over
 * faces to the border. */
att_status nonzero_mask(const struct image *m, uint8_t *inside, struct err *e);

/* The same for a file with a byte per voxel, NONZERO_INSIDE where some channel is not 0, else 0:
 * what is not enclosed becomes NONZERO_OUTSIDE. Holds two planes in memory. The log shows each
 * sweep and may stop it. */
enum { NONZERO_INSIDE = 1, NONZERO_OUTSIDE = 2 };
att_status nonzero_flood_file(
    const struct spool *s, const int size[3], struct host *host, struct err *e);
