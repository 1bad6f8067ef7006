/* SPDX-License-Identifier: Apache-2.0 */
/* Intensities to what networks like, channel by channel; the schemes and their formulas are those
 * of nnU-Net v2. */
#ifndef IMAGE_NORMALISE_H
#define IMAGE_NORMALISE_H

#include "image/image.h"

enum normalise_scheme {
    NORMALISE_ZSCORE, /* "zscore": (x - mean) / max(std, 1e-8) over all voxels of this channel of
                         this image */
    NORMALISE_CT, /* "ct": x cut to lower..upper, then (x - mean) / max(std, 1e-8) with the numbers
                     of the data set */
    NORMALISE_MINMAX01, /* "minmax01": (x - min) / max(max - min, 1e-8) of this channel of this
                           image */
    NORMALISE_RGB,      /* "rgb": x / 255 */
    NORMALISE_NONE,     /* "none" */
    NORMALISE_SCHEMES
};

struct normalise {
    enum normalise_scheme scheme;
    double lower, upper, mean, std; /* used by NORMALISE_CT only */
};

const char *normalise_name(enum normalise_scheme scheme);
bool normalise_by_name(
    const char *name, enum normalise_scheme *scheme); /* false when there is none of that name */

/* "A,B,MEAN,STD": the numbers of NORMALISE_CT, with A no more than B and STD from 0 on.  Where the
 * text goes on; NULL: it is none. */
const char *normalise_read(const char *text, struct normalise *n);
enum { NORMALISE_TEXT = 128 };
/* The same numbers again, in as few digits as say them. */
void normalise_write(const struct normalise *n, char text[NORMALISE_TEXT]);

/* Whether numbers of NORMALISE_CT from elsewhere say something: finite, the lowest below the
 * highest, a deviation above 0. */
bool normalise_is_good(const struct normalise *n);

/* Whether samples that differ would become all but equal, since they differ by less than what is
 * divided by at least. */
bool normalise_flattens(enum normalise_scheme scheme, double min, double max, double std);

enum { NORMALISER_PARTS = 4 }; /* partial sums of a block */

/* What samples of a channel become: (x cut to lower..upper - shift) / divisor. It is found in
 * rounds, each over all samples of the channel in their order, in parts of any size, so that they
 * need not be in memory at once: the same bits as image_normalise. */
struct normaliser {
    struct normalise how;
    int rounds;
    double lower, upper, shift, divisor;
    /* Of the round: */
    double total, part[NORMALISER_PARTS], voxels;
    size_t filled;   /* of the block that the parts are sums of */
    float low, high; /* of zscore the first, and another one where they differ */
    bool begun;
};
/* Finds n->rounds: so many times normaliser_add over everything, then normaliser_turn; 0 where
 * nothing depends on the image. */
void normaliser_begin(struct normaliser *n, const struct normalise *how);
void normaliser_add(
    struct normaliser *n, int round, const float *x, size_t count, const uint8_t *mask);
void normaliser_turn(struct normaliser *n, int round);
bool normaliser_flattens(const struct normaliser *n); /* after the rounds */
/* In place. mask as below, may be NULL. */
void normaliser_apply(const struct normaliser *n, float *x, size_t count, const uint8_t *mask);

/* In place; `how` has one entry per channel of the image. Statistics are those of all voxels, std
 * that of the population. With a mask "zscore" is that of the voxels where it is not 0, and the
 * rest becomes 0; other schemes take no notice of it. Whether some channel was flattened. */
bool image_normalise(struct image *m, const struct normalise *how, const uint8_t *mask);
/* One channel of `count` samples. */
void normalise_samples(float *x, size_t count, const struct normalise *how);

#endif
