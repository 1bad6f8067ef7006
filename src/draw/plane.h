/* SPDX-License-Identifier: Apache-2.0 */
/* Planes through a volume as people look at them: with square pixels, and upright where the file
 * says how the patient lies. */
#ifndef DRAW_PLANE_H
#define DRAW_PLANE_H

#include "image/image.h"

/* What runs along the rows, or the columns, of a plane's picture. */
struct plane_axis {
    int axis, voxels, pixels; /* IMAGE_D, _H or _W; its voxels are shown as so many pixels */
    bool turned;              /* from its last voxel to its first */
};

struct plane {
    int across, index;      /* slice `index` along axis `across` */
    struct plane_axis v, u; /* downwards, and to the right */
    const char *name;       /* "axial"; "xy" where nothing is known of the patient */
    const char *top, *left; /* what lies there: "A" front, "S" top, "R" right, as radiologists look
                               at it; "" where it is not known */
    size_t stride[3];
};

enum { PLANES = 3 };

/* An image of one slice is its only plane, as it is.  A volume has three: axial, coronal and
 * sagittal, through the slices that `index` names along d, h and w; all on one scale but those that
 * would have a side longer than `most` pixels. */
int planes_lay_out(const struct image *m, const int index[3], int max, struct plane plane[PLANES]);

/* The voxel at a pixel, counted from the volume's first. */
size_t plane_voxel(const struct plane *p, int row, int column);

/* The slices along d, h and w with the most classes [d][h][w]; of several such those where they are
 * largest, each measured by the slice that has most of it; the middle ones where there is no
 * foreground. */
att_status planes_best(const uint8_t *classes, const int size[3], int best[3], struct err *e);

#endif
