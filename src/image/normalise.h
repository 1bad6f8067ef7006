/* SPDX-License-Identifier: Apache-2.0 */
/* Intensity normalisation by channel, with the schemes and formulas of nnU-Net v2. */
#pragma once

#include "image/image.h"

enum normalise_scheme {
    NORMALISE_ZSCORE, /* "zscore": (x - mean) / max(std, 1e-8) over this channel of this image */
    /* "ct": x cut to lower..upper, then (x - mean) / max(std, 1e-8) with the data set's numbers */
    NORMALISE_CT,
    /* "minmax01": (x - min) / max(max - min, 1e-8) of this channel of this image */
    NORMALISE_MINMAX01,
    NORMALISE_RGB,  /* "rgb": x / 255 */
    NORMALISE_NONE, /* "none" */
    NORMALISE_SCHEMES
};

struct normalise {
    enum normalise_scheme scheme;
    double lower, upper, mean, std; /* for NORMALISE_CT only */
};

const char *normalise_name(enum normalise_scheme scheme);
/* false for an unknown name */
bool normalise_by_name(const char *name, enum normalise_scheme *scheme);

/* Parse "A,B,MEAN,STD" of NORMALISE_CT, A <= B and STD >= 0. Returns the end of the numbers; NULL:
 * invalid. */
const char *normalise_read(const char *text, struct normalise *n);
enum { NORMALISE_TEXT = 128 };
/* Write the same numbers in the fewest digits. */
void normalise_write(const struct normalise *n, char text[NORMALISE_TEXT]);

/* True if NORMALISE_CT numbers are usable: finite, lower < upper, std > 0. */
bool normalise_is_good(const struct normalise *n);

/* True if the range is below the minimum divisor, so that different samples become nearly equal. */
bool normalise_flattens(enum normalise_scheme scheme, double min, double max, double std);

enum { NORMALISER_PARTS = 4 }; /* partial sums of a block */

/* Samples become (x cut to lower..upper - shift) / divisor. Rounds over all samples of a channel in
 * order, in parts of any size, find the numbers, bit-identical to image_normalise. */
struct normaliser {
    struct normalise how;
    int rounds;
    double lower, upper, shift, divisor;
    /* State of a round. */
    double total, part[NORMALISER_PARTS], voxels;
    size_t filled;   /* of the block that the parts are sums of */
    float low, high; /* for zscore the first value and another, different one */
    bool begun;
};
/* Set n->rounds; for each, call normaliser_add over everything, then normaliser_turn. 0 if nothing
 * depends on the image. */
void normaliser_begin(struct normaliser *n, const struct normalise *how);
void normaliser_add(
    struct normaliser *n, int round, const float *x, size_t count, const uint8_t *mask);
void normaliser_turn(struct normaliser *n, int round);
/* After the rounds: whether different samples become nearly equal, or all are equal. */
bool normaliser_flattens(const struct normaliser *n);
/* In place. mask as below, or NULL. */
void normaliser_apply(const struct normaliser *n, float *x, size_t count, const uint8_t *mask);

/* Normalise in place with one entry of `how` per channel. Statistics cover all voxels; std is the
 * population's. With a mask, "zscore" covers the masked voxels and sets others to 0; other schemes
 * ignore it. True if some channel was flattened. */
bool image_normalise(struct image *m, const struct normalise *how, const uint8_t *mask);
/* One channel of `count` samples. */
void normalise_samples(float *x, size_t count, const struct normalise *how);
