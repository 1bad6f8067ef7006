/* SPDX-License-Identifier: Apache-2.0 */
/* Training patches out of prepared images, changed at random.  The list of changes and most ranges
 * are nnU-Net's; docs/augmentation.md has every formula.  What happens to a patch is a function of
 * (seed, a, b) alone, for any number of threads. */
#ifndef IMAGE_AUGMENT_H
#define IMAGE_AUGMENT_H

#include "base/pool.h"
#include "base/rng.h"
#include "image/box.h"
#include "image/image.h"

enum { AUGMENT_CHANNELS = 16, AUGMENT_BOXES = 3 };

/* Names without a comment are the probability that a patch is changed so; 0: never. */
struct augment_options {
    bool mirror[3]; /* this axis, with probability 1/2 */
    bool masked; /* what is 0 in all channels stays 0, as it is in prediction: of images normalised
                    within a mask */
    int through; /* patches do not turn, scale or bend along this axis (augment_through); -1: none
                  */
    double spacing[3];   /* of voxels: turns are turns in space; 0: as if 1 */
    double rotate;       /* largest angle about each axis in radians */
    double rotate_plane; /* and about `through` alone, when there is one */
    double rotate_probability;
    double scale; /* factor from 1/(1+scale) to 1+scale */
    double scale_probability;
    double scale_axes; /* probability that the axes of a scaled patch each have a factor of their
                          own */
    double elastic;
    double jitter; /* gain 0.8..1.25, offset of deviation 0.1, noise of deviation up to 0.1, all
                      three at once */
    double noise, blur, brightness, contrast, low_resolution;
    double gamma; /* and of the inverted image with a third of it */
    double cutout;
};

/* The axis that is no direction to turn to: d in 2D; the one with voxels more than 3 times as long
 * as others'; the one along which the patch reaches less than a third as far as along its longest,
 * in space where all of `spacing` is known (not 0).  -1: none. */
int augment_through(int dims, const int patch[3], const float spacing[3]);

/* Leaves only what changes samples where they are; `through`, which is an image's, is the caller's.
 */
void augment_intensities(struct augment_options *o);

/* The most that a patch is bent, in cells of which there are at least so many: what it is made from
 * lies within augment_box. */
#define AUGMENT_BEND 0.4
enum { AUGMENT_CELLS = 3 };

/* What is to happen to one patch. */
struct augment {
    bool flip[3];
    double angle[3], factor[3]; /* turns about the axes, and how much larger things become: what the
                                   matrix is made of */
    bool affine;                /* the matrix is not 1 */
    double matrix[3][3]; /* from a patch voxel's offset from the centre to the image's, d h w */
    double bend;         /* largest displacement of a node, in cells; 0: none */
    int cells;           /* nodes lie a patch side / cells apart */
    bool bends[3];       /* along which axes */
    float noise;         /* deviation; 0: none */
    /* x * brightness + offset; contrast and gammas: 1: none; blur: deviation in voxels, 0: none
     * along that axis; low: resolution left, 1: all. */
    float brightness[AUGMENT_CHANNELS], offset, contrast[AUGMENT_CHANNELS], gamma[AUGMENT_CHANNELS],
        inverted[AUGMENT_CHANNELS];
    float blur[AUGMENT_CHANNELS][3], low[AUGMENT_CHANNELS];
    int through; /* not made coarser along it */
    int boxes;   /* cut out */
    double box_at[AUGMENT_BOXES][3],
        box_side[AUGMENT_BOXES][3]; /* shares: of the room there is, of the patch's side */
    struct rng noise_rng, bend_rng;
};

/* a and b name the patch, such as step and place in the batch. */
void augment_draw(
    const struct augment_options *o, uint64_t seed, uint32_t a, uint32_t b, struct augment *out);

/* image: [channels][size], classes: [size]; at most 16 channels and 2^31 - 1 voxels. */
struct augment_source {
    const float *image;
    const uint8_t *classes;
    int channels, size[3];
};

/* The patch begins at `origin`, which may be negative or reach beyond the image: there the patch is
 * 0 (the mean of a normalised image). Unwarped, voxels are copied; else samples are linear, and a
 * voxel gets the class that has most of the linear weights. */
struct augment_job {
    struct augment_source source;
    int origin[3];
    struct augment a;
    float *out;      /* [channels][patch] */
    uint8_t *labels; /* [patch] */
    struct box part; /* all of the image that is in memory, image [channels][part] and classes
                        [part]; without voxels: it all is */
};

/* The part that a patch at `origin` with these changes is made from: at least a voxel, and where it
 * is not merely copied, at least two along an axis that has them. */
void augment_box(const struct augment *a, const int patch[3], const int origin[3],
    const int size[3], struct box *b);
/* The most voxels that it can have along each axis; spacing may be all 0. */
void augment_box_max(const struct augment_options *o, const int patch[3], const float spacing[3],
    const int size[3], int max[3]);

/* Memory for up to `jobs` patches at once on the threads of `pool`, changed as `o` says: blur and
 * low resolution need a second copy of the batch, a mask a byte a voxel. */
struct augment_work;
att_status augment_work_create(const struct augment_options *o, int jobs, int channels,
    const int patch[3], const struct pool *pool, struct augment_work **work, struct err *e);
void augment_work_destroy(struct augment_work *work); /* NULL is fine */
size_t augment_work_bytes(const struct augment_work *work);
/* `outside` is the label of voxels beyond the image. Allocates nothing. */
void augment_run(struct augment_work *work, const struct augment_job *jobs, int count,
    uint8_t outside, struct pool *pool);

#endif
