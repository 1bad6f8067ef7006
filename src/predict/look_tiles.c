/* SPDX-License-Identifier: Apache-2.0 */
#include "predict/look_tiles.h"

#include <math.h>
#include <string.h>

#include "base/ints.h"
#include "base/kmath.h"

static float *input(const struct look *l, int channel)
{
    return l->inputs + (size_t)channel * (size_t)l->tiling.count;
}

/* Blocks from..to - 1. */
static void look_tiles_blocks_of(const struct look *l, int tile, int from[3], int to[3])
{
    int extent[3];
    tiling_part(&l->tiling, tile, from, extent);
    for (int i = 0; i < 3; i++) {
        to[i] = divide_up(from[i] + extent[i], l->scale[i]);
        from[i] /= l->scale[i];
    }
}

void look_begin(struct look *look)
{
    float *max = input(look, look->in.max);
    memset(look->inputs, 0,
        (size_t)look->in.count * (size_t)look->tiling.count * sizeof *look->inputs);
    for (size_t i = 0; i < (size_t)look->features * (size_t)look->tiling.count; i++)
        max[i] = -INFINITY;
}

struct gathering {
    const struct look_gather *g;
    int first[3], count[3]; /* tiles in the window */
};

/* Called per row of a tile's blocks: offsets in the window and in the coarse image. */
typedef void row_fn(const struct look_gather *g, int tile, size_t at, size_t to, int length);

static void each_row(const struct look_gather *g, int tile, row_fn *fn)
{
    int from[3], to[3];
    const int *o = g->origin, *size = g->look->coarse_size;
    const struct shape s = g->logits.s;
    look_tiles_blocks_of(g->look, tile, from, to);
    for (int i = 0; i < 3; i++) {
        from[i] = from[i] > g->from[i] ? from[i] : g->from[i];
        to[i] = to[i] < g->to[i] ? to[i] : g->to[i];
    }
    for (int d = from[0]; d < to[0]; d++)
        for (int h = from[1]; h < to[1] && from[2] < to[2]; h++) {
            size_t at = ((size_t)(d - o[0]) * (size_t)s.h + (size_t)(h - o[1])) * (size_t)s.w +
                (size_t)(from[2] - o[2]);
            size_t there =
                ((size_t)d * (size_t)size[1] + (size_t)h) * (size_t)size[2] + (size_t)from[2];
            fn(g, tile, at, there, to[2] - from[2]);
        }
}

static void look_tiles_keep_logits(
    const struct look_gather *g, int tile, size_t at, size_t to, int length)
{
    size_t blocks = image_voxels(g->look->coarse_size), lanes = (size_t)g->logits.lanes;
    (void)tile;
    for (int c = 0; c < g->look->classes; c++) {
        const real *x = tensor_channel(&g->logits, 0, c) + at * lanes;
        float *y = g->look->logits + (size_t)c * blocks + to;
        for (size_t w = 0; w < (size_t)length; w++) y[w] = (float)x[w * lanes];
    }
}

static void add_features(const struct look_gather *g, int tile, size_t at, size_t to, int length)
{
    size_t lanes = (size_t)g->features.lanes, tiles = (size_t)g->look->tiling.count;
    const int features = g->look->features;
    double *sums = g->sums + (size_t)tile * (size_t)features;
    float *max = input(g->look, g->look->in.max) + tile;
    (void)to;
    for (int first = 0; first < features; first += (int)lanes) { /* features in adjacent lanes */
        const size_t count =
            (size_t)(features - first) < lanes ? (size_t)(features - first) : lanes;
        const real *x = tensor_channel(&g->features, 0, first) + at * lanes;
        double sum[LANES];
        float m[LANES];
        for (size_t f = 0; f < count; f++) {
            sum[f] = sums[(size_t)first + f];
            m[f] = max[((size_t)first + f) * tiles];
        }
        for (int w = 0; w < length; w++, x += lanes)
            for (size_t f = 0; f < count; f++) {
                sum[f] += (double)x[f];
                m[f] = (float)x[f] > m[f] ? (float)x[f] : m[f];
            }
        for (size_t f = 0; f < count; f++) {
            sums[(size_t)first + f] = sum[f];
            max[((size_t)first + f) * tiles] = m[f];
        }
    }
}

static void look_tiles_gather_task(void *arg, int task, int worker)
{
    const struct gathering *t = arg;
    int at[3] = {t->first[0] + task / t->count[2] / t->count[1],
        t->first[1] + task / t->count[2] % t->count[1], t->first[2] + task % t->count[2]};
    int tile = tiling_index(&t->g->look->tiling, at);
    (void)worker;
    each_row(t->g, tile, look_tiles_keep_logits);
    each_row(t->g, tile, add_features);
}

void look_gather(const struct look_gather *g, struct pool *pool)
{
    struct gathering t = {.g = g};
    for (int i = 0; i < 3; i++) {
        int blocks = g->look->tiling.tile[i] / g->look->scale[i];
        t.first[i] = g->from[i] / blocks;
        t.count[i] = (g->to[i] - 1) / blocks - t.first[i] + 1;
    }
    pool_run(pool, t.count[0] * t.count[1] * t.count[2], look_tiles_gather_task, &t);
}

struct detailing {
    struct look *look;
    const float *x, *coarse;
};

static double look_tiles_deviation(
    const struct look *l, const float *x, double mean, const int block[3])
{
    const int *size = l->tiling.size, *by = l->scale;
    int from[3], to[3];
    double sum = 0, count = 1;
    for (int i = 0; i < 3; i++) {
        from[i] = block[i] * by[i];
        to[i] = from[i] + by[i] < size[i] ? from[i] + by[i] : size[i];
        count *= to[i] - from[i];
    }
    for (int d = from[0]; d < to[0]; d++)
        for (int h = from[1]; h < to[1]; h++) {
            const float *row = x + ((size_t)d * (size_t)size[1] + (size_t)h) * (size_t)size[2];
            for (int w = from[2]; w < to[2]; w++)
                sum += ((double)row[w] - mean) * ((double)row[w] - mean);
        }
    return sqrt(sum / count);
}

static void detail_task(void *arg, int tile, int worker)
{
    const struct detailing *t = arg;
    const struct look *l = t->look;
    const struct policy_inputs c = l->in;
    const int *size = l->coarse_size;
    const size_t voxels = image_voxels(l->tiling.size), blocks = image_voxels(size);
    int from[3], to[3], at[3];
    (void)worker;
    look_tiles_blocks_of(l, tile, from, to);
    for (int k = 0; k < l->detail; k++) {
        double sum = 0, max = 0, count = 0;
        for (at[0] = from[0]; at[0] < to[0]; at[0]++)
            for (at[1] = from[1]; at[1] < to[1]; at[1]++)
                for (at[2] = from[2]; at[2] < to[2]; at[2]++, count++) {
                    const size_t block =
                        ((size_t)at[0] * (size_t)size[1] + (size_t)at[1]) * (size_t)size[2] +
                        (size_t)at[2];
                    const double one = look_tiles_deviation(l, t->x + (size_t)k * voxels,
                        (double)t->coarse[(size_t)k * blocks + block], at);
                    sum += one;
                    max = one > max ? one : max;
                }
        input(l, c.detail + k)[tile] = (float)(sum / count);
        input(l, c.detail_max + k)[tile] = (float)max;
    }
}

void look_detail(struct look *look, const float *x, const float *coarse, struct pool *pool)
{
    struct detailing t = {look, x, coarse};
    pool_run(pool, look->tiling.count, detail_task, &t);
}

struct facts {
    double probability[LABELLING_MAX], entropy, foreground, labelled; /* sums over `count` */
    double entropy_max, foreground_max;
    double count;
};

/* log(x) for x >= 1; near 1 the series is accurate to 1e-15 and saves time at most places. */
static double log_of_sum(double x)
{
    static const double near = 1.0 / 4096;
    const double f = x - 1;
    return f < near ? f * (1 - f * (1.0 / 2 - f * (1.0 / 3 - f / 4))) : kmath_log(x);
}

/* Adds one position under softmax; logits are `stride` apart. */
static void count_classes(struct facts *f, const float *x, size_t stride, int classes)
{
    double e[LABELLING_MAX], sum = 0, min = 0, max = (double)x[0];
    int best = 0;
    for (int c = 1; c < classes; c++)
        if ((double)x[(size_t)c * stride] > max) {
            max = (double)x[(size_t)c * stride];
            best = c;
        }
    /* exp(0) = 1 is not computed: half of the time with two classes. */
    for (int c = 0; c < classes; c++)
        sum += e[c] = c == best ? 1 : kmath_exp((double)x[(size_t)c * stride] - max);
    for (int c = 0; c < classes; c++) {
        f->probability[c] += e[c] / sum;
        min += e[c] / sum * ((double)x[(size_t)c * stride] - max);
    }
    double entropy = log_of_sum(sum) - min, foreground = 1 - e[0] / sum;
    f->entropy += entropy;
    f->entropy_max = fmax(f->entropy_max, entropy);
    f->foreground += foreground;
    f->foreground_max = fmax(f->foreground_max, foreground);
    f->labelled += best > 0;
}

/* Adds one position under sigmoid; foreground is the likeliest region. */
static void count_regions(struct facts *f, const float *x, size_t stride, int classes)
{
    double entropy = 0, max = 0;
    bool any = false;
    for (int c = 0; c < classes; c++) {
        double a = (double)x[(size_t)c * stride], q = kmath_exp(-fabs(a)),
               p = (a < 0 ? q : 1) / (1 + q);
        f->probability[c] += p;
        entropy += log_of_sum(1 + q) + fabs(a) * q / (1 + q);
        max = fmax(max, p);
        any = any || a > 0;
    }
    f->entropy += entropy;
    f->entropy_max = fmax(f->entropy_max, entropy);
    f->foreground += max;
    f->foreground_max = fmax(f->foreground_max, max);
    f->labelled += any;
}

static void count_row(
    const struct look *l, struct facts *f, const float *x, size_t stride, int length)
{
    for (int i = 0; i < length; i++) {
        if (l->regions)
            count_regions(f, x + i, stride, l->classes);
        else
            count_classes(f, x + i, stride, l->classes);
    }
    f->count += length;
}

static void write_facts(const struct look *l, int tile, const struct facts *f)
{
    const struct policy_inputs c = l->in;
    for (int k = 0; k < l->classes; k++)
        input(l, c.probability + k)[tile] = (float)(f->probability[k] / f->count);
    input(l, c.foreground)[tile] = (float)f->foreground_max;
    input(l, c.entropy)[tile] = (float)(f->entropy / f->count);
    input(l, c.entropy_max)[tile] = (float)f->entropy_max;
}

struct finishing {
    struct look *look;
    const double *sums;
};

static void finish_task(void *arg, int tile, int worker)
{
    const struct finishing *t = arg;
    struct look *l = t->look;
    const struct policy_inputs c = l->in;
    struct facts f = {.count = 0};
    int from[3], to[3], at[3];
    const int *size = l->coarse_size;
    size_t blocks = image_voxels(size);
    (void)worker;
    look_tiles_blocks_of(l, tile, from, to);
    for (int d = from[0]; d < to[0]; d++)
        for (int h = from[1]; h < to[1]; h++)
            count_row(l, &f,
                l->logits + ((size_t)d * (size_t)size[1] + (size_t)h) * (size_t)size[2] +
                    (size_t)from[2],
                blocks, to[2] - from[2]);
    write_facts(l, tile, &f);
    for (int k = 0; k < l->features; k++)
        input(l, c.mean + k)[tile] =
            (float)(t->sums[(size_t)tile * (size_t)l->features + (size_t)k] / f.count);
    tiling_place(&l->tiling, tile, at);
    for (int a = 3 - l->dims, k = c.place; a < 3; a++, k++)
        input(l, k)[tile] =
            l->tiling.grid[a] > 1 ? (float)(2.0 * at[a] / (l->tiling.grid[a] - 1) - 1) : 0;
    double share =
        tiling_voxels(&l->tiling, tile) / f.count; /* voxels per block, fewer at the border */
    l->entropy[tile] = f.entropy * share;
    l->foreground[tile] = f.foreground * share;
    l->labelled[tile] = f.labelled * share;
}

void look_finish(struct look *look, const double *sums, struct pool *pool)
{
    struct finishing t = {look, sums};
    pool_run(pool, look->tiling.count, finish_task, &t);
}

void look_seen(struct look *l, int tile, const float *fine)
{
    struct facts f = {.count = 0};
    int first[3], extent[3];
    tiling_part(&l->tiling, tile, first, extent);
    size_t voxels = image_voxels(extent), rows = voxels / (size_t)extent[2];
    for (size_t row = 0; row < rows; row++)
        count_row(l, &f, fine + row * (size_t)extent[2], voxels, extent[2]);
    write_facts(l, tile, &f);
    input(l, l->in.seen)[tile] = 1;
}
