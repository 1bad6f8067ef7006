/* SPDX-License-Identifier: Apache-2.0 */
/* Draw the changes of a patch; called by the sampler. docs/augmentation.md gives the sources of all
 * ranges. */
#include <math.h>
#include <string.h>

#include "base/kmath.h"
#include "image/augment.h"

int augment_through(int dims, const int patch[3], const float spacing[3])
{
    if (dims == 2) return 0;
    for (int i = 0; i < 3; i++) {
        int j = (i + 1) % 3, k = (i + 2) % 3;
        if (spacing[i] > 3 * spacing[j] && spacing[i] > 3 * spacing[k] && spacing[j] > 0 &&
            spacing[k] > 0)
            return i;
    }
    const bool spaced = spacing[0] > 0 && spacing[1] > 0 && spacing[2] > 0;
    double reach[3];
    for (int i = 0; i < 3; i++) reach[i] = patch[i] * (spaced ? (double)spacing[i] : 1);
    int thin = 0, longest = 0;
    for (int i = 1; i < 3; i++) {
        if (reach[i] < reach[thin]) thin = i;
        if (reach[i] > reach[longest]) longest = i;
    }
    return reach[longest] / 3 > reach[thin] ? thin : -1;
}

/* Multiply m by a rotation about `axis`. */
static void augment_draw_turn(double m[3][3], int axis, double angle)
{
    int i = axis == 0 ? 1 : 0, j = axis == 2 ? 1 : 2;
    double c = cos(angle), s = sin(angle);
    for (int k = 0; k < 3; k++) {
        double above = m[i][k], below = m[j][k];
        m[i][k] = c * above - s * below;
        m[j][k] = s * above + c * below;
    }
}

/* Voxels to space, scale down, rotate, and back to voxels. */
static void make_matrix(const struct augment_options *o, struct augment *a)
{
    double space[3];
    for (int i = 0; i < 3; i++) space[i] = o->spacing[i] > 0 ? o->spacing[i] : 1;
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++) a->matrix[i][j] = i == j;
    for (int i = 0; i < 3; i++)
        if (a->angle[i] != 0) augment_draw_turn(a->matrix, i, a->angle[i]);
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++) a->matrix[i][j] *= space[j] / space[i] / a->factor[j];
    for (int i = 0; i < 3; i++) a->affine |= a->angle[i] != 0 || a->factor[i] != 1;
}

static bool chance(struct rng *r, double p) { return rng_uniform(r) < p; }

/* Factors below and above 1 are equally likely, each uniform. */
static float augment_draw_factor(struct rng *r, double low, double high, bool wanted)
{
    bool below = chance(r, .5);
    double u = rng_uniform(r), f = below ? low + (1 - low) * u : 1 + (high - 1) * u;
    return wanted ? (float)f : 1;
}

static void draw_warp(const struct augment_options *o, struct rng *r, struct augment *a)
{
    for (int i = 0; i < 3; i++) a->flip[i] = chance(r, .5) && o->mirror[i];
    bool turns = chance(r, o->rotate_probability), scales = chance(r, o->scale_probability),
         per_axis = chance(r, o->scale_axes);
    double common = rng_range(r, -1, 1), size = kmath_log(1 + o->scale);
    for (int i = 0; i < 3; i++) {
        double angle = rng_range(r, -1, 1) * (o->through < 0 ? o->rotate : o->rotate_plane),
               exponent = rng_range(r, -1, 1);
        a->angle[i] = turns && (o->through < 0 || i == o->through) ? angle : 0;
        a->factor[i] =
            scales && i != o->through ? kmath_exp((per_axis ? exponent : common) * size) : 1;
    }
    make_matrix(o, a);
    bool bends = chance(r, o->elastic);
    double bend = AUGMENT_BEND * rng_uniform(r);
    a->cells = AUGMENT_CELLS + (int)(3 * rng_uniform(r));
    a->bend = bends ? bend : 0;
    for (int i = 0; i < 3; i++) a->bends[i] = i != o->through;
}

static void augment_draw_samples(const struct augment_options *o, struct rng *r, struct augment *a)
{
    bool jitters = chance(r, o->jitter), noisy = chance(r, o->noise),
         bright = chance(r, o->brightness);
    bool contrasts = chance(r, o->contrast), inverted = chance(r, o->gamma / 3),
         gamma = chance(r, o->gamma);
    bool blurs = chance(r, o->blur), coarsens = chance(r, o->low_resolution);
    double gain = kmath_exp(rng_range(r, -1, 1) * kmath_log(1.25)), some = .1 * rng_uniform(r),
           more = .1 * rng_uniform(r);
    if (!jitters) some = 0;
    if (!noisy) more = 0;
    a->noise = (float)sqrt(some * some + more * more);
    for (int c = 0; c < AUGMENT_CHANNELS; c++) {
        a->brightness[c] = augment_draw_factor(r, .75, 1.25, bright);
        if (jitters) a->brightness[c] *= (float)gain;
        a->contrast[c] = augment_draw_factor(r, .75, 1.25, contrasts);
        a->inverted[c] = augment_draw_factor(r, .7, 1.5, inverted);
        a->gamma[c] = augment_draw_factor(r, .7, 1.5, gamma);
        bool blurred = chance(r, .5) && blurs, coarse = chance(r, .5) && coarsens;
        for (int i = 0; i < 3; i++) {
            double sigma = rng_range(r, .5, 1);
            a->blur[c][i] = blurred ? (float)sigma : 0;
        }
        double low = rng_range(r, .5, 1);
        a->low[c] = coarse ? (float)low : 1;
    }
    a->through = o->through;
    double offset = .1 * rng_normal(r);
    a->offset = jitters ? (float)offset : 0;
}

static void draw_boxes(const struct augment_options *o, struct rng *r, struct augment *a)
{
    bool cuts = chance(r, o->cutout);
    int boxes = 1 + (int)(AUGMENT_BOXES * rng_uniform(r));
    a->boxes = cuts ? boxes : 0;
    for (int k = 0; k < AUGMENT_BOXES; k++)
        for (int i = 0; i < 3; i++) {
            a->box_side[k][i] = rng_range(r, .1, .4);
            a->box_at[k][i] = rng_uniform(r);
        }
}

void augment_intensities(struct augment_options *o)
{
    *o = (struct augment_options){.masked = o->masked,
        .through = -1,
        .jitter = o->jitter,
        .noise = o->noise,
        .brightness = o->brightness,
        .contrast = o->contrast,
        .gamma = o->gamma,
        .blur = o->blur,
        .low_resolution = o->low_resolution};
}

/* Every number is drawn whatever the options, so that disabling one change keeps the others. */
void augment_draw(
    const struct augment_options *o, uint64_t seed, uint32_t a, uint32_t b, struct augment *out)
{
    struct rng r = rng_stream(seed, RNG_AUGMENT, a, b);
    memset(out, 0, sizeof *out);
    out->slices = augment_slices(o);
    draw_warp(o, &r, out);
    draw_boxes(o, &r, out);
    augment_draw_samples(o, &r, out);
    out->noise_rng = rng_stream(seed, RNG_NOISE, a, b);
    out->bend_rng = rng_stream(seed, RNG_BEND, a, b);
}
