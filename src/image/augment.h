/* SPDX-License-Identifier: Apache-2.0 */
/* A training patch out of a prepared image, changed at random: mirrored, turned and scaled, brighter or darker, noisier.  What happens is a
 * function of the random stream alone. */
#ifndef IMAGE_AUGMENT_H
#define IMAGE_AUGMENT_H

#include "base/rng.h"
#include "image/image.h"

struct augment_options {
    bool flat;      /* 2D: turn in the plane only */
    bool mirror;    /* each axis with probability 1/2 (not the flat one) */
    bool intensity; /* gain 0.8..1.25, offset and noise of normal size .1 */
    double rotate;  /* largest angle in radians, with probability 1/2; 0: never */
    double scale;   /* factor from 1/(1+scale) to 1+scale, with probability 1/2; 0: never */
};

struct augment {
    bool flip[3];
    bool affine;
    double matrix[3][3]; /* from a patch voxel's offset from the centre to the image's, d h w */
    float gain, offset, noise;
    struct rng rng; /* of the noise */
};

void augment_draw(const struct augment_options *o, struct rng *r, struct augment *a);

/* image: [channels][size], classes: [size]; the patch begins at `origin`, which may be negative or reach beyond the image: there the patch
 * is 0 (the mean of a normalised image) and its label `outside`. out: [channels][patch], labels: [patch]. Linear for samples, nearest for
 * classes. */
struct augment_source {
    const float *image;
    const uint8_t *classes;
    int channels, size[3];
};
void augment_patch(const struct augment_source *s, const int origin[3], const int patch[3], uint8_t outside, const struct augment *a,
                   float *out, uint8_t *labels);

#endif
