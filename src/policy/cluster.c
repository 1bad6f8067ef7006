/* SPDX-License-Identifier: Apache-2.0 */
/* Clusters grow from single tiles, each by the neighbour that saves most; called by look.c. */
#include "policy/cluster.h"

#include <stdlib.h>
#include <string.h>

#include "base/ints.h"
#include "base/mem.h"
#include "base/order.h"

struct cluster cluster_single(const struct tiling *t, int tile)
{
    struct cluster c = {.count = {1, 1, 1}};
    tiling_place(t, tile, c.from);
    return c;
}

static int cluster_length(const struct tiling *t, const int *multiple, int axis, int tiles)
{
    const int one = t->tile[axis] + 2 * t->halo[axis];
    if (tiles == 1) return one;
    return max_int(one,
        min_int(round_up(tiles * t->tile[axis] + 2 * t->halo[axis], multiple[axis]),
            round_up(t->size[axis], multiple[axis])));
}

void cluster_window(const struct tiling *t, const struct cluster *c, const int multiple[3],
    int origin[3], int extent[3])
{
    for (int a = 0; a < 3; a++) {
        const int size = t->size[a], from = c->from[a] * t->tile[a] - t->halo[a];
        extent[a] = cluster_length(t, multiple, a, c->count[a]);
        origin[a] =
            size < extent[a] ? (size - extent[a]) / 2 : min_int(max_int(from, 0), size - extent[a]);
    }
}

static double voxels_of(const struct tiling *t, const struct cluster *c, const int *multiple)
{
    double voxels = 1;
    for (int a = 0; a < 3; a++) voxels *= cluster_length(t, multiple, a, c->count[a]);
    return voxels;
}

double clusters_voxels(const struct tiling *t, const struct clusters *c, const int multiple[3])
{
    double sum = 0;
    for (int i = 0; i < c->count; i++) sum += voxels_of(t, &c->list[i], multiple);
    return sum;
}

/* Shares shrink as boxes grow, and other windows are rounded up. */
double clusters_min(const struct tiling *t, const int max[3])
{
    double share = 1;
    for (int a = 0; a < 3; a++) {
        const int tiles = min_int(max[a], t->grid[a]),
                  window = min_int(t->tile[a] * tiles + 2 * t->halo[a], t->size[a]);
        share *= (double)window / tiles;
    }
    return share;
}

struct cluster_work {
    const struct tiling *t;
    const int *max, *multiple;
    struct cluster *list; /* [n] */
    bool *merged;         /* merged into another */
    int *owner;           /* [grid] of a chosen tile, or -1 */
    int *seen, look;      /* [n] the last search that visited a cluster */
};

static struct cluster cluster_union(const struct cluster *a, const struct cluster *b)
{
    struct cluster c;
    for (int i = 0; i < 3; i++) {
        c.from[i] = min_int(a->from[i], b->from[i]);
        c.count[i] = max_int(a->from[i] + a->count[i], b->from[i] + b->count[i]) - c.from[i];
    }
    return c;
}

static bool cluster_contains_box(const struct cluster *a, const struct cluster *of)
{
    bool all = true;
    for (int i = 0; i < 3; i++)
        all = all && a->from[i] >= of->from[i] &&
            a->from[i] + a->count[i] <= of->from[i] + of->count[i];
    return all;
}

/* Visit clusters with tiles in a box once each, in scan order: the next after position `at`, or
 * -1. */
static int cluster_next(struct cluster_work *g, const struct cluster *box, int *at)
{
    const int cells = box->count[0] * box->count[1] * box->count[2];
    while (*at < cells) {
        const int i = (*at)++;
        const int place[3] = {box->from[0] + i / box->count[2] / box->count[1],
            box->from[1] + i / box->count[2] % box->count[1], box->from[2] + i % box->count[2]};
        const int k = g->owner[tiling_index(g->t, place)];
        if (k < 0 || g->seen[k] == g->look) continue;
        g->seen[k] = g->look;
        return k;
    }
    return -1;
}

/* Voxels saved if `box` replaces all clusters in it. */
static double cluster_saving(struct cluster_work *g, const struct cluster *box)
{
    double sum = -voxels_of(g->t, box, g->multiple);
    g->look++;
    for (int at = 0, k; (k = cluster_next(g, box, &at)) >= 0;)
        if (cluster_contains_box(&g->list[k], box))
            sum += voxels_of(g->t, &g->list[k], g->multiple);
    return sum;
}

/* Joining across a gap of g tiles saves two halos, so g * tile > 2 * halo saves nothing. (Windows
 * clipped at the image may still save; ignored.) */
static struct cluster cluster_reach(const struct tiling *t, const struct cluster *c)
{
    struct cluster wide;
    for (int a = 0; a < 3; a++) {
        const int reach = min_int(1 + 2 * t->halo[a] / t->tile[a], t->grid[a]);
        wide.from[a] = max_int(c->from[a] - reach, 0);
        wide.count[a] = min_int(c->from[a] + c->count[a] + reach, t->grid[a]) - wide.from[a];
    }
    return wide;
}

/* Collect candidates first, since saved() uses the same iterator. */
static bool cluster_best_union(struct cluster_work *g, int i, int *near, struct cluster *best)
{
    const struct cluster wide = cluster_reach(g->t, &g->list[i]);
    double max = 0;
    int count = 0;
    g->look++;
    for (int at = 0, k; (k = cluster_next(g, &wide, &at)) >= 0;)
        if (k != i) near[count++] = k;
    for (int j = 0; j < count; j++) {
        const struct cluster one = cluster_union(&g->list[i], &g->list[near[j]]);
        bool fits = true;
        for (int a = 0; a < 3; a++) fits = fits && one.count[a] <= g->max[a];
        const double gain = fits ? cluster_saving(g, &one) : 0;
        if (gain > max) {
            max = gain;
            *best = one;
        }
    }
    return max > 0;
}

static void cluster_merge(struct cluster_work *g, int i, const struct cluster *box)
{
    g->look++;
    for (int at = 0, k; (k = cluster_next(g, box, &at)) >= 0;)
        if (cluster_contains_box(&g->list[k], box)) g->merged[k] = true;
    for (int d = 0; d < box->count[0]; d++)
        for (int h = 0; h < box->count[1]; h++)
            for (int w = 0; w < box->count[2]; w++) {
                int *owner = &g->owner[tiling_index(
                    g->t, (int[3]){box->from[0] + d, box->from[1] + h, box->from[2] + w})];
                if (*owner >= 0 && g->merged[*owner]) *owner = i;
            }
    g->merged[i] = false;
    g->list[i] = *box;
}

/* Repeat until none grows: a grown cluster may save where it did not before. */
static void cluster_grow(struct cluster_work *g, int n, int *near)
{
    struct cluster best;
    for (bool again = true; again;) {
        again = false;
        for (int i = 0; i < n; i++)
            while (!g->merged[i] && cluster_best_union(g, i, near, &best)) {
                cluster_merge(g, i, &best);
                again = true;
            }
    }
}

static int cluster_by_size(const void *a, const void *b)
{
    const struct cluster *x = a, *y = b;
    int order = 0;
    for (int i = 0; i < 3 && !order; i++) order = order_ints(&x->count[i], &y->count[i]);
    for (int i = 0; i < 3 && !order; i++) order = order_ints(&x->from[i], &y->from[i]);
    return order;
}

/* Collect the remaining clusters and their tiles. `place` is [n]. */
static void cluster_gather(
    const struct cluster_work *g, const int *sorted, int n, int *place, struct clusters *c)
{
    for (int i = 0; i < n; i++)
        if (!g->merged[i]) c->list[c->count++] = g->list[i];
    qsort(c->list, (size_t)c->count, sizeof *c->list, cluster_by_size);
    for (int i = 0; i < n; i++)
        if (!g->merged[i]) {
            const struct cluster *found =
                bsearch(&g->list[i], c->list, (size_t)c->count, sizeof *c->list, cluster_by_size);
            place[i] = (int)(found - c->list);
        }
    for (int i = 0; i < n; i++) c->begin[place[g->owner[sorted[i]]] + 1]++;
    for (int k = 0; k < c->count; k++) c->begin[k + 1] += c->begin[k];
    for (int i = n; i-- > 0;) c->tile[--c->begin[place[g->owner[sorted[i]]] + 1]] = sorted[i];
    for (int k = 0; k < c->count; k++) c->begin[k] = c->begin[k + 1];
    c->begin[c->count] = n;
}

static void cluster_start(struct cluster_work *g, const int *sorted, int n)
{
    for (int i = 0; i < g->t->count; i++) g->owner[i] = -1;
    for (int i = 0; i < n; i++) {
        g->list[i] = cluster_single(g->t, sorted[i]);
        g->owner[sorted[i]] = i;
    }
}

att_status clusters_make(const struct tiling *t, const int *item, int n, const int max[3],
    const int multiple[3], struct clusters *c, struct err *e)
{
    const size_t tiles = (size_t)n + 1, cells = (size_t)t->count;
    struct cluster_work g = {.t = t, .max = max, .multiple = multiple};
    int *sorted = mem_array(tiles, sizeof *sorted), *work = mem_array(tiles, sizeof *work);
    *c = (struct clusters){
        .list = mem_array(tiles, sizeof *c->list), .begin = mem_array(tiles + 1, sizeof *c->begin)};
    c->tile = mem_array(tiles, sizeof *c->tile);
    g.list = mem_array(tiles, sizeof *g.list);
    g.merged = mem_array(tiles, sizeof *g.merged);
    g.seen = mem_array(tiles, sizeof *g.seen);
    g.owner = mem_array(cells, sizeof *g.owner);
    const bool room =
        sorted && work && c->list && c->begin && c->tile && g.list && g.merged && g.seen && g.owner;
    if (room) {
        memcpy(sorted, item, (size_t)n * sizeof *sorted);
        qsort(sorted, (size_t)n, sizeof *sorted, order_ints);
        cluster_start(&g, sorted, n);
        if (clusters_shared(max)) cluster_grow(&g, n, work);
        cluster_gather(&g, sorted, n, work, c);
    }
    mem_free(sorted);
    mem_free(work);
    mem_free(g.list);
    mem_free(g.merged);
    mem_free(g.seen);
    mem_free(g.owner);
    if (room) return ATT_OK;
    clusters_free(c);
    return err_memory(e, cells * sizeof *g.owner, "the tiles that share windows");
}

void clusters_free(struct clusters *c)
{
    mem_free(c->list);
    mem_free(c->begin);
    mem_free(c->tile);
    *c = (struct clusters){.count = 0};
}
