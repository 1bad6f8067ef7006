/* SPDX-License-Identifier: Apache-2.0 */
/* Plain double arithmetic in a fixed order: the same bits wherever it runs. */
#include "image/normalise.h"

#include <math.h>

#include "base/text.h"

static const char *const names[] = {"zscore", "ct", "minmax01", "rgb", "none", NULL};

enum { BLOCK = 4096 };
static const double smallest_divisor = 1e-8;

const char *normalise_name(enum normalise_scheme scheme) { return names[scheme]; }

bool normalise_by_name(const char *name, enum normalise_scheme *scheme)
{
    int i = text_index(names, name);
    if (i < 0) return false;
    *scheme = (enum normalise_scheme)i;
    return true;
}

/* y = (clip(x) - shift) / divisor */
static void scale(float *x, size_t count, double lower, double upper, double shift, double divisor)
{
    if (!(divisor > smallest_divisor)) divisor = smallest_divisor;
    for (size_t i = 0; i < count; i++) {
        double v = (double)x[i];
        v = v < lower ? lower : v > upper ? upper : v;
        x[i] = (float)((v - shift) / divisor);
    }
}

/* Two passes, each summing blocks first: images reach values of a million where a single running sum of squares would lose the variance.
 * Over the voxels of `mask`, or all when that is NULL. */
static void mean_and_std(const float *x, size_t count, const uint8_t *mask, double *mean, double *std)
{
    double total = 0, squares = 0, voxels = 0;
    for (size_t start = 0; start < count; start += BLOCK) {
        double sum = 0;
        for (size_t i = start; i < count && i < start + BLOCK; i++) {
            if (mask && !mask[i]) continue;
            sum += (double)x[i];
            voxels++;
        }
        total += sum;
    }
    if (voxels == 0) voxels = 1;
    *mean = total / voxels;
    for (size_t start = 0; start < count; start += BLOCK) {
        double sum = 0;
        for (size_t i = start; i < count && i < start + BLOCK; i++)
            if (!mask || mask[i]) sum += ((double)x[i] - *mean) * ((double)x[i] - *mean);
        squares += sum;
    }
    *std = sqrt(squares / voxels);
}

static void minimum_and_maximum(const float *x, size_t count, double *minimum, double *maximum)
{
    float low = x[0], high = x[0];
    for (size_t i = 1; i < count; i++) {
        low = x[i] < low ? x[i] : low;
        high = x[i] > high ? x[i] : high;
    }
    *minimum = (double)low;
    *maximum = (double)high;
}

static void normalise_channel(float *x, size_t count, const struct normalise *how, const uint8_t *mask)
{
    double a, b;
    if (count == 0) return;
    switch (how->scheme) {
    case NORMALISE_ZSCORE:
        mean_and_std(x, count, mask, &a, &b);
        scale(x, count, -INFINITY, INFINITY, a, b);
        for (size_t i = 0; mask && i < count; i++)
            if (!mask[i]) x[i] = 0;
        break;
    case NORMALISE_CT:
        scale(x, count, how->lower, how->upper, how->mean, how->std);
        break;
    case NORMALISE_MINMAX01:
        minimum_and_maximum(x, count, &a, &b);
        scale(x, count, -INFINITY, INFINITY, a, b - a);
        break;
    case NORMALISE_RGB:
        scale(x, count, -INFINITY, INFINITY, 0, 255);
        break;
    case NORMALISE_NONE:
    case NORMALISE_SCHEMES:
        break;
    }
}

void normalise_samples(float *x, size_t count, const struct normalise *how) { normalise_channel(x, count, how, NULL); }

void image_normalise(struct image *m, const struct normalise *how, const uint8_t *mask)
{
    size_t voxels = image_voxels(m->size);
    for (int c = 0; c < m->channels; c++) normalise_channel(m->data + (size_t)c * voxels, voxels, &how[c], mask);
}
