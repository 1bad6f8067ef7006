/* SPDX-License-Identifier: Apache-2.0 */
/* What a policy learns on: training cases, mirrored and cut at their low ends, so that things lie
 * elsewhere in their tiles. */
#pragma once

#include "feed/prepared.h"
#include "image/augment.h"

/* The case is mirrored along some axes, then the first `cut` voxels of each axis are left out. */
struct view {
    int chosen; /* case */
    bool mirror[3];
    int cut[3], size[3];
};

/* What views may be of. */
struct view_rules {
    const struct prepared *cases;
    int count;
    bool mirror[3]; /* along which axes */
    int tile[3];    /* less than a tile is cut off, and no more than a quarter of the image */
    uint64_t seed;
    struct augment_options
        change; /* of intensities, in the views behind the first of a case (hard_cache.h) */
};

/* View `number`, counted from 0: of case number % count, and the first of each case is the case
 * itself. */
void view_of(const struct view_rules *r, int64_t number, struct view *v);
/* The view of step `step` of the joint stage: of any case. */
void view_draw(const struct view_rules *r, int64_t step, struct view *v);

int64_t view_tiles(const struct view *v, const int tile[3]); /* how many tiles cover it */

/* Voxels of the largest view. */
size_t view_max(const struct view_rules *r);

/* Room for any view. */
struct view_image {
    struct image image;
    uint8_t *classes;
};
att_status view_image_create(const struct view_rules *r, struct view_image *i, struct err *e);
void view_image_free(struct view_image *i);
void view_show(const struct view *v, const struct prepared *p, struct view_image *i);
/* Labels of the case, one a voxel, as the view shows them. */
void view_show_labels(
    const struct view *v, const struct prepared *p, const uint8_t *labels, uint8_t *out);

/* Where a window of the view that begins at `first` begins in the case itself, which shows it
 * mirrored. */
void view_origin(const struct view *v, const struct prepared *p, const int first[3],
    const int window[3], int origin[3]);
