/* SPDX-License-Identifier: Apache-2.0 */
/* scikit-learn's StratifiedKFold and StratifiedGroupKFold. The latter compares rounded numbers, so
 * sums here are in numpy's order. */
#include "dataset/stratify.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "dataset/mt19937.h"

int stratify_kinds(const struct class_set *present, const int *list, int n, int *kind, int *first)
{
    int kinds = 0;
    for (int i = 0; i < n; i++) {
        int k = 0;
        while (k < kinds && !class_set_equal(present[list[first[k]]], present[list[i]])) k++;
        if (k == kinds) first[kinds++] = i;
        kind[i] = k;
    }
    return kinds;
}

/* With cases sorted by kind, fold f gets cases f, f + folds, ...: returns how many of a kind that
 * starts at `at` with `count` cases. */
static int allocated(int at, int count, int folds, int f)
{
    int end = at + count; /* numbers f, f + folds, ... below `end` */
    int below_end = end > f ? (end - f - 1) / folds + 1 : 0,
        below_at = at > f ? (at - f - 1) / folds + 1 : 0;
    return below_end - below_at;
}

att_status stratify_kfold(
    const int *kind, int n, int kinds, int folds, uint32_t seed, int *fold, struct err *e)
{
    int *deck = mem_array((size_t)n + 1, sizeof *deck);
    struct mt19937 r;
    if (!deck) return err_memory(e, ((size_t)n + 1) * sizeof *deck, "the split");
    mt19937_seed(&r, seed);
    for (int k = 0, at = 0; k < kinds; k++) {
        int count = 0, cards = 0;
        for (int i = 0; i < n; i++) count += kind[i] == k;
        for (int f = 0; f < folds; f++)
            for (int c = allocated(at, count, folds, f); c > 0; c--) deck[cards++] = f;
        mt19937_shuffle(&r, deck, count);
        for (int i = 0, card = 0; i < n; i++)
            if (kind[i] == k) fold[i] = deck[card++];
        at += count;
    }
    mem_free(deck);
    return ATT_OK;
}

/* numpy's sum of up to 128 contiguous numbers. */
static double sum_of(const double *x, int n)
{
    double r[8], sum = 0;
    int i = 0;
    if (n >= 8) {
        memcpy(r, x, sizeof r);
        for (i = 8; i + 8 <= n; i += 8)
            for (int k = 0; k < 8; k++) r[k] += x[i + k];
        sum = ((r[0] + r[1]) + (r[2] + r[3])) + ((r[4] + r[5]) + (r[6] + r[7]));
    }
    for (; i < n; i++) sum += x[i];
    return sum;
}

/* Standard deviation; `room` has n entries. */
static double stratify_deviation(const double *x, int n, double *room)
{
    double mean = sum_of(x, n) / n;
    for (int i = 0; i < n; i++) room[i] = (x[i] - mean) * (x[i] - mean);
    return sqrt(sum_of(room, n) / n);
}

struct dealing {
    int kinds, folds, groups;
    double *counts; /* [groups][kinds] */
    double *dealt;  /* [folds][kinds] */
    double *total;  /* [kinds] */
    double *room;   /* [2][kinds] */
};

/* Mean over kinds of the variation of shares over folds if fold f gets `more`. */
static double unevenness(const struct dealing *d, int f, const double *more)
{
    double *each = d->room;
    for (int k = 0; k < d->kinds; k++) {
        double mean = 0, squares = 0;
        for (int i = 0; i < d->folds; i++)
            mean += (d->dealt[i * d->kinds + k] + (i == f ? more[k] : 0)) / d->total[k];
        mean /= d->folds;
        for (int i = 0; i < d->folds; i++) {
            double off = (d->dealt[i * d->kinds + k] + (i == f ? more[k] : 0)) / d->total[k] - mean;
            squares += off * off;
        }
        each[k] = sqrt(squares / d->folds);
    }
    return sum_of(each, d->kinds) / d->kinds;
}

static int best_fold(const struct dealing *d, const double *more)
{
    double min = INFINITY, fewest = INFINITY;
    int best = 0;
    for (int f = 0; f < d->folds; f++) {
        double uneven = unevenness(d, f, more), cases = sum_of(&d->dealt[f * d->kinds], d->kinds);
        /* numpy.isclose */
        bool close = isfinite(min) && fabs(uneven - min) <= 1e-8 + 1e-5 * fabs(min);
        if (!(uneven < min || (close && cases < fewest))) continue;
        min = uneven;
        fewest = cases;
        best = f;
    }
    return best;
}

struct spread {
    double deviation;
    int group;
};

static int widest_first(const void *a, const void *b)
{
    const struct spread *x = a, *y = b;
    if (x->deviation != y->deviation) return x->deviation > y->deviation ? -1 : 1;
    return (x->group > y->group) - (x->group < y->group);
}

static void stratify_deal(const struct dealing *d, struct spread *order, int *fold_of)
{
    int count = 0;
    for (int g = 0; g < d->groups; g++) {
        const double *own = &d->counts[(size_t)g * (size_t)d->kinds];
        if (sum_of(own, d->kinds) > 0)
            order[count++] = (struct spread){stratify_deviation(own, d->kinds, d->room), g};
    }
    qsort(order, (size_t)count, sizeof *order, widest_first);
    for (int i = 0; i < count; i++) {
        const double *own = &d->counts[(size_t)order[i].group * (size_t)d->kinds];
        int f = best_fold(d, own);
        for (int k = 0; k < d->kinds; k++) d->dealt[f * d->kinds + k] += own[k];
        fold_of[order[i].group] = f;
    }
}

static int count_cases(const int *kind, const int *group, int n, struct dealing *d)
{
    int present = 0;
    for (int i = 0; i < n; i++) {
        double *own = &d->counts[(size_t)group[i] * (size_t)d->kinds];
        present += sum_of(own, d->kinds) == 0;
        own[kind[i]]++;
        d->total[kind[i]]++;
    }
    return present;
}

att_status stratify_groups(const int *kind, int n, int kinds, const int *group, int groups,
    int folds, int *fold, struct err *e)
{
    struct dealing d = {.kinds = kinds, .folds = folds, .groups = groups};
    size_t width = (size_t)kinds;
    d.counts = mem_array((size_t)groups * width, sizeof *d.counts);
    d.dealt = mem_array((size_t)folds * width, sizeof *d.dealt);
    d.total = mem_array(3 * width, sizeof *d.total);
    struct spread *order = mem_array((size_t)groups, sizeof *order);
    int *fold_of = mem_array((size_t)groups, sizeof *fold_of);
    bool good = d.counts && d.dealt && d.total && order && fold_of;
    att_status status =
        good ? ATT_OK : err_memory(e, (size_t)groups * width * sizeof *d.counts, "the groups");
    if (good) {
        d.room = d.total + width;
        int present = count_cases(kind, group, n, &d);
        if (present < folds)
            status = err_data(e, "there %s %d group%s, too few for %d folds; give fewer `folds`",
                present == 1 ? "is" : "are", present, TEXT_S(present), folds);
    }
    if (status == ATT_OK) {
        stratify_deal(&d, order, fold_of);
        for (int i = 0; i < n; i++) fold[i] = fold_of[group[i]];
    }
    mem_free(d.counts);
    mem_free(d.dealt);
    mem_free(d.total);
    mem_free(order);
    mem_free(fold_of);
    return status;
}
