/* SPDX-License-Identifier: Apache-2.0 */
#include "measure/baselines.h"

#include <string.h>

#include "base/mean.h"
#include "base/mem.h"
#include "image/normalise.h"
#include "image/parts.h"
#include "image/smooth.h"
#include "measure/metrics.h"

enum { BINS = 100, SIGMAS = 4, BEST = 12, SHARES = 30, ATLAS = 64 };
/* bins span -RANGE..RANGE deviations; the outer ones take all beyond */
static const double RANGE = 4;
static const double sigmas[SIGMAS] = {0, 1, 2, 4};

/* A data set in memory, samples normalised. */
struct cases {
    struct sample *list;
    int count;
};

/* A band of bins, first..last, and its Dice. */
struct band {
    int first, last;
    double dice;
};

const char *baseline_name(enum baseline b)
{
    static const char *const names[BASELINES] = {
        "threshold", "smoothed threshold, largest component", "mean mask"};
    return names[b];
}

static void baselines_cases_free(struct cases *c)
{
    for (int i = 0; c->list && i < c->count; i++) sample_free(&c->list[i]);
    mem_free(c->list);
}

static att_status baselines_cases_load(const struct dataset *d, struct cases *c, struct err *e)
{
    const struct normalise zscore = {.scheme = NORMALISE_ZSCORE};
    TRY(MEM_ARRAY(c->list, d->count, "the baselines", e));
    for (c->count = 0; c->count < d->count; c->count++) {
        struct sample *s = &c->list[c->count];
        TRY(dataset_load(d, c->count, s, e));
        if (!s->classes) {
            sample_free(s);
            return err_data(
                e, "case %s of %s has no label; add it", d->cases[c->count].id, d->root);
        }
        normalise_samples(s->image.data, image_voxels(s->image.size), &zscore);
    }
    return ATT_OK;
}

static double mask_dice(const uint8_t *mask, const struct sample *s, int cls)
{
    struct overlap o = overlap_count(
        mask, s->classes, image_voxels(s->image.size), class_set_of(1), class_set_of(cls));
    return overlap_dice(&o);
}

static int baselines_bin_of(float x)
{
    int b = (int)(((double)x + RANGE) / (2 * RANGE) * BINS);
    return b < 0 ? 0 : b >= BINS ? BINS - 1 : b;
}

/* Counts up to and including each bin, of the class and of all voxels. */
struct histogram {
    double inside[BINS + 1], all[BINS + 1];
};

static void histogram_of(const float *x, const struct sample *s, int cls, struct histogram *h)
{
    memset(h, 0, sizeof *h);
    size_t n = image_voxels(s->image.size);
    for (size_t i = 0; i < n; i++) {
        int b = baselines_bin_of(x[i]) + 1;
        if (s->classes[i] == LABELLING_IGNORE) continue;
        h->all[b]++;
        if (s->classes[i] == cls) h->inside[b]++;
    }
    for (int b = 0; b < BINS; b++) {
        h->all[b + 1] += h->all[b];
        h->inside[b + 1] += h->inside[b];
    }
}

static double band_dice(const struct histogram *h, int count, int first, int last)
{
    struct mean dice = {0}; /* over cases with any voxel in either mask */
    for (int i = 0; i < count; i++) {
        double tp = h[i].inside[last + 1] - h[i].inside[first],
               all = h[i].all[last + 1] - h[i].all[first] + h[i].inside[BINS];
        mean_add(&dice, all > 0 ? 2 * tp / all : (double)NAN);
    }
    return mean_of(&dice);
}

/* The BEST bands, best first. */
static void best_bands(const struct histogram *h, int count, struct band best[BEST])
{
    for (int i = 0; i < BEST; i++) best[i] = (struct band){0, BINS - 1, -1};
    for (int first = 0; first < BINS; first += 2)
        for (int last = first + 1; last < BINS; last += 2) {
            struct band b = {first, last, band_dice(h, count, first, last)};
            for (int i = 0; i < BEST; i++)
                if (b.dice > best[i].dice) {
                    struct band swap = best[i];
                    best[i] = b;
                    b = swap;
                }
        }
}

static void apply_band(const float *x, size_t n, const struct band *b, uint8_t *mask)
{
    for (size_t i = 0; i < n; i++) {
        int k = baselines_bin_of(x[i]);
        mask[i] = k >= b->first && k <= b->last;
    }
}

static att_status keep_largest(uint8_t *mask, const int size[3], struct err *e)
{
    const bool member[256] = {[1] = true};
    struct parts p;
    TRY(parts_find(mask, size, member, &p, e));
    const int32_t *label = p.label, largest = parts_largest(&p) + 1;
    for (int d = 0; d < p.box.size[0]; d++)
        for (int h = 0; h < p.box.size[1]; h++) {
            uint8_t *row = mask + box_row(&p.box, size, d, h);
            for (int w = 0; w < p.box.size[2]; w++) row[w] = *label++ == largest;
        }
    parts_free(&p);
    return ATT_OK;
}

/* Masks of one image. */
struct scratch {
    float *x;
    uint8_t *mask;
    struct histogram *h;
};

static void scratch_free(struct scratch *w)
{
    mem_free(w->x);
    mem_free(w->mask);
    mem_free(w->h);
}

static att_status scratch_make(
    const struct cases *a, const struct cases *b, struct scratch *w, struct err *e)
{
    size_t max = 0;
    const struct cases *both[2] = {a, b};
    for (int k = 0; k < 2; k++)
        for (int i = 0; i < both[k]->count; i++) {
            size_t n = image_voxels(both[k]->list[i].image.size);
            max = n > max ? n : max;
        }
    *w = (struct scratch){mem_array(max, sizeof(float)), mem_alloc(max),
        mem_array((size_t)a->count, sizeof(struct histogram))};
    return w->x && w->mask && w->h ? ATT_OK : err_memory(e, max * 5, "the baselines");
}

static att_status smoothed(const struct sample *s, double sigma, float *x, struct err *e)
{
    const int *size = s->image.size;
    double axes[3] = {size[0] > 1 ? sigma : 0, sigma, sigma};
    memcpy(x, s->image.data, image_voxels(size) * sizeof *x);
    return sigma > 0 ? smooth_gaussian(x, size, axes, e) : ATT_OK;
}

/* Mean Dice of one class for a band on images smoothed by sigma. */
static att_status baselines_score(const struct cases *c, int cls, double sigma,
    const struct band *b, bool component, struct scratch *w, double *dice, struct err *e)
{
    struct mean all = {0};
    for (int i = 0; i < c->count; i++) {
        const struct sample *s = &c->list[i];
        TRY(smoothed(s, sigma, w->x, e));
        apply_band(w->x, image_voxels(s->image.size), b, w->mask);
        if (component) TRY(keep_largest(w->mask, s->image.size, e));
        mean_add(&all, mask_dice(w->mask, s, cls));
    }
    *dice = all.count ? mean_of(&all) : 0;
    return ATT_OK;
}

/* On the training cases: the best plain band without smoothing, and the best (sigma, band) with the
 * largest component. */
static att_status baselines_fit(const struct cases *train, int cls, struct scratch *w,
    struct band *plain, struct band *whole, double *sigma, struct err *e)
{
    *whole = (struct band){0, BINS - 1, -1};
    *sigma = 0;
    for (int k = 0; k < SIGMAS; k++) {
        struct band best[BEST];
        for (int i = 0; i < train->count; i++) {
            TRY(smoothed(&train->list[i], sigmas[k], w->x, e));
            histogram_of(w->x, &train->list[i], cls, &w->h[i]);
        }
        best_bands(w->h, train->count, best);
        if (k == 0) *plain = best[0];
        for (int i = 0; i < BEST; i++) {
            TRY(baselines_score(train, cls, sigmas[k], &best[i], true, w, &best[i].dice, e));
            if (best[i].dice <= whole->dice) continue;
            *whole = best[i];
            *sigma = sigmas[k];
        }
    }
    return ATT_OK;
}

/* ---- the mean mask, on a grid of ATLAS voxels a side to which images are scaled */

static size_t atlas_at(const int size[3], int d, int h, int w)
{
    int depth = size[0] > 1 ? d * ATLAS / size[0] : 0;
    return ((size_t)depth * ATLAS + (size_t)(h * ATLAS / size[1])) * ATLAS +
        (size_t)(w * ATLAS / size[2]);
}

static void atlas_add(const struct sample *s, int cls, float *sum, float *seen)
{
    const int *z = s->image.size;
    const uint8_t *c = s->classes;
    for (int d = 0; d < z[0]; d++)
        for (int h = 0; h < z[1]; h++)
            for (int w = 0; w < z[2]; w++, c++) {
                size_t at = atlas_at(z, d, h, w);
                if (*c == LABELLING_IGNORE) continue;
                sum[at] += *c == cls;
                seen[at] += 1;
            }
}

static double atlas_score(const struct cases *c, int cls, const float *sum, const float *seen,
    double share, uint8_t *mask)
{
    struct mean all = {0};
    for (int i = 0; i < c->count; i++) {
        const struct sample *s = &c->list[i];
        const int *z = s->image.size;
        size_t k = 0;
        for (int d = 0; d < z[0]; d++)
            for (int h = 0; h < z[1]; h++)
                for (int w = 0; w < z[2]; w++) {
                    size_t at = atlas_at(z, d, h, w);
                    mask[k++] = (double)sum[at] > share * (double)seen[at];
                }
        mean_add(&all, mask_dice(mask, s, cls));
    }
    return all.count ? mean_of(&all) : 0;
}

static att_status mean_mask(const struct cases *train, const struct cases *unseen, int cls,
    struct scratch *w, double *dice, struct err *e)
{
    size_t n = (size_t)ATLAS * ATLAS * ATLAS;
    float *sum;
    TRY(MEM_ARRAY(sum, 2 * n, "the mean mask", e));
    double best = -1, share = .5;
    for (int i = 0; i < train->count; i++) atlas_add(&train->list[i], cls, sum, sum + n);
    for (int i = 1; i < SHARES; i++) {
        double d = atlas_score(train, cls, sum, sum + n, (double)i / SHARES, w->mask);
        if (d <= best) continue;
        best = d;
        share = (double)i / SHARES;
    }
    *dice = atlas_score(unseen, cls, sum, sum + n, share, w->mask);
    mem_free(sum);
    return ATT_OK;
}

static att_status one_class(const struct cases *train, const struct cases *unseen, int cls,
    struct scratch *w, double dice[BASELINES], struct err *e)
{
    struct band plain = {0, BINS - 1, -1}, whole = plain;
    double sigma = 0;
    TRY(baselines_fit(train, cls, w, &plain, &whole, &sigma, e));
    TRY(baselines_score(unseen, cls, 0, &plain, false, w, &dice[BASELINE_THRESHOLD], e));
    TRY(baselines_score(unseen, cls, sigma, &whole, true, w, &dice[BASELINE_COMPONENT], e));
    return mean_mask(train, unseen, cls, w, &dice[BASELINE_MEAN_MASK], e);
}

/* Compare values; names may differ. */
static bool same_classes(const struct labelling *a, const struct labelling *b)
{
    if (a->count != b->count || a->nonzero != b->nonzero) return false;
    return a->nonzero || memcmp(a->value, b->value, (size_t)a->count * sizeof *a->value) == 0;
}

static att_status measure_baselines_measure(const struct dataset *train,
    const struct dataset *unseen, struct cases *a, struct cases *b, struct scratch *w,
    double dice[BASELINES], struct err *e)
{
    int classes = train->labels.count;
    if (train->count < 1 || unseen->count < 1 || classes < 2)
        return err_data(e, "the baselines need labelled cases to fit and to score; add labels");
    if (!same_classes(&train->labels, &unseen->labels))
        return err_data(e, "%s has other labels than %s; give data sets with the same classes",
            unseen->root, train->root);
    TRY(baselines_cases_load(train, a, e));
    TRY(baselines_cases_load(unseen, b, e));
    TRY(scratch_make(a, b, w, e));
    for (int k = 0; k < BASELINES; k++) dice[k] = 0;
    for (int cls = 1; cls < classes; cls++) {
        double one[BASELINES];
        TRY(one_class(a, b, cls, w, one, e));
        for (int k = 0; k < BASELINES; k++) dice[k] += one[k] / (classes - 1);
    }
    return ATT_OK;
}

att_status baselines_measure(const struct dataset *train, const struct dataset *unseen,
    double dice[BASELINES], struct err *e)
{
    struct cases a = {NULL, 0}, b = {NULL, 0};
    struct scratch w = {NULL, NULL, NULL};
    att_status status = measure_baselines_measure(train, unseen, &a, &b, &w, dice, e);
    scratch_free(&w);
    baselines_cases_free(&a);
    baselines_cases_free(&b);
    return status;
}
