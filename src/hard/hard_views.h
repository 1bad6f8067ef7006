/* SPDX-License-Identifier: Apache-2.0 */
/* Views of training cases: mirrored, and cut at the low ends, which moves objects within their
 * tiles. */
#pragma once

#include "feed/prepared.h"
#include "image/augment.h"

/* The case is mirrored along some axes, then loses the first `cut` voxels of each axis. */
struct view {
    int chosen; /* case */
    bool mirror[3];
    int cut[3], size[3];
};

struct view_rules {
    const struct prepared *cases;
    int count;
    bool mirror[3]; /* allowed axes */
    int tile[3];    /* cuts are shorter than a tile, and at most a quarter of the image */
    uint64_t seed;
    struct augment_options change; /* of intensities, not in a case's first view (hard_cache.h) */
};

/* View `number` (from 0) of case number % count. The first view of a case is the case itself. */
void view_of(const struct view_rules *r, int64_t number, struct view *v);
/* A random view of a random case, for a step of the joint stage. */
void view_draw(const struct view_rules *r, int64_t step, struct view *v);

int64_t view_tiles(const struct view *v, const int tile[3]);

/* Voxels of the largest view. */
size_t view_max(const struct view_rules *r);

/* Memory for any view. */
struct view_image {
    struct image image;
    uint8_t *classes;
};
att_status view_image_create(const struct view_rules *r, struct view_image *i, struct err *e);
void view_image_free(struct view_image *i);
void view_show(const struct view *v, const struct prepared *p, struct view_image *i);
/* Copies labels of the case to the view. */
void view_show_labels(
    const struct view *v, const struct prepared *p, const uint8_t *labels, uint8_t *out);

/* Origin, in the case, of a window that begins at `first` of the view. */
void view_origin(const struct view *v, const struct prepared *p, const int first[3],
    const int window[3], int origin[3]);
