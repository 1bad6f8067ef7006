/* SPDX-License-Identifier: Apache-2.0 */
/* Fully developed speckle: scatterers in a resolution cell add up to a complex Gaussian field with
 * a Rayleigh envelope (Wagner, Smith, Sandrik, Lopez, Statistics of speckle in ultrasound B-scans,
 * IEEE Trans. Sonics Ultrason. 30, 1983). */
#include "phantom/speckle.h"

#include <math.h>

#include "base/kmath.h"
#include "base/mem.h"
#include "image/smooth.h"

#define LN10 2.30258509299404568

/* Factor by which smooth_gaussian lowers the deviation of white noise: its kernel's root sum of
 * squares. */
static double damping(double sigma)
{
    int reach = (int)ceil(3 * sigma);
    double sum = 0, squares = 0;
    if (!(sigma > 0)) return 1;
    for (int i = -reach; i <= reach; i++) {
        double k = kmath_exp(-0.5 * i * i / (sigma * sigma));
        sum += k;
        squares += k * k;
    }
    return sqrt(squares) / sum;
}

att_status speckle_field(
    float *x, const int size[3], const double sigma[3], struct rng *r, struct err *e)
{
    size_t count = (size_t)size[0] * (size_t)size[1] * (size_t)size[2];
    double scale = 1 / (damping(sigma[0]) * damping(sigma[1]) * damping(sigma[2]));
    for (size_t i = 0; i < count; i++) x[i] = (float)(scale * rng_normal(r));
    return smooth_gaussian(x, size, sigma, e);
}

/* Scatterers with these amplitudes, blurred by the probe. */
static att_status speckle_scatter(const float *amplitude, float *field, int h, int w,
    const struct probe *p, struct rng *r, struct err *e)
{
    double scale = 1 / (damping(p->axial) * damping(p->lateral));
    for (int i = 0; i < h * w; i++) field[i] = amplitude[i] * (float)(scale * rng_normal(r));
    return smooth_gaussian(
        field, (const int[3]){1, h, w}, (const double[3]){0, p->axial, p->lateral}, e);
}

static att_status speckle_look(const float *amplitude, float *sum, float *re, float *im, int h,
    int w, const struct probe *p, struct rng *r, struct err *e)
{
    TRY(speckle_scatter(amplitude, re, h, w, p, r, e));
    TRY(speckle_scatter(amplitude, im, h, w, p, r, e));
    for (int i = 0; i < h * w; i++) sum[i] += sqrtf(re[i] * re[i] + im[i] * im[i]);
    return ATT_OK;
}

att_status speckle_image(
    float *echo, int h, int w, const struct probe *p, struct rng *r, struct err *e)
{
    size_t pixels = (size_t)h * (size_t)w;
    float *space;
    TRY(MEM_ARRAY(space, 4 * pixels, "a phantom", e));
    float *amplitude = space, *sum = space + pixels, *re = sum + pixels, *im = re + pixels;
    for (size_t i = 0; i < pixels; i++)
        amplitude[i] = (float)kmath_exp((double)echo[i] * (LN10 / 20));
    att_status status = ATT_OK;
    for (int i = 0; i < p->looks && status == ATT_OK; i++)
        status = speckle_look(amplitude, sum, re, im, h, w, p, r, e);
    for (size_t i = 0; i < pixels && status == ATT_OK; i++) {
        double envelope = (double)sum[i] / p->looks;
        double grey = p->level + 255 / p->range * (20 / LN10) * kmath_log(envelope + 1e-6);
        echo[i] = (float)(grey < 0 ? 0 : grey > 255 ? 255 : grey);
    }
    mem_free(space);
    return status;
}
