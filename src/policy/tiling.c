/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/tiling.h"

#include <limits.h>
#include <stdint.h>

att_status tiling_make(
    const int size[3], const int tile[3], const int halo[3], struct tiling *t, struct err *e)
{
    int64_t count = 1;
    for (int a = 0; a < 3; a++) {
        if (size[a] < 1 || tile[a] < 1 || halo[a] < 0 || halo[a] > (INT_MAX - tile[a]) / 2)
            return err_usage(e,
                "tiles of %dx%dx%d with a halo of %dx%dx%d cannot divide an image of %dx%dx%d; "
                "use tile sizes of at least 1",
                tile[0], tile[1], tile[2], halo[0], halo[1], halo[2], size[0], size[1], size[2]);
        t->size[a] = size[a];
        t->tile[a] = tile[a];
        t->halo[a] = halo[a];
        t->grid[a] = size[a] / tile[a] + (size[a] % tile[a] != 0);
        count *= t->grid[a];
        if (count > INT_MAX)
            return err_usage(e,
                "tiles of %dx%dx%d divide an image of %dx%dx%d into too many; use larger tiles",
                tile[0], tile[1], tile[2], size[0], size[1], size[2]);
    }
    t->count = (int)count;
    return ATT_OK;
}

void tiling_place(const struct tiling *t, int index, int at[3])
{
    at[2] = index % t->grid[2];
    at[1] = index / t->grid[2] % t->grid[1];
    at[0] = index / t->grid[2] / t->grid[1];
}

int tiling_index(const struct tiling *t, const int at[3])
{
    return (at[0] * t->grid[1] + at[1]) * t->grid[2] + at[2];
}

void tiling_part(const struct tiling *t, int index, int first[3], int extent[3])
{
    int at[3];
    tiling_place(t, index, at);
    for (int a = 0; a < 3; a++) {
        first[a] = at[a] * t->tile[a];
        extent[a] = t->size[a] - first[a] < t->tile[a] ? t->size[a] - first[a] : t->tile[a];
    }
}

double tiling_voxels(const struct tiling *t, int index)
{
    int first[3], extent[3];
    tiling_part(t, index, first, extent);
    return (double)extent[0] * extent[1] * extent[2];
}
