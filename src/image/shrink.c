/* SPDX-License-Identifier: Apache-2.0 */
/* Averages over blocks; for preparation, and for the coarse pass of hard attention. */
#include "image/shrink.h"

#include <stdbool.h>
#include <string.h>

#include "base/tasks.h"

enum { TASK = 1 << 14 }; /* samples of one task */

int shrink_length(int size, int by) { return divide_up(size, by); }

/* Rows of a result, cut into tasks by shape alone. */
struct rows {
    const void *x;
    void *y;
    int size[3], by[3];
    int small[3], out[3];  /* blocks, and the result's size */
    struct box part, have; /* of the result; of the blocks */
    uint8_t unknown;
    struct tasks tasks;
    void (*row)(const struct rows *r, size_t c, int d, int h);
};

static void task_rows(void *arg, int task, int worker)
{
    const struct rows *r = arg;
    (void)worker;
    for (size_t i = tasks_from(&r->tasks, task); i < tasks_till(&r->tasks, task); i++) {
        size_t h = i % (size_t)r->out[1], d = i / (size_t)r->out[1] % (size_t)r->out[0];
        r->row(r, i / (size_t)r->out[1] / (size_t)r->out[0], (int)d, (int)h);
    }
}

/* `work`: samples read per sample of the result. */
static void shrink_run(struct rows *r, int channels, size_t work, struct pool *pool)
{
    r->tasks = tasks_cut(
        (size_t)channels * (size_t)r->out[0] * (size_t)r->out[1], (size_t)r->out[2] * work, TASK);
    pool_run(pool, tasks_count(&r->tasks), task_rows, r);
}

static struct rows shrink_rows_of(const void *x, void *y, const int size[3], const int by[3])
{
    struct rows r = {.x = x, .y = y};
    for (int i = 0; i < 3; i++) {
        r.size[i] = size[i];
        r.by[i] = by[i];
        r.small[i] = r.out[i] = shrink_length(size[i], by[i]);
    }
    return r;
}

static size_t shrink_row_at(const int size[3], size_t c, int d, int h)
{
    return ((c * (size_t)size[0] + (size_t)d) * (size_t)size[1] + (size_t)h) * (size_t)size[2];
}

/* End of block i of an axis. */
static int block_end(const struct rows *r, int axis, int i)
{
    int left = r->size[axis] - i * r->by[axis];
    return left < r->by[axis] ? r->size[axis] : (i + 1) * r->by[axis];
}

static void shrink_mean_row(const struct rows *r, size_t c, int d, int h)
{
    float *y = (float *)r->y + shrink_row_at(r->small, c, d, h);
    int d_end = block_end(r, 0, d), h_end = block_end(r, 1, h);
    for (int w = 0; w < r->small[2]; w++) {
        int from = w * r->by[2], to = block_end(r, 2, w);
        double sum = 0;
        for (int i = d * r->by[0]; i < d_end; i++)
            for (int j = h * r->by[1]; j < h_end; j++) {
                const float *x = (const float *)r->x + shrink_row_at(r->size, c, i, j);
                for (int k = from; k < to; k++) sum += (double)x[k];
            }
        y[w] =
            (float)(sum / ((double)(d_end - d * r->by[0]) * (h_end - h * r->by[1]) * (to - from)));
    }
}

void shrink_image(
    const float *x, int channels, const int size[3], const int by[3], float *y, struct pool *pool)
{
    struct rows r = shrink_rows_of(x, y, size, by);
    r.row = shrink_mean_row;
    shrink_run(&r, channels, (size_t)by[0] * (size_t)by[1] * (size_t)by[2], pool);
}

static uint8_t majority(const size_t count[256], uint8_t unknown, size_t voxels)
{
    int best = 0;
    if (2 * count[unknown] > voxels) return unknown;
    if (2 * count[0] > voxels - count[unknown]) return 0;
    for (int c = 1; c < 256; c++)
        if (c != unknown && count[c] > (best ? count[best] : 0)) best = c;
    return (uint8_t)best;
}

static void shrink_class_row(const struct rows *r, size_t c, int d, int h)
{
    uint8_t *y = (uint8_t *)r->y + shrink_row_at(r->small, c, d, h);
    int d_end = block_end(r, 0, d), h_end = block_end(r, 1, h);
    for (int w = 0; w < r->small[2]; w++) {
        size_t count[256] = {0}, voxels = 0;
        int from = w * r->by[2], to = block_end(r, 2, w);
        for (int i = d * r->by[0]; i < d_end; i++)
            for (int j = h * r->by[1]; j < h_end; j++) {
                const uint8_t *x = (const uint8_t *)r->x + shrink_row_at(r->size, c, i, j);
                for (int k = from; k < to; k++) count[x[k]]++;
                voxels += (size_t)(to - from);
            }
        y[w] = majority(count, r->unknown, voxels);
    }
}

void shrink_classes(const uint8_t *x, const int size[3], const int by[3], uint8_t unknown,
    uint8_t *y, struct pool *pool)
{
    struct rows r = shrink_rows_of(x, y, size, by);
    r.unknown = unknown;
    r.row = shrink_class_row;
    shrink_run(&r, 1, (size_t)by[0] * (size_t)by[1] * (size_t)by[2] + 256, pool);
}

/* The two blocks that voxel `at` mixes, and the share of the second. */
struct between {
    int a, b;
    float share;
};

/* Voxel `offset` of block `block`. */
static inline struct between shrink_locate(const struct rows *r, int axis, int block, int offset)
{
    int by = r->by[axis],
        half = offset * 2 + 1 - by; /* from the block's centre, in halves of a voxel */
    struct between p = {block, block, 0};
    if (half < 0 && block > 0) {
        p.a--;
        half += 2 * by;
    } else if (half < 0 || block == r->small[axis] - 1) {
        return p;
    }
    p.b = p.a + 1;
    p.share = (float)half / (float)(2 * by);
    return p;
}

static struct between locate_at(const struct rows *r, int axis, int at)
{
    return shrink_locate(r, axis, at / r->by[axis], at % r->by[axis]);
}

static inline float shrink_mix(float a, float b, float share) { return a + (b - a) * share; }

static const float *block_row(const struct rows *r, size_t c, int d, int h)
{
    return (const float *)r->x +
        shrink_row_at(r->have.size, c, d - r->have.from[0], h - r->have.from[1]);
}

static void back_row(const struct rows *r, size_t c, int d, int h)
{
    float *y = (float *)r->y + shrink_row_at(r->out, c, d, h);
    struct between pd = locate_at(r, 0, r->part.from[0] + d),
                   ph = locate_at(r, 1, r->part.from[1] + h);
    const float *aa = block_row(r, c, pd.a, ph.a), *ab = block_row(r, c, pd.a, ph.b);
    const float *ba = block_row(r, c, pd.b, ph.a), *bb = block_row(r, c, pd.b, ph.b);
    int block = r->part.from[2] / r->by[2], offset = r->part.from[2] % r->by[2];
    bool flat = pd.share == 0;
    for (int w = 0; w < r->out[2]; w++) {
        struct between p = shrink_locate(r, 2, block, offset);
        int a = p.a - r->have.from[2], b = p.b - r->have.from[2];
        float near = shrink_mix(
            shrink_mix(aa[a], aa[b], p.share), shrink_mix(ab[a], ab[b], p.share), ph.share);
        y[w] = flat ? near
                    : shrink_mix(near,
                          shrink_mix(shrink_mix(ba[a], ba[b], p.share),
                              shrink_mix(bb[a], bb[b], p.share), ph.share),
                          pd.share);
        if (++offset == r->by[2]) {
            offset = 0;
            block++;
        }
    }
}

void shrink_needs(int size, int by, int from, int count, int *first, int *end)
{
    int blocks = shrink_length(size, by), last = (from + count - 1) / by + 1;
    *first = from / by > 0 ? from / by - 1 : 0;
    *end = last < blocks ? last + 1 : blocks;
}

void shrink_back_part(const float *x, const struct box *have, int channels, const int size[3],
    const int by[3], const struct box *part, float *y, struct pool *pool)
{
    struct rows r = shrink_rows_of(x, y, size, by);
    r.part = *part;
    r.have = *have;
    memcpy(r.out, part->size, sizeof r.out);
    r.row = back_row;
    shrink_run(&r, channels, 4, pool);
}

void shrink_back(const float *x, int channels, const int size[3], const int by[3],
    const struct box *part, float *y, struct pool *pool)
{
    int blocks[3];
    for (int i = 0; i < 3; i++) blocks[i] = shrink_length(size[i], by[i]);
    const struct box all = box_whole(blocks);
    shrink_back_part(x, &all, channels, size, by, part, y, pool);
}
