/* SPDX-License-Identifier: Apache-2.0 */
/* The cross entropy is convex in 1/T: golden-section search over log T finds its minimum. */
#include "policy/temperature.h"

#include <math.h>
#include <stdbool.h>

#include "base/kmath.h"
#include "base/mem.h"

enum { ITERATIONS = 40 }; /* each by GOLDEN: 28 in log T becomes 1e-7 */
static const double GOLDEN = .6180339887498949, LOWEST = 1e-6, HIGHEST = 1e6;

att_status temperature_data_create(struct temperature_data *d, int images, int tiles, struct err *e)
{
    *d = (struct temperature_data){.score = mem_array((size_t)tiles, sizeof *d->score),
        .share = mem_array((size_t)tiles, sizeof *d->share),
        .end = mem_array((size_t)images, sizeof *d->end)};
    if (d->score && d->share && d->end) return ATT_OK;
    temperature_data_free(d);
    return err_memory(e, (size_t)tiles * 2 * sizeof *d->score, "scores to fit a temperature to");
}

void temperature_data_free(struct temperature_data *d)
{
    mem_free(d->score);
    mem_free(d->share);
    mem_free(d->end);
    *d = (struct temperature_data){.images = 0};
}

void temperature_data_add(
    struct temperature_data *d, const double *score, const double *gain, int tiles)
{
    const int first = d->images ? d->end[d->images - 1] : 0;
    double sum = 0;
    bool differ = false;
    for (int i = 0; i < tiles; i++) {
        sum += fmax(gain[i], 0);
        differ = differ || score[i] < score[0] || score[i] > score[0];
    }
    if (!(sum > 0) || !differ) return;
    for (int i = 0; i < tiles; i++) {
        d->score[first + i] = score[i];
        d->share[first + i] = fmax(gain[i], 0) / sum;
    }
    d->end[d->images++] = first + tiles;
}

double temperature_loss(const struct temperature_data *d, double temperature)
{
    double loss = 0;
    for (int k = 0, i = 0; k < d->images; k++) {
        const int first = i, end = d->end[k];
        double top = -(double)INFINITY, sum = 0, mean = 0;
        for (; i < end; i++) top = fmax(top, d->score[i]);
        for (i = first; i < end; i++) {
            sum += kmath_exp((d->score[i] - top) / temperature);
            mean += d->share[i] * (d->score[i] - top);
        }
        loss += kmath_log(sum) - mean / temperature;
    }
    return d->images ? loss / d->images : 0;
}

double temperature_fit(const struct temperature_data *d)
{
    double low = kmath_log(LOWEST), high = kmath_log(HIGHEST);
    if (!d->images) return 1;
    for (int n = 0; n < ITERATIONS; n++) {
        const double left = high - GOLDEN * (high - low), right = low + GOLDEN * (high - low);
        if (temperature_loss(d, kmath_exp(left)) < temperature_loss(d, kmath_exp(right)))
            high = right;
        else
            low = left;
    }
    return kmath_exp((low + high) / 2);
}
