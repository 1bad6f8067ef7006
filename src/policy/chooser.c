/* SPDX-License-Identifier: Apache-2.0 */
/* All choosers except oracle and optimum rate each tile and take the largest. */
#include "policy/chooser.h"

#include "base/mem.h"
#include "policy/largest.h"
#include "policy/oracle.h"

const char *const chooser_name[CHOOSERS] = {"random", "random foreground", "coarse entropy",
    "coarse foreground", "box", "location prior", "greedy oracle", "exact optimum"};

/* The box around tiles with coarse foreground, or the whole grid. */
struct grid_box {
    int low[3], high[3];
    double far; /* more than any squared distance in the grid */
};

static struct grid_box box_around(const struct tiling *t, const double *labelled)
{
    struct grid_box b = {.far = 1};
    int seen = 0;
    for (int a = 0; a < 3; a++) {
        b.high[a] = t->grid[a] - 1;
        b.far += (double)t->grid[a] * t->grid[a];
    }
    for (int i = 0; i < t->count; i++) {
        if (!(labelled[i] > 0)) continue;
        int at[3];
        tiling_place(t, i, at);
        for (int a = 0; a < 3; a++) {
            if (!seen || at[a] < b.low[a]) b.low[a] = at[a];
            if (!seen || at[a] > b.high[a]) b.high[a] = at[a];
        }
        seen = 1;
    }
    return b;
}

/* Minus the squared distance from the box; ties go to tiles near its middle. */
static double near_box(const struct grid_box *b, const int at[3])
{
    double outside = 0, middle = 0;
    for (int a = 0; a < 3; a++) {
        double low = b->low[a] - at[a], high = at[a] - b->high[a],
               from = at[a] - 0.5 * (b->low[a] + b->high[a]);
        double out = low > 0 ? low : high > 0 ? high : 0;
        outside += out * out;
        middle += from * from;
    }
    return -(outside * b->far + middle);
}

static void rate_tiles(
    enum chooser kind, const struct chooser_view *v, struct rng *stream, double *value)
{
    const struct tiling *t = v->tiling;
    struct grid_box b = {.far = 1};
    if (kind == CHOOSER_BOX) b = box_around(t, v->labelled);
    for (int i = 0; i < t->count; i++) {
        int at[3];
        tiling_place(t, i, at);
        if (kind == CHOOSER_RANDOM) value[i] = rng_uniform(stream);
        if (kind == CHOOSER_RANDOM_FOREGROUND)
            value[i] = rng_uniform(stream) + (v->labelled[i] > 0);
        if (kind == CHOOSER_ENTROPY) value[i] = v->entropy[i];
        if (kind == CHOOSER_FOREGROUND) value[i] = v->foreground[i];
        if (kind == CHOOSER_BOX) value[i] = near_box(&b, at);
        if (kind == CHOOSER_PRIOR) value[i] = v->prior[i];
    }
}

static int policy_chooser_choose(enum chooser kind, const struct chooser_view *v, int k,
    struct rng *stream, int *chosen, double *value)
{
    if (kind == CHOOSER_ORACLE) return oracle_greedy(v->sums, k, chosen);
    if (kind == CHOOSER_OPTIMUM) return oracle_optimum(v->sums, k, chosen, value);
    struct largest l = {.key = value + v->tiling->count, .item = chosen, .max = k};
    rate_tiles(kind, v, stream, value);
    for (int i = 0; i < v->tiling->count; i++) largest_offer(&l, value[i], i);
    largest_sort(&l);
    return l.count;
}

att_status chooser_choose(enum chooser kind, const struct chooser_view *v, int k,
    struct rng *stream, int *chosen, int *count, struct err *e)
{
    size_t tiles = (size_t)v->tiling->count;
    if (kind == CHOOSER_OPTIMUM && v->sums->classes != 1)
        return err_usage(e,
            "the exact optimum supports one foreground class, not %d; use the greedy oracle",
            v->sums->classes);
    if (k > v->tiling->count) k = v->tiling->count;
    double *value = mem_array(tiles, 2 * sizeof *value);
    if (!value) return err_memory(e, tiles * 2 * sizeof *value, "choices of tiles");
    *count = policy_chooser_choose(kind, v, k, stream, chosen, value);
    mem_free(value);
    return ATT_OK;
}
