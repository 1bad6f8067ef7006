/* SPDX-License-Identifier: Apache-2.0 */
/* Plain double arithmetic in a fixed order: bit-identical everywhere. */
#include "image/normalise.h"

#include <math.h>
#include <string.h>

#include "base/number.h"
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

const char *normalise_read(const char *text, struct normalise *n)
{
    double *const to[] = {&n->lower, &n->upper, &n->mean, &n->std};
    for (int i = 0; i < 4; i++) {
        char *end;
        *to[i] = number_read(text, &end);
        if (end == text || !isfinite(*to[i]) || (i < 3 && *end != ',')) return NULL;
        text = i < 3 ? end + 1 : end;
    }
    return n->lower <= n->upper && n->std >= 0 ? text : NULL;
}

void normalise_write(const struct normalise *n, char text[NORMALISE_TEXT])
{
    const double number[] = {n->lower, n->upper, n->mean, n->std};
    *text = 0;
    for (int i = 0; i < 4; i++) {
        char one[NUMBER_TEXT];
        number_shortest(one, number[i], 6);
        text_append(text, NORMALISE_TEXT, "%s%s", i ? "," : "", one);
    }
}

void normaliser_begin(struct normaliser *n, const struct normalise *how)
{
    *n = (struct normaliser){.how = *how, .lower = -INFINITY, .upper = INFINITY, .divisor = 1};
    switch (how->scheme) {
    case NORMALISE_ZSCORE:
        n->rounds = 2;
        break;
    case NORMALISE_MINMAX01:
        n->rounds = 1;
        break;
    case NORMALISE_CT:
        n->lower = how->lower;
        n->upper = how->upper;
        n->shift = how->mean;
        n->divisor = how->std;
        break;
    case NORMALISE_RGB:
        n->divisor = 255;
        break;
    case NORMALISE_NONE:
    case NORMALISE_SCHEMES:
        break;
    }
}

static double normalise_term(float x, double shift, bool squares)
{
    const double v = (double)x - shift;
    return squares ? v * v : v;
}

static double sum_of_parts(const struct normaliser *n)
{
    return (n->part[0] + n->part[1]) + (n->part[2] + n->part[3]);
}

/* Sum by blocks: images reach values of a million, where one running sum of squares would lose the
 * variance. A block has four sums of every fourth voxel, so that additions need not wait for each
 * other. */
static void add_block(
    struct normaliser *n, bool squares, const float *x, size_t count, const uint8_t *mask)
{
    const double shift = squares ? n->shift : 0;
    double voxels, part[NORMALISER_PARTS];
    memcpy(part, n->part, sizeof part);
    size_t i = 0;
    for (; !mask && n->filled % NORMALISER_PARTS == 0 && i + NORMALISER_PARTS <= count;
         i += NORMALISER_PARTS)
        for (size_t k = 0; k < NORMALISER_PARTS; k++)
            part[k] += normalise_term(x[i + k], shift, squares);
    voxels = (double)i;
    for (; i < count; i++) {
        if (mask && !mask[i]) continue;
        part[(n->filled + i) % NORMALISER_PARTS] += normalise_term(x[i], shift, squares);
        voxels++;
    }
    memcpy(n->part, part, sizeof part);
    n->voxels += voxels;
    n->filled += count;
    if (n->filled < BLOCK) return;
    n->total += sum_of_parts(n);
    memset(n->part, 0, sizeof n->part);
    n->filled = 0;
}

/* Detect two different values, cheaper than extremes. */
static void add_variety(struct normaliser *n, const float *x, size_t count, const uint8_t *mask)
{
    size_t i = 0;
    unsigned differs = 0;
    while (!n->begun && mask && i < count && !mask[i]) i++;
    if (i == count) return;
    if (!n->begun) n->low = n->high = x[i];
    n->begun = true;
    if (n->high > n->low) return;
    const float low = n->low;
    if (mask)
        for (; i < count; i++) differs |= mask[i] && (x[i] < low || x[i] > low);
    else
        for (; i < count; i++) differs |= (unsigned)(x[i] < low) | (unsigned)(x[i] > low);
    if (differs) n->high = INFINITY;
}

static void add_extremes(struct normaliser *n, const float *x, size_t count)
{
    if (!n->begun && count > 0) n->low = n->high = x[0];
    for (size_t i = 0; i < count; i++) {
        n->low = x[i] < n->low ? x[i] : n->low;
        n->high = x[i] > n->high ? x[i] : n->high;
    }
    n->begun = n->begun || count > 0;
}

void normaliser_add(
    struct normaliser *n, int round, const float *x, size_t count, const uint8_t *mask)
{
    if (n->how.scheme != NORMALISE_ZSCORE) {
        add_extremes(n, x, count);
        return;
    }
    if (round == 0) add_variety(n, x, count, mask);
    for (size_t start = 0, part; start < count; start += part) {
        part = count - start < BLOCK - n->filled ? count - start : BLOCK - n->filled;
        add_block(n, round == 1, x + start, part, mask ? mask + start : NULL);
    }
}

void normaliser_turn(struct normaliser *n, int round)
{
    double mean = (n->total + sum_of_parts(n)) / (n->voxels == 0 ? 1 : n->voxels);
    if (n->how.scheme == NORMALISE_MINMAX01) {
        n->shift = (double)n->low;
        n->divisor = (double)n->high - n->shift;
    } else if (round == 0) {
        n->shift = mean;
    } else {
        n->divisor = sqrt(mean);
    }
    n->total = n->voxels = 0;
    memset(n->part, 0, sizeof n->part);
    n->filled = 0;
}

bool normalise_is_good(const struct normalise *n)
{
    return isfinite(n->lower) && isfinite(n->upper) && isfinite(n->mean) && isfinite(n->std) &&
        n->lower < n->upper && n->std > 0;
}

bool normalise_flattens(enum normalise_scheme scheme, double min, double max, double std)
{
    if (!(max > min)) return false;
    return scheme == NORMALISE_ZSCORE
        ? std < smallest_divisor
        : scheme == NORMALISE_MINMAX01 && max - min < smallest_divisor;
}

bool normaliser_flattens(const struct normaliser *n)
{
    if (n->begun && !(n->high > n->low)) return true;
    return normalise_flattens(n->how.scheme, (double)n->low, (double)n->high, n->divisor);
}

void normaliser_apply(const struct normaliser *n, float *x, size_t count, const uint8_t *mask)
{
    const double divisor = n->divisor > smallest_divisor ? n->divisor : smallest_divisor;
    if (n->how.scheme == NORMALISE_NONE) return;
    for (size_t i = 0; i < count; i++) {
        double v = (double)x[i];
        v = v < n->lower ? n->lower : v > n->upper ? n->upper : v;
        x[i] = (float)((v - n->shift) / divisor);
    }
    for (size_t i = 0; mask && n->how.scheme == NORMALISE_ZSCORE && i < count; i++)
        if (!mask[i]) x[i] = 0;
}

static bool normalise_channel(
    float *x, size_t count, const struct normalise *how, const uint8_t *mask)
{
    struct normaliser n;
    normaliser_begin(&n, how);
    for (int round = 0; round < n.rounds; round++) {
        normaliser_add(&n, round, x, count, mask);
        normaliser_turn(&n, round);
    }
    normaliser_apply(&n, x, count, mask);
    return normaliser_flattens(&n);
}

void normalise_samples(float *x, size_t count, const struct normalise *how)
{
    normalise_channel(x, count, how, NULL);
}

bool image_normalise(struct image *m, const struct normalise *how, const uint8_t *mask)
{
    size_t voxels = image_voxels(m->size);
    bool flattened = false;
    for (int c = 0; c < m->channels; c++)
        flattened |= normalise_channel(m->data + (size_t)c * voxels, voxels, &how[c], mask);
    return flattened;
}
