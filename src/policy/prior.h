/* SPDX-License-Identifier: Apache-2.0 */
/* Where foreground is in the training cases: its mean share on a grid of cells over the whole
 * image, for images of any size. */
#ifndef POLICY_PRIOR_H
#define POLICY_PRIOR_H

#include "policy/tiling.h"

struct prior {
    int cells[3];
    double *share; /* [cells] sum over cases */
    int cases;
};

att_status prior_create(struct prior *p, const int cells[3], struct err *e);
void prior_free(struct prior *p);
/* A case; foreground: [tiles] share of the tile's voxels that are foreground.  A cell takes the
 * share of the tile that its middle is in. */
void prior_add(struct prior *p, const struct tiling *t, const double *foreground);
/* [tiles] how many voxels of foreground are expected: the mean share of the cells whose middle is
 * in the tile, or of the cell that the tile's middle is in if there are none, times its voxels. */
void prior_tiles(const struct prior *p, const struct tiling *t, double *out);

#endif
