/* SPDX-License-Identifier: Apache-2.0 */
/* Uses a histogram of the map instead of sorting. */
#include "measure/map_measure.h"

#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "base/rng.h"
#include "dataset/labelling.h"

enum { BINS = 1 << 16 };

const char *const map_number_name[MAP_NUMBERS] = {
    "inside", "outside", "auc", "entropy", "p1", "p99"};

double *map_number(struct map_measure *m, int i)
{
    return (double *[MAP_NUMBERS]){
        &m->inside, &m->outside, &m->auc, &m->entropy, &m->p1, &m->p99}[i];
}

struct bins {
    double min, step; /* step 0: all values are equal */
    int64_t *background, *foreground;
};

static int map_measure_bin_of(const struct bins *b, float x)
{
    double at = b->step > 0 ? ((double)x - b->min) / b->step : 0;
    return at < BINS - 1 ? (int)at : BINS - 1;
}

static att_status limits(const float *map, size_t voxels, struct bins *b, struct err *e)
{
    float min = INFINITY, max = -INFINITY;
    for (size_t i = 0; i < voxels; i++) {
        if (!isfinite(map[i]))
            return err_set(
                e, ATT_FAILED, "a map has a value that is not finite; please report this");
        min = fminf(min, map[i]);
        max = fmaxf(max, map[i]);
    }
    b->min = (double)min;
    b->step = ((double)max - (double)min) / BINS;
    return ATT_OK;
}

static att_status make_bins(struct bins *b, struct err *e)
{
    TRY(MEM_ARRAY(b->background, BINS * 2, "a histogram", e));
    b->foreground = b->background + BINS;
    return ATT_OK;
}

/* Share of pairs in which the foreground has the larger value. */
static double area_under_roc(const struct bins *b, int64_t foreground, int64_t background)
{
    double pairs = 0, below = 0;
    for (int i = 0; i < BINS; i++) {
        pairs += (double)b->foreground[i] * (below + 0.5 * (double)b->background[i]);
        below += (double)b->background[i];
    }
    return foreground && background ? pairs / ((double)foreground * (double)background)
                                    : (double)NAN;
}

static double map_measure_percentile(const struct bins *b, int64_t count, double share)
{
    double wanted = share * (double)count, below = 0;
    for (int i = 0; i < BINS; i++) {
        below += (double)(b->background[i] + b->foreground[i]);
        if (below >= wanted && below > 0) return b->min + (i + 0.5) * b->step;
    }
    return (double)NAN;
}

/* -sum p log p with p = x / sum of x. */
static double entropy_of(double sum, double sum_of_logs, int64_t count)
{
    if (!(sum > 0) || count < 2) return (double)NAN;
    return (log(sum) - sum_of_logs / sum) / log((double)count);
}

att_status map_measure(
    const float *map, const uint8_t *classes, size_t voxels, struct map_measure *out, struct err *e)
{
    struct bins b = {.background = NULL};
    double sum[2] = {0, 0}, sum_of_logs = 0;
    int64_t count[2] = {0, 0};
    TRY(limits(map, voxels, &b, e));
    TRY(make_bins(&b, e));
    for (size_t i = 0; i < voxels; i++) {
        if (classes[i] == LABELLING_IGNORE) continue;
        int in = classes[i] != 0;
        double x = (double)map[i];
        (in ? b.foreground : b.background)[map_measure_bin_of(&b, map[i])]++;
        count[in]++;
        sum[in] += x;
        sum_of_logs += x > 0 ? x * log(x) : 0;
    }
    int64_t all = count[0] + count[1];
    *out = (struct map_measure){.inside = count[1] ? sum[1] / (double)count[1] : (double)NAN,
        .outside = count[0] ? sum[0] / (double)count[0] : (double)NAN,
        .auc = area_under_roc(&b, count[1], count[0]),
        .entropy = b.min >= 0 ? entropy_of(sum[0] + sum[1], sum_of_logs, all) : (double)NAN,
        .p1 = map_measure_percentile(&b, all, .01),
        .p99 = map_measure_percentile(&b, all, .99)};
    mem_free(b.background);
    return ATT_OK;
}

att_status map_area(
    const float *map, size_t voxels, bool largest, size_t count, uint8_t *area, struct err *e)
{
    struct bins b = {.background = NULL};
    TRY(limits(map, voxels, &b, e));
    TRY(make_bins(&b, e));
    for (size_t i = 0; i < voxels; i++) b.background[map_measure_bin_of(&b, map[i])]++;
    size_t left = count;
    int edge = largest ? BINS - 1 : 0, way = largest ? -1 : 1; /* the bin to mark in part */
    while (left && (size_t)b.background[edge] <= left && edge + way >= 0 && edge + way < BINS) {
        left -= (size_t)b.background[edge];
        edge += way;
    }
    size_t equals = (size_t)b.background[edge], seen = 0;
    for (size_t i = 0; i < voxels; i++) {
        int bin = map_measure_bin_of(&b, map[i]);
        area[i] = largest ? bin > edge : bin < edge;
        if (bin != edge || !equals) continue;
        double before = (double)seen * (double)left / (double)equals,
               after = (double)(seen + 1) * (double)left / (double)equals;
        area[i] = floor(after) > floor(before);
        seen++;
    }
    mem_free(b.background);
    return ATT_OK;
}

void map_area_elsewhere(
    const uint8_t *area, const int size[3], uint64_t seed, uint32_t a, uint32_t b, uint8_t *moved)
{
    struct rng rng = rng_stream(seed, RNG_STATS, a, b);
    int by[3];
    for (int i = 0; i < 3; i++) by[i] = (int)rng_below(&rng, (uint32_t)size[i]);
    for (int d = 0; d < size[0]; d++)
        for (int h = 0; h < size[1]; h++) {
            const size_t width = (size_t)size[2], first = (size_t)by[2];
            const uint8_t *from = area + ((size_t)d * (size_t)size[1] + (size_t)h) * width;
            uint8_t *to = moved +
                ((size_t)((d + by[0]) % size[0]) * (size_t)size[1] +
                    (size_t)((h + by[1]) % size[1])) *
                    width;
            memcpy(to + first, from, width - first);
            memcpy(to, from + width - first, first);
        }
}
