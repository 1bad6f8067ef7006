/* SPDX-License-Identifier: Apache-2.0 */
/* How labels of the same cases lie, by samples of all cases. */
#pragma once

#include "dataset/pairing_choose.h"

/* On the same voxels, as of two readers; beside each other, as classes; one within the other, or
 * unclear. OVERLAP_UNREAD: no sample has something in both. */
enum overlap { OVERLAP_UNREAD, OVERLAP_SAME, OVERLAP_BESIDE, OVERLAP_WITHIN };

/* Of two slots a and b; all but the first are false without a sample. */
struct overlap_facts {
    enum overlap how;
    bool close;   /* they share more than half of their voxels, though one may lie within */
    bool covered; /* b by a: all of b's voxels, which may be all of a's */
    bool told;    /* the values of b follow from those of a */
    bool image;   /* a sample of b holds no labels */
};
struct overlap_facts overlap_find(struct links *l, const struct portion *q, int a, int b);
/* Of all labels of a portion; with many, of some. */
enum overlap overlap_find_all(struct links *l, const struct portion *q);
/* In all samples an image is cut out along one of the labels, or along all of them together. */
bool overlap_is_cut(const struct links *l, const struct portion *q, int image);
/* Two files of the tree; false: they are no two labels of one size. */
bool overlap_share(const struct links *l, int a, int b, struct contents_shared *s);
