/* SPDX-License-Identifier: Apache-2.0 */
#include "measure/stats.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/order.h"
#include "base/rng.h"

/* Relative: closer numbers are equal, since files have ten digits; closer differences share a
 * rank. */
static const double ROUNDING = 1e-9, TIE = 1e-9;

double stats_mean(const double *x, int n)
{
    double sum = 0;
    for (int i = 0; i < n; i++) sum += x[i];
    return n > 0 ? sum / n : (double)NAN;
}

double stats_deviation(const double *x, int n)
{
    double mean = stats_mean(x, n), sum = 0;
    for (int i = 0; i < n; i++) sum += (x[i] - mean) * (x[i] - mean);
    return n > 1 ? sqrt(sum / (n - 1)) : (double)NAN;
}

static int stats_by_size(const void *a, const void *b)
{
    double x = fabs(*(const double *)a), y = fabs(*(const double *)b);
    return (x > y) - (x < y);
}

double stats_difference(double a, double b)
{
    return fabs(a - b) <= ROUNDING * fmax(fabs(a), fabs(b)) ? 0 : a - b;
}

/* Twice the rank of each of n differences sorted by size, and the sum of t^3 - t over groups of t
 * ties. */
static double stats_rank(const double *sorted, int n, int *twice)
{
    double ties = 0;
    for (int i = 0, end; i < n; i = end) {
        for (end = i + 1; end < n && fabs(sorted[end]) <= fabs(sorted[i]) * (1 + TIE);) end++;
        double t = end - i;
        for (int k = i; k < end; k++) twice[k] = i + 1 + end;
        ties += t * t * t - t;
    }
    return ties;
}

/* Number of the 2^n sign choices for each sum of (twice the) positive ranks; `ways` has `max` + 1
 * entries. */
static void count_ways(const int *twice, int n, double *ways, int max)
{
    for (int s = 0; s <= max; s++) ways[s] = s == 0;
    for (int i = 0; i < n; i++)
        for (int s = max; s >= twice[i]; s--) ways[s] += ways[s - twice[i]];
}

static double exact(const int *twice, int n, int positive, double *ways)
{
    int max = n * (n + 1);
    double below = 0, above = 0;
    count_ways(twice, n, ways, max);
    for (int s = 0; s <= max; s++) {
        if (s <= positive) below += ways[s];
        if (s >= positive) above += ways[s];
    }
    return fmin(1, 2 * fmin(below, above) / ldexp(1, n));
}

static double approximate(int n, int64_t positive, double ties)
{
    double m = n, mean = m * (m + 1) / 4, variance = m * (m + 1) * (2 * m + 1) / 24 - ties / 48;
    return erfc(fabs((double)positive / 2 - mean) / sqrt(2 * variance));
}

att_status stats_wilcoxon(const double *difference, int n, double *p, struct err *e)
{
    enum { WAYS = STATS_EXACT_RANKS * (STATS_EXACT_RANKS + 1) + 1 };
    size_t bytes = (size_t)n * (sizeof(double) + sizeof(int));
    double *sorted = mem_alloc(bytes), *ways = mem_array(WAYS, sizeof *ways);
    int *twice = sorted ? (int *)(sorted + n) : NULL, count = 0;
    int64_t positive = 0;
    att_status status =
        sorted && ways ? ATT_OK : err_memory(e, bytes + WAYS * sizeof *ways, "the signed ranks");
    if (status == ATT_OK) {
        for (int i = 0; i < n; i++)
            if (difference[i] != 0) sorted[count++] = difference[i];
        qsort(sorted, (size_t)count, sizeof *sorted, stats_by_size);
        double ties = stats_rank(sorted, count, twice);
        for (int i = 0; i < count; i++) positive += sorted[i] > 0 ? twice[i] : 0;
        *p = count == 0                  ? 1
            : count <= STATS_EXACT_RANKS ? exact(twice, count, (int)positive, ways)
                                         : approximate(count, positive, ties);
    }
    mem_free(sorted);
    mem_free(ways);
    return status;
}

double stats_permutation(const double *difference, int n, int draws, uint64_t seed)
{
    bool all = n <= STATS_EXACT_SIGNS;
    double observed = 0, size = 0;
    int extreme = 0;
    uint32_t bits = 0;
    struct rng r = rng_stream(seed, RNG_STATS, 0, 0);
    for (int i = 0; i < n; i++) {
        observed += difference[i];
        size += fabs(difference[i]);
    }
    const double min = fabs(observed) - 1e-12 * size; /* the order of summation changes rounding */
    if (all) draws = 1 << n;
    for (int k = 0; k < draws; k++) {
        double sum = 0;
        for (int i = 0; i < n; i++) {
            if (i % 32 == 0) bits = all ? (uint32_t)k : rng_u32(&r);
            sum += bits >> i % 32 & 1 ? difference[i] : -difference[i];
        }
        extreme += fabs(sum) >= min;
    }
    return all ? (double)extreme / draws : (1.0 + extreme) / (1.0 + draws);
}

int stats_fewest(int m)
{
    int n = 1;
    while (m * 2 / ldexp(1, n) >= .05) n++;
    return n;
}

struct numbered {
    double p;
    int index;
};

static int by_p(const void *a, const void *b)
{
    const struct numbered *x = a, *y = b;
    if (x->p != y->p) return x->p < y->p ? -1 : 1;
    return x->index - y->index;
}

att_status stats_holm(const double *p, int m, double *corrected, struct err *e)
{
    struct numbered *sorted;
    double max = 0;
    TRY(MEM_ARRAY(sorted, m, "Holm's correction", e));
    for (int i = 0; i < m; i++) sorted[i] = (struct numbered){p[i], i};
    qsort(sorted, (size_t)m, sizeof *sorted, by_p);
    for (int i = 0; i < m; i++) {
        max = fmax(max, fmin(1, sorted[i].p * (m - i)));
        corrected[sorted[i].index] = max;
    }
    mem_free(sorted);
    return ATT_OK;
}

att_status stats_gather(double *x, const int *group, int n, int groups, int *count, struct err *e)
{
    double *sum = mem_array((size_t)groups * 2, sizeof *sum), *size = sum ? sum + groups : NULL;
    if (!sum) return err_memory(e, (size_t)groups * 2 * sizeof *sum, "the groups");
    memset(count, 0, (size_t)groups * sizeof *count);
    for (int i = 0; i < n; i++) {
        sum[group[i]] += x[i];
        size[group[i]] += fabs(x[i]);
        count[group[i]]++;
    }
    for (int k = 0; k < groups; k++) x[k] = fabs(sum[k]) <= ROUNDING * size[k] ? 0 : sum[k];
    mem_free(sum);
    return ATT_OK;
}

att_status stats_bootstrap(const double *x, const int *count, int n, int draws, double level,
    uint64_t seed, double *low, double *high, struct err *e)
{
    struct rng r = rng_stream(seed, RNG_STATS, 1, 0);
    double *means;
    TRY(MEM_ARRAY(means, draws, "the bootstrap", e));
    for (int k = 0; k < draws; k++) {
        double sum = 0, of = 0;
        for (int i = 0; i < n; i++) {
            const uint32_t drawn = rng_below(&r, (uint32_t)n);
            sum += x[drawn];
            of += count ? count[drawn] : 1;
        }
        means[k] = sum / of;
    }
    qsort(means, (size_t)draws, sizeof *means, order_doubles);
    *low = order_quantile(means, draws, (1 - level) / 2);
    *high = order_quantile(means, draws, (1 + level) / 2);
    mem_free(means);
    return ATT_OK;
}
