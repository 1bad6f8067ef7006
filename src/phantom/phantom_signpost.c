/* SPDX-License-Identifier: Apache-2.0 */
/* The signpost phantom: a look shows where to look next. The image is a grid of tiles; a large
 * square fills one, with a small square in each tile above, right, below and left. One small square
 * has both tissues (classes 1 and 2), and the large one's amounts of both tell which. All is made
 * of blocks of 4 x 4 pixels, with tissue patterns of mean 0: averaged over blocks, small squares
 * look the same, and so do large ones (deviations within blocks differ: `detail=no`). */
#include <math.h>

#include "base/mem.h"
#include "phantom/phantom_parts.h"

enum {
    BLOCK = 4,
    ACROSS = 4,
    TILE = ACROSS * BLOCK,
    BLOCKS = ACROSS * ACROSS,
    GRID = 6,
    SIDE = TILE * GRID,
    WAYS = 4
};
static const double GROUND = 100, PATTERN = 40;

/* Blocks of classes 1 and 2 in the large square for the small one above, right, below, left. */
static const int code[WAYS][2] = {{6, 3}, {3, 6}, {0, 3}, {3, 0}};

struct ranges {
    double contrast[2], noise[2];
};

/* The table of phantom.h. */
static const struct ranges all[PHANTOM_SIDES] = {[PHANTOM_TRAINING] = {{55, 65}, {5, 8}},
    [PHANTOM_EVEN] = {{48, 53}, {8.5, 10}},
    [PHANTOM_ODD] = {{67, 72}, {3, 4.5}}};

struct scene {
    struct rng *r;
    float *grey;
    uint16_t *mask;
    double contrast;
};

/* Class 1 has checks, class 2 stripes. */
static double pattern(int class, int y, int x)
{
    if (class == 0) return 0;
    return y / 2 % 2 ^ (class == 1 && x / 2 % 2) ? PATTERN : -PATTERN;
}

static void paint_block(struct scene *s, int row, int column, uint16_t class)
{
    for (int y = row * BLOCK; y < (row + 1) * BLOCK; y++)
        for (int x = column * BLOCK; x < (column + 1) * BLOCK; x++) {
            s->grey[y * SIDE + x] = (float)(GROUND + s->contrast + pattern(class, y, x));
            s->mask[y * SIDE + x] = class;
        }
}

static void paint_signpost(struct scene *s, int row, int column, int way)
{
    uint16_t order[BLOCKS] = {0};
    for (int i = 0; i < code[way][0] + code[way][1]; i++) order[i] = i < code[way][0] ? 1 : 2;
    for (uint32_t i = BLOCKS - 1; i > 0; i--) {
        uint32_t k = rng_below(s->r, i + 1);
        uint16_t swap = order[i];
        order[i] = order[k];
        order[k] = swap;
    }
    for (int i = 0; i < BLOCKS; i++)
        paint_block(s, row * ACROSS + i / ACROSS, column * ACROSS + i % ACROSS, order[i]);
}

/* Three by three blocks, of both classes for the target. */
static void paint_small(struct scene *s, int row, int column, bool target)
{
    int down = (int)rng_below(s->r, 2), right = (int)rng_below(s->r, 2);
    for (int i = 0; i < 9; i++)
        paint_block(s, row * ACROSS + down + i / 3, column * ACROSS + right + i % 3,
            !target     ? 0
                : i % 2 ? 1
                        : 2);
}

/* Anywhere but at the edge. */
static void phantom_signpost_compose(struct scene *s)
{
    static const int down[WAYS] = {-1, 0, 1, 0}, right[WAYS] = {0, 1, 0, -1};
    int row = 1 + (int)rng_below(s->r, GRID - 2), column = 1 + (int)rng_below(s->r, GRID - 2),
        way = (int)rng_below(s->r, WAYS);
    paint_signpost(s, row, column, way);
    for (int w = 0; w < WAYS; w++) paint_small(s, row + down[w], column + right[w], w == way);
}

static att_status make(
    const struct phantom_wish *wish, struct rng *r, struct phantom_case *c, struct err *e)
{
    const struct ranges *ranges = &all[phantom_side(wish)];
    struct scene s = {.r = r, .contrast = draw(r, ranges->contrast)};
    double noise = draw(r, ranges->noise);
    TRY(phantom_grid(c, 1, SIDE, SIDE, e));
    s.grey = c->image.data;
    s.mask = c->labels.data;
    for (int i = 0; i < SIDE * SIDE; i++) s.grey[i] = (float)GROUND;
    phantom_signpost_compose(&s);
    for (int i = 0; i < SIDE * SIDE; i++) {
        double v = floor((double)s.grey[i] + noise * rng_normal(r) + 0.5);
        s.grey[i] = (float)(v < 0 ? 0 : v > 255 ? 255 : v);
    }
    return ATT_OK;
}

const struct phantom phantom_signpost = {.kind = "signpost", .ending = ".nii.gz", .make = make};
