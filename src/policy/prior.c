/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/prior.h"

#include "base/mem.h"
#include "image/image.h"

att_status prior_create(struct prior *p, const int cells[3], struct err *e)
{
    *p = (struct prior){.cells = {cells[0], cells[1], cells[2]}};
    return MEM_ARRAY(p->share, image_voxels(cells), "the location prior", e);
}

void prior_free(struct prior *p)
{
    mem_free(p->share);
    *p = (struct prior){.cases = 0};
}

/* The voxel at the middle of a cell. */
static int middle_voxel(int cell, int cells, int size)
{
    return (int)((2 * (int64_t)cell + 1) * size / (2 * (int64_t)cells));
}

void prior_add(struct prior *p, const struct tiling *t, const double *foreground)
{
    size_t i = 0;
    int at[3], tile[3];
    for (at[0] = 0; at[0] < p->cells[0]; at[0]++) {
        for (at[1] = 0; at[1] < p->cells[1]; at[1]++) {
            for (at[2] = 0; at[2] < p->cells[2]; at[2]++, i++) {
                for (int a = 0; a < 3; a++)
                    tile[a] = middle_voxel(at[a], p->cells[a], t->size[a]) / t->tile[a];
                p->share[i] += foreground[tiling_index(t, tile)];
            }
        }
    }
    p->cases++;
}

/* The cells from..to-1 with their middle in `extent` voxels from `first`. */
static void cells_within(int cells, int size, int first, int extent, int *from, int *to)
{
    *from = 0;
    while (*from < cells && middle_voxel(*from, cells, size) < first) ++*from;
    *to = *from;
    while (*to < cells && middle_voxel(*to, cells, size) < first + extent) ++*to;
    if (*to > *from) return;
    *from = (int)((2 * (int64_t)first + extent) * cells / (2 * (int64_t)size));
    *to = *from + 1;
}

static double mean_share(const struct prior *p, const struct tiling *t, int index)
{
    int first[3], extent[3], from[3], to[3];
    double sum = 0;
    tiling_part(t, index, first, extent);
    for (int a = 0; a < 3; a++)
        cells_within(p->cells[a], t->size[a], first[a], extent[a], &from[a], &to[a]);
    for (int d = from[0]; d < to[0]; d++)
        for (int h = from[1]; h < to[1]; h++)
            for (int w = from[2]; w < to[2]; w++)
                sum +=
                    p->share[((size_t)d * (size_t)p->cells[1] + (size_t)h) * (size_t)p->cells[2] +
                        (size_t)w];
    return sum / ((double)(to[0] - from[0]) * (to[1] - from[1]) * (to[2] - from[2]));
}

void prior_tiles(const struct prior *p, const struct tiling *t, double *out)
{
    for (int i = 0; i < t->count; i++)
        out[i] = p->cases ? mean_share(p, t, i) / p->cases * tiling_voxels(t, i) : 0;
}
