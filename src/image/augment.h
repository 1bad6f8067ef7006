/* SPDX-License-Identifier: Apache-2.0 */
/* Random augmentation of training patches. The changes and most ranges are nnU-Net's;
 * docs/augmentation.md has every formula. A patch depends on (seed, a, b) alone, for any number of
 * threads. */
#pragma once

#include "base/pool.h"
#include "base/rng.h"
#include "image/box.h"
#include "image/image.h"

enum { AUGMENT_CHANNELS = 16, AUGMENT_BOXES = 3 };

/* Members without a comment are probabilities per patch. */
struct augment_options {
    bool mirror[3]; /* this axis, with probability 1/2 */
    /* 2D: maps of each channel, an odd number: the patch's slice between its neighbours along d,
     * the last one again past the ends. Intensities of map k change as those of channel
     * k % AUGMENT_CHANNELS. 0: one. */
    int slices;
    bool masked; /* keep voxels 0 that are 0 in all channels (images normalised within a mask) */
    int through; /* axis without rotation, scaling and bending (augment_through); -1: none */
    double spacing[3];   /* of voxels, for rotations in space; 0: as if 1 */
    double rotate;       /* largest angle about each axis in radians */
    double rotate_plane; /* and about `through`, if set */
    double rotate_probability;
    double scale; /* factor from 1/(1+scale) to 1+scale */
    double scale_probability;
    double scale_axes; /* probability of a separate factor per axis of a scaled patch */
    double elastic;
    /* gain 0.8..1.25, offset of deviation 0.1, noise of deviation up to 0.1, all together */
    double jitter;
    double noise, blur, brightness, contrast, low_resolution;
    double gamma; /* and of the inverted image with a third of it */
    double cutout;
};

/* The axis without rotation: d in 2D; an axis with voxels more than 3 times as long as the others';
 * one along which the patch extends less than a third of its longest extent (mm if `spacing` is
 * complete). -1: none. */
int augment_through(int dims, const int patch[3], const float spacing[3]);

/* Switch off all but intensity changes; keeps `through`. */
void augment_intensities(struct augment_options *o);

/* Largest bend in cells, of which there are at least AUGMENT_CELLS; bounds augment_box. */
#define AUGMENT_BEND 0.4
enum { AUGMENT_CELLS = 3 };

static inline int augment_slices(const struct augment_options *o)
{
    return o->slices > 1 ? o->slices : 1;
}

/* All changes of one patch. */
struct augment {
    bool flip[3];
    double angle[3], factor[3]; /* rotation and magnification, which make the matrix */
    bool affine;                /* the matrix is not 1 */
    double matrix[3][3]; /* from a patch voxel's offset from the centre to the image's, d h w */
    double bend;         /* largest displacement of a node, in cells; 0: none */
    int cells;           /* node distance is a patch side / cells */
    bool bends[3];       /* along which axes */
    float noise;         /* deviation; 0: none */
    /* x * brightness + offset; contrast and gammas: 1: none; blur: deviation in voxels, 0: none;
     * low: share of the resolution, 1: all. */
    float brightness[AUGMENT_CHANNELS], offset, contrast[AUGMENT_CHANNELS], gamma[AUGMENT_CHANNELS],
        inverted[AUGMENT_CHANNELS];
    float blur[AUGMENT_CHANNELS][3], low[AUGMENT_CHANNELS];
    int through; /* full resolution along it */
    int slices;  /* of the options */
    int boxes;   /* cut out */
    double box_at[AUGMENT_BOXES][3],
        box_side[AUGMENT_BOXES][3]; /* shares: of the free range, of the patch's side */
    struct rng noise_rng, bend_rng;
};

/* Draw the changes of a patch; a and b identify it, such as step and index in the batch. */
void augment_draw(
    const struct augment_options *o, uint64_t seed, uint32_t a, uint32_t b, struct augment *out);

/* image: [channels][size], classes: [size]; at most 16 channels and 2^31 - 1 voxels. */
struct augment_source {
    const float *image;
    const uint8_t *classes;
    int channels, size[3];
};

/* A patch starts at `origin` and may extend past the image, where it is 0. Without a warp,
 * voxels are copied; else samples are linear, and a voxel gets the class with the largest linear
 * weight. */
struct augment_job {
    struct augment_source source;
    int origin[3];
    struct augment a;
    float *out;      /* [channels][slices][patch] */
    uint8_t *labels; /* [patch] */
    /* the box in memory: image [channels][part], classes [part]; empty: the whole image */
    struct box part;
};

/* The box that a patch at `origin` reads: at least one voxel and, if warped, two along each axis
 * that has them. */
void augment_box(const struct augment *a, const int patch[3], const int origin[3],
    const int size[3], struct box *b);
/* Its largest possible size per axis; spacing may be all 0. */
void augment_box_max(const struct augment_options *o, const int patch[3], const float spacing[3],
    const int size[3], int max[3]);

/* Memory for up to `jobs` patches at once on the threads of `pool`. Blur and low resolution need a
 * second copy of the batch, a mask one byte per voxel. */
struct augment_work;
att_status augment_work_create(const struct augment_options *o, int jobs, int channels,
    const int patch[3], const struct pool *pool, struct augment_work **work, struct err *e);
void augment_work_destroy(struct augment_work *work); /* NULL is fine */
size_t augment_work_bytes(const struct augment_work *work);
/* `outside` labels voxels beyond the image. Allocates nothing. */
void augment_run(struct augment_work *work, const struct augment_job *jobs, int count,
    uint8_t outside, struct pool *pool);
