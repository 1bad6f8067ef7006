/* SPDX-License-Identifier: Apache-2.0 */
/* Planes through a volume for display, with square pixels; upright if the file has an orientation.
 */
#pragma once

#include "image/image.h"

/* The axis of a picture's rows or columns. */
struct plane_axis {
    int axis, voxels, pixels; /* IMAGE_D, _H or _W; number of its voxels, and of pixels for them */
    bool turned;              /* drawn from the last voxel to the first */
};

struct plane {
    int across, index;      /* slice `index` along axis `across` */
    struct plane_axis v, u; /* downwards, and to the right */
    const char *name;       /* "axial"; "xy" without orientation */
    const char *top, *left; /* direction at that edge: "A" front, "S" top, "R" right, in
                               radiological view; "" if unknown */
    size_t stride[3];
};

enum { PLANES = 3 };

/* An image of one slice has one plane, the slice itself. A volume has axial, coronal and sagittal
 * planes through slices `index` (d, h, w), on one scale except where a side would exceed `max`
 * pixels. */
int planes_lay_out(const struct image *m, const int index[3], int max, struct plane plane[PLANES]);

/* Index of the voxel at a pixel. */
size_t plane_voxel(const struct plane *p, int row, int column);

/* Finds the slices along d, h and w with the most classes in [d][h][w]; among equals the largest,
 * each class relative to its largest slice; without foreground, the middle slices. */
att_status planes_best(const uint8_t *classes, const int size[3], int best[3], struct err *e);
