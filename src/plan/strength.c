/* SPDX-License-Identifier: Apache-2.0 */
#include "plan/strength.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

const char *const strength_mirrors[] = {"no", "w", "h", "hw", "d", "dw", "dh", "yes", NULL};

/* `light` is for short runs; `full` has the probabilities and ranges of nnU-Net v2. */
static const struct strength strengths[] = {
    {.name = "none", .rotate_probability = .5, .scale_probability = .5},
    {.name = "light",
        .mirror = STRENGTH_ALL_AXES,
        .rotate = 20,
        .rotate_probability = .5,
        .scale = .25,
        .scale_probability = .5,
        .jitter = 1},
    {.name = "full",
        .mirror = STRENGTH_ALL_AXES,
        .rotate = 30,
        .rotate_probability = .2,
        .scale = .4,
        .scale_probability = .2,
        .noise = .1,
        .blur = .2,
        .brightness = .15,
        .contrast = .15,
        .low_resolution = .25,
        .gamma = .3},
};

enum { LIGHT = 1, STRENGTHS = sizeof strengths / sizeof *strengths };

/* NaN: the default of the strength. */
#define SET(id) (options_has(o, train, id) ? options_real(o, train, id) : (double)NAN)

void strength_read(const struct options *o, struct strength *s)
{
    const char *mirror = options_choice(o, train, mirror);
    *s = (struct strength){
        .mirror = mirror ? text_index(strength_mirrors, mirror) : (double)NAN,
        .rotate = SET(rotate),
        .rotate_probability = SET(rotate_probability),
        .scale = SET(scale),
        .scale_probability = SET(scale_probability),
        .scale_axes = SET(scale_axes),
        .elastic = SET(elastic),
        .jitter = SET(jitter),
        .noise = SET(noise),
        .blur = SET(blur),
        .brightness = SET(brightness),
        .contrast = SET(contrast),
        .low_resolution = SET(low_resolution),
        .gamma = SET(gamma),
        .cutout = SET(cutout),
        .intensity = options_bool(o, train, intensity),
    };
    snprintf(s->name, sizeof s->name, "%s", options_text(o, train, augment));
}

/* nnU-Net rotates 2D patches by any angle, but oblong ones only a little. */
static double turn_in_plane(const struct strength *base, int dims, const int patch[3])
{
    int shorter = patch[1] < patch[2] ? patch[1] : patch[2], longer = patch[1] + patch[2] - shorter;
    if (strcmp(base->name, "full") != 0) return base->rotate;
    return dims == 2 && 2 * longer > 3 * shorter ? 15 : 180;
}

static double strength_choose(double value, double base) { return isnan(value) ? base : value; }

void strength_options(
    const struct strength *s, int dims, const int patch[3], bool masked, struct augment_options *a)
{
    const struct strength *base = &strengths[LIGHT];
    const double degree = acos(-1.0) / 180;
    for (int i = 0; i < STRENGTHS; i++)
        if (!strcmp(strengths[i].name, s->name)) base = &strengths[i];
    *a = (struct augment_options){
        .through = -1,
        .rotate = strength_choose(s->rotate, base->rotate) * degree,
        .rotate_plane = strength_choose(s->rotate, turn_in_plane(base, dims, patch)) * degree,
        .rotate_probability = strength_choose(s->rotate_probability, base->rotate_probability),
        .scale = strength_choose(s->scale, base->scale),
        .scale_probability = strength_choose(s->scale_probability, base->scale_probability),
        .scale_axes = strength_choose(s->scale_axes, base->scale_axes),
        .elastic = strength_choose(s->elastic, base->elastic),
        .cutout = strength_choose(s->cutout, base->cutout),
        .masked = masked,
    };
    for (int i = 0; i < 3; i++)
        a->mirror[i] =
            strength_mirrored(strength_choose(s->mirror, base->mirror), i) && (dims == 3 || i > 0);
    if (!s->intensity) return;
    a->jitter = strength_choose(s->jitter, base->jitter);
    a->noise = strength_choose(s->noise, base->noise);
    a->blur = strength_choose(s->blur, base->blur);
    a->brightness = strength_choose(s->brightness, base->brightness);
    a->contrast = strength_choose(s->contrast, base->contrast);
    a->low_resolution = strength_choose(s->low_resolution, base->low_resolution);
    a->gamma = strength_choose(s->gamma, base->gamma);
}
