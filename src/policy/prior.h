/* SPDX-License-Identifier: Apache-2.0 */
/* Location prior: mean share of foreground in the training cases on a grid over the whole image,
 * for images of any size. */
#pragma once

#include "policy/tiling.h"

struct prior {
    int cells[3];
    double *share; /* [cells] sum over cases */
    int cases;
};

att_status prior_create(struct prior *p, const int cells[3], struct err *e);
void prior_free(struct prior *p);
/* Add a case; foreground: [tiles] share of the tile's voxels. A cell takes the share of the tile at
 * its middle. */
void prior_add(struct prior *p, const struct tiling *t, const double *foreground);
/* [tiles] expected foreground voxels: the mean share of the cells with their middle in the tile, or
 * else of the cell at the tile's middle, times its voxels. */
void prior_tiles(const struct prior *p, const struct tiling *t, double *out);
