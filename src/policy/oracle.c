/* SPDX-License-Identifier: Apache-2.0 */
/* The greedy oracle, and the exact optimum for one class by Dinkelbach's method (On nonlinear
 * fractional programming, 1967): the largest ratio N / D is the lambda for which max over choices
 * of N - lambda D is 0. N and D are sums over tiles, so the largest positive terms are the best
 * choice for a lambda; its ratio is the next lambda, until it stops growing. */
#include "policy/oracle.h"

#include <stdbool.h>

#include "policy/largest.h"

/* The tile that raises `dice` most, or -1; sets *dice to the result. */
static int best_tile(const struct tile_sums *s, const struct tile_mix *now, const int *chosen,
    int count, double *dice)
{
    int best = -1;
    for (int tile = 0; tile < s->tiles; tile++) {
        bool had = false;
        for (int i = 0; i < count && !had; i++) had = chosen[i] == tile;
        if (had) continue;
        struct tile_mix then = *now;
        tile_mix_take(s, tile, &then);
        double next = tile_mix_dice(s, &then, NULL);
        if (!(next > *dice)) continue;
        *dice = next;
        best = tile;
    }
    return best;
}

int oracle_greedy(const struct tile_sums *s, int k, int *chosen)
{
    struct tile_mix now;
    tile_mix_begin(s, &now);
    double dice = tile_mix_dice(s, &now, NULL);
    int count = 0;
    for (; count < k; count++) {
        int best = best_tile(s, &now, chosen, count, &dice);
        if (best < 0) break;
        chosen[count] = best;
        tile_mix_take(s, best, &now);
    }
    return count;
}

int oracle_optimum(const struct tile_sums *s, int k, int *chosen, double *value)
{
    struct largest l = {.key = value, .item = chosen, .max = k};
    bool truth = s->total[2] > 0;
    double lambda = tile_sums_dice(s, chosen, 0, NULL);
    for (;;) {
        l.count = 0;
        for (int tile = 0; tile < s->tiles; tile++) {
            const double *c = s->coarse + 2 * tile, *f = s->fine + 2 * tile;
            /* Without true voxels only fewer predicted ones count. */
            double term = truth ? 2 * (f[0] - c[0]) - lambda * (f[1] - c[1]) : c[1] - f[1];
            if (term > 0) largest_offer(&l, term, tile);
        }
        largest_sort(&l);
        double ratio = tile_sums_dice(s, chosen, l.count, NULL);
        if (!(ratio > lambda)) return l.count;
        lambda = ratio;
    }
}
