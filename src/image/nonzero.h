/* SPDX-License-Identifier: Apache-2.0 */
/* Where an image is: many scans are zero around the body or the organ that was cut out of them (nnU-Net crops to this and takes its
 * statistics there). */
#ifndef IMAGE_NONZERO_H
#define IMAGE_NONZERO_H

#include "image/box.h"
#include "image/image.h"

/* The smallest box with every voxel that is not 0 in some channel; the whole image when there is none. */
void nonzero_box(const struct image *m, struct box *b);
/* inside[d][h][w]: 1 where some channel is not 0, and in what such voxels enclose: zeros that no path over faces joins to the border. */
att_status nonzero_mask(const struct image *m, uint8_t *inside, struct err *e);

#endif
