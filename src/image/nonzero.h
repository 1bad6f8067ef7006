/* SPDX-License-Identifier: Apache-2.0 */
/* Where an image is: many scans are zero around the body or the organ that was cut out of them
 * (nnU-Net crops to this and takes its statistics there). */
#ifndef IMAGE_NONZERO_H
#define IMAGE_NONZERO_H

#include "base/host.h"
#include "files/scratch.h"
#include "image/box.h"
#include "image/image.h"

/* The smallest box with every voxel that is not 0 in some channel; the whole image when there is
 * none. */
void nonzero_box(const struct image *m, struct box *b);
/* The same by parts of a channel: x is [part]; b is empty at first, and stays so where there is no
 * such voxel. */
void nonzero_add(const float *x, const struct box *part, struct box *b);
/* inside[d][h][w]: 1 where some channel is not 0, and in what such voxels enclose: zeros that no
 * path over faces joins to the border. */
att_status nonzero_mask(const struct image *m, uint8_t *inside, struct err *e);

/* The same of a file with a byte per voxel, NONZERO_INSIDE where some channel is not 0, else 0:
 * what no such voxels enclose becomes NONZERO_OUTSIDE. Two planes of it are in memory at a time.
 * The log is told of every sweep, and may stop it. */
enum { NONZERO_INSIDE = 1, NONZERO_OUTSIDE = 2 };
att_status nonzero_flood_file(
    const struct spool *s, const int size[3], struct host *host, struct err *e);

#endif
