/* SPDX-License-Identifier: Apache-2.0 */
/* Convolutions as products of matrices in local memory: conv_gather.cl, conv_outer.cl. */
#include <stdio.h>

#include "device/device_conv.h"

/* Bytes that work-groups share: all that many GPUs of phones have, which small tiles take; what
 * large tiles take. */
enum { LOCAL_MIN = 32 << 10, LOCAL_LARGE = 48 << 10 };
static bool tile_small(void) { return device_opened()->local < LOCAL_LARGE; }

/* Work-groups that fill a large device, of sums by pixel and by weight; the fewest steps of a part;
 * the most memory for sums in parts. */
enum { CONV_GROUPS = 256, CONV_PARTS = 512, CONV_PART_STEPS = 8 };
static const size_t conv_part_bytes = (size_t)64 << 20;

static size_t tile_blocks(const struct tensor *t) { return (size_t)(t->s.c + LANES - 1) / LANES; }
static size_t padded_size(const struct tensor *t)
{
    return (size_t)t->s.n * tile_blocks(t) * LANES * shape_pixels(t->s);
}

/* Offsets count in int. */
static bool tile_counts(const struct tensor *t) { return padded_size(t) < (size_t)INT32_MAX; }

static bool tile_fits(const struct conv *c)
{
    const struct device_facts *f = device_opened();
    if (!f || f->local < LOCAL_MIN || !tile_counts(&c->y) || conv_weights(c) >= (size_t)INT32_MAX)
        return false;
    for (int i = 0; i < c->nx; i++)
        if (!tile_counts(&c->x[i])) return false;
    return true;
}

/* ---- forward and backward by input */

/* Of a work-group: blocks of channels; what a work-item sums; work-items along the channels. */
struct gather_tile {
    int blocks, pixels, quads, across;
};
static size_t gather_tile_pixels(struct gather_tile t)
{
    return (size_t)(t.pixels * LAUNCH_GROUP / t.across);
}
static struct gather_tile gather_tile_for(const struct tensor *to, bool matrix)
{
    const size_t blocks = tile_blocks(to);
    const int pixels = tile_small() ? 4 : 8;
    if (blocks == 1) return (struct gather_tile){1, pixels, 1, 4};
    if (blocks == 2) return (struct gather_tile){2, pixels, 2, 4};
    return matrix ? (struct gather_tile){4, 4, 4, 4} : (struct gather_tile){4, pixels, 2, 8};
}

/* One launch: what is summed into `to`. */
struct gather {
    const struct conv *c;
    const struct tensor *to;
    bool back, matrix;
    int first; /* block of `to` among all inputs */
    const bool *add;
    size_t phases, tiles, columns, parts;
    struct gather_tile tile;
};

static size_t gather_steps(const struct gather *g)
{
    const struct conv *c = g->c;
    if (!g->back) return (size_t)conv_in_blocks(c) * (size_t)conv_taps(c);
    return tile_blocks(&c->y) * (size_t)conv_taps(c) / g->phases;
}

static struct gather gather_of(const struct conv *c, const struct tensor *to, bool back,
    bool matrix, int first, const bool *add)
{
    struct gather g = {
        c, to, back, matrix, first, add, .phases = 1, .tile = gather_tile_for(to, matrix)};
    size_t pixels = (size_t)to->s.n;
    const int size[] = {to->s.d, to->s.h, to->s.w};
    for (int i = 0; i < 3; i++) {
        const int s = back ? c->stride[i] : 1;
        g.phases *= (size_t)s;
        pixels *= (size_t)((size[i] + s - 1) / s);
    }
    const size_t per = gather_tile_pixels(g.tile), blocks = (size_t)g.tile.blocks;
    g.tiles = (pixels + per - 1) / per;
    g.columns = (tile_blocks(to) + blocks - 1) / blocks;
    const size_t groups = g.tiles * g.columns * g.phases, most = gather_steps(&g) / CONV_PART_STEPS,
                 fit = conv_part_bytes / sizeof(float) / padded_size(to);
    g.parts = groups * 2 > CONV_GROUPS ? 1 : CONV_GROUPS / groups;
    if (g.parts > most) g.parts = most;
    if (g.parts > fit) g.parts = fit;
    if (g.parts < 1) g.parts = 1;
    return g;
}

static size_t gather_part_bytes(const struct gather *g)
{
    return g->parts == 1 ? 0 : g->parts * padded_size(g->to) * sizeof(float);
}

static void gather_finish(struct launch *l, const struct gather *g)
{
    conv_finish(l, g->c);
    launch_int(l, *g->add);
}

/* Inputs besides the first that a kernel is built for: few kernels serve all numbers. */
static int gather_more(const struct gather *g)
{
    const int more = g->back ? 0 : g->c->nx - 1;
    return more > 1 ? CONV_MAX_X - 1 : more;
}

static const char *gather_options(const struct gather *g, char options[LAUNCH_OPTIONS])
{
    const struct tensor *from = g->back ? &g->c->y : g->c->x;
    const int sources = g->back ? 1 : g->c->nx;
    const struct device_facts *f = device_opened();
    bool planar = false, half = false;
    for (int i = 0; i < sources; i++) {
        planar |= from[i].lanes == 1;
        half |= from[i].half;
    }
    snprintf(options, LAUNCH_OPTIONS,
        "-DGPU=%d -DBACK=%d -DMATRIX=%d -DMMA=%d -DHALF=%d -DPLANAR=%d -DMORE=%d"
        " -DCOLUMN_BLOCKS=%d -DPIXELS=%d -DQUADS=%d -DACROSS=%d",
        f->gpu, g->back, g->matrix, g->matrix && f->matrix, half, planar, gather_more(g),
        g->tile.blocks, g->tile.pixels, g->tile.quads, g->tile.across);
    return options;
}

/* Kernels before and after `gather` that do not depend on its options. */
static struct launch gather_ends(const char *kernel, char options[LAUNCH_OPTIONS])
{
    snprintf(options, LAUNCH_OPTIONS, "-DGPU=%d -DMATRIX=0", device_opened()->gpu);
    return launch_of("conv_ends", kernel, options);
}

static void gather_run(const struct gather *g, const void *w, void *workspace)
{
    const struct tensor *from = g->back ? &g->c->y : g->c->x;
    const struct tensor none = {.lanes = LANES};
    void *part = g->parts == 1 ? NULL : workspace;
    char options[LAUNCH_OPTIONS];
    struct launch l = launch_of("conv_gather", "gather", gather_options(g, options));
    for (int i = 0; i <= gather_more(g); i++)
        launch_tensor(&l, g->back || i < g->c->nx ? &from[i] : &none);
    launch_args(&l, g->to, w);
    conv_geometry(&l, g->c);
    launch_args(&l, g->first, (int)g->parts, part);
    gather_finish(&l, g);
    launch_groups(&l, g->tiles, g->columns, g->phases * g->parts);
    if (!part) return;
    l = gather_ends("gather_end", options);
    launch_args(&l, g->to, g->first, (int)g->parts, part);
    gather_finish(&l, g);
    launch_over(&l, padded_size(g->to) / 4);
}

/* What is summed into output i of a slot. */
static struct gather gather_output(const struct conv *c, bool back, bool matrix, int i)
{
    int first = 0;
    for (int k = 0; k < i; k++) first += (int)tile_blocks(&c->x[k]);
    return back ? gather_of(c, &c->x[i], true, matrix, first, &c->add[i])
                : gather_of(c, &c->y, false, matrix, 0, &c->add[0]);
}

/* Weights that matrices read; a multiple of 64. */
static size_t split_bytes(const struct conv *c) { return conv_weights(c) * sizeof(float); }

static size_t gather_workspace(const struct conv *c, bool back, bool matrix)
{
    size_t most = 0;
    for (int i = 0; i < (back ? c->nx : 1); i++) {
        const struct gather g = gather_output(c, back, matrix, i);
        const size_t bytes = gather_part_bytes(&g);
        if (!(back && c->skip[i]) && bytes > most) most = bytes;
    }
    return most + (matrix ? split_bytes(c) : 0);
}

static void split_weights(const struct gather *g, void *to)
{
    char options[LAUNCH_OPTIONS];
    struct launch l = gather_ends("split", options);
    const size_t fours = conv_weights(g->c) / 4;
    launch_args(&l, g->c->w, (int64_t)fours, to, (int)g->back);
    launch_over(&l, fours);
}

static void gather_all(const struct conv *c, bool back, bool matrix, void *workspace)
{
    unsigned char *part = workspace;
    const void *w = c->w;
    for (int i = 0; i < (back ? c->nx : 1); i++) {
        const struct gather g = gather_output(c, back, matrix, i);
        if (back && c->skip[i]) continue;
        if (matrix && w == c->w) {
            split_weights(&g, part);
            w = part;
            part += split_bytes(c);
        }
        gather_run(&g, w, part);
    }
}

static size_t tile_forward_workspace(const struct conv *c, int threads)
{
    (void)threads;
    return gather_workspace(c, false, false);
}
static void tile_forward(const struct conv *c, void *workspace, struct pool *pool)
{
    (void)pool;
    gather_all(c, false, false, workspace);
}

static size_t tile_backward_x_workspace(const struct conv *c, int threads)
{
    (void)threads;
    return gather_workspace(c, true, false);
}
static void tile_backward_x(const struct conv *c, void *workspace, struct pool *pool)
{
    (void)pool;
    gather_all(c, true, false, workspace);
}

/* ---- the same with matrices of bfloat16 */

static bool matrix_forward_fits(const struct conv *c)
{
    for (int i = 0; i < c->nx; i++)
        if (!c->x[i].half) return false;
    return tile_fits(c);
}
static bool matrix_backward_x_fits(const struct conv *c) { return c->y.half && tile_fits(c); }

static bool matrix_wins(const struct conv *c)
{
    (void)c;
    return device_opened()->matrix && device_matrix_right();
}

static size_t matrix_forward_workspace(const struct conv *c, int threads)
{
    (void)threads;
    return gather_workspace(c, false, true);
}
static void matrix_forward(const struct conv *c, void *workspace, struct pool *pool)
{
    (void)pool;
    gather_all(c, false, true, workspace);
}

static size_t matrix_backward_x_workspace(const struct conv *c, int threads)
{
    (void)threads;
    return gather_workspace(c, true, true);
}
static void matrix_backward_x(const struct conv *c, void *workspace, struct pool *pool)
{
    (void)pool;
    gather_all(c, true, true, workspace);
}

/* ---- backward by weight */

/* Of a work-group: pairs of a block of x and a tap, blocks of y; what a work-item sums. */
struct outer_tile {
    int slots, blocks, quads, across;
};
static struct outer_tile outer_tile_for(const struct conv *c)
{
    const size_t blocks = tile_blocks(&c->y);
    const int slots = tile_small() ? 8 : 16;
    if (blocks == 1) return (struct outer_tile){slots, 1, 1, 4};
    if (blocks == 2) return (struct outer_tile){slots, 2, 2, 4};
    return (struct outer_tile){8, 4, 2, 8};
}

/* Work-groups of one part, for one input. */
static size_t outer_groups(const struct conv *c, const struct tensor *x, struct outer_tile t)
{
    const size_t slots = tile_blocks(x) * (size_t)conv_taps(c), s = (size_t)t.slots,
                 b = (size_t)t.blocks;
    return (slots + s - 1) / s * ((tile_blocks(&c->y) + b - 1) / b);
}

/* By shape and device only. */
static size_t outer_parts(const struct conv *c)
{
    const size_t steps = (size_t)c->y.s.n * shape_pixels(c->y.s) / LANES,
                 fit = conv_part_bytes / sizeof(float) / conv_weights(c);
    size_t groups = 0, parts;
    for (int i = 0; i < c->nx; i++) groups += outer_groups(c, &c->x[i], outer_tile_for(c));
    parts = CONV_PARTS * (size_t)c->nx / groups;
    if (parts > steps / CONV_PART_STEPS) parts = steps / CONV_PART_STEPS;
    if (parts > fit) parts = fit;
    return parts ? parts : 1;
}

static size_t tile_backward_w_workspace(const struct conv *c, int threads)
{
    (void)threads;
    return outer_parts(c) == 1 && !c->add[0] ? 0 : outer_parts(c) * conv_weights(c) * sizeof(float);
}

static void outer_run(const struct conv *c, bool matrix, int i, int first, size_t parts, void *part)
{
    const struct device_facts *f = device_opened();
    const struct outer_tile t = outer_tile_for(c);
    const size_t slots = tile_blocks(&c->x[i]) * (size_t)conv_taps(c), s = (size_t)t.slots,
                 b = (size_t)t.blocks;
    char options[LAUNCH_OPTIONS];
    snprintf(options, sizeof options,
        "-DGPU=%d -DMATRIX=%d -DMMA=%d -DHALF=%d -DPLANAR=%d -DSLOTS=%d -DCOLUMN_BLOCKS=%d"
        " -DQUADS=%d -DACROSS=%d",
        f->gpu, matrix, matrix && f->matrix, c->x[i].half || c->y.half,
        c->x[i].lanes == 1 || c->y.lanes == 1, t.slots, t.blocks, t.quads, t.across);
    struct launch l = launch_of("conv_outer", "outer", options);
    launch_args(&l, &c->x[i], &c->y);
    conv_geometry(&l, c);
    launch_args(&l, first, (int)parts, part);
    launch_groups(&l, (slots + s - 1) / s, (tile_blocks(&c->y) + b - 1) / b, parts);
}

static void outer_all(const struct conv *c, bool matrix, void *workspace)
{
    const size_t parts = outer_parts(c);
    void *part = parts == 1 && !c->add[0] ? c->w : workspace;
    int first = 0;
    for (int i = 0; i < c->nx; first += (int)tile_blocks(&c->x[i++]))
        outer_run(c, matrix, i, first, parts, part);
    if (part != c->w) conv_sum_parts(c, part, parts);
}

static void tile_backward_w(const struct conv *c, void *workspace, struct pool *pool)
{
    (void)pool;
    outer_all(c, false, workspace);
}

static bool matrix_backward_w_fits(const struct conv *c)
{
    return c->y.half && matrix_forward_fits(c);
}
static void matrix_backward_w(const struct conv *c, void *workspace, struct pool *pool)
{
    (void)pool;
    outer_all(c, true, workspace);
}

const struct conv_impl device_conv_tile[CONV_SLOTS] = {
    {.name = "tile", .fits = tile_fits, .workspace = tile_forward_workspace, .run = tile_forward},
    {.name = "tile",
        .fits = tile_fits,
        .workspace = tile_backward_x_workspace,
        .run = tile_backward_x},
    {.name = "tile",
        .fits = tile_fits,
        .workspace = tile_backward_w_workspace,
        .run = tile_backward_w}};

const struct conv_impl device_conv_matrix[CONV_SLOTS] = {{.name = "matrix",
                                                             .fits = matrix_forward_fits,
                                                             .wins = matrix_wins,
                                                             .workspace = matrix_forward_workspace,
                                                             .run = matrix_forward},
    {.name = "matrix",
        .fits = matrix_backward_x_fits,
        .wins = matrix_wins,
        .workspace = matrix_backward_x_workspace,
        .run = matrix_backward_x},
    {.name = "matrix",
        .fits = matrix_backward_w_fits,
        .wins = matrix_wins,
        .workspace = tile_backward_w_workspace,
        .run = matrix_backward_w}};
