/* SPDX-License-Identifier: Apache-2.0 */
/* Phantoms: synthetic images with exact labels, for the demo and the tests. A case depends on
 * (kind, seed, index, unseen).
 *
 * "ultrasound": 2D, grey, one class ("lesion"), like a linear probe's view of a breast. A map of
 * echo strength (skin, fat with septa, gland, fascia, muscle) weighs random scatterers; the probe's
 * point spread blurs them into fully developed speckle, compounded from three looks and compressed.
 * Lesions in the gland are as dark as fat, muscle, fat lobules, ducts and shadows, so finding them
 * takes form and surroundings.
 *
 * "organs": 3D, NIfTI of 1 x 1 x 1.5 mm on an oblique grid, two classes, like a section of an
 * abdomen. Two organs of different texture touch, among loops of the same mean grey but other form
 * and texture, under a bias field and noise.
 *
 * Ranges of unseen cases are disjoint from training, even and odd ones on either side:
 *
 *   ultrasound                   training      unseen, even    unseen, odd
 *   lesion's mean radius         16..22        14..15.5        23..27        pixels
 *   lesion below the gland       11..15        10..11          15..17.5      dB
 *   lesion's place across        0.28..0.72    0.19..0.27      0.73..0.81    of the width
 *   lobes of its outline         0..0.16       0.17..0.2       0.17..0.2     of the radius
 *   slope of the layers          -6..6         -10..-7         7..10         degrees
 *   gain                         -3..3         -4.5..-3.5      3.5..4.5      dB
 *   height and width             128..151      153..159        153..159      pixels
 *
 *   organs                       training      unseen, even    unseen, odd
 *   size of body and organs      0.9..1.1      0.83..0.88      1.12..1.18    of the usual
 *   turn about the long axis     -12..12       -22..-14        14..22        degrees
 *   shift in both other axes     -2..2         -4..-3          3..4          mm
 *   bias 25 mm off the middle    0..0.2        0.22..0.3       0.22..0.3     of the signal
 *   noise, standard deviation    4..6          6.2..7          2.5..3.5      grey values
 *   gain                         0.85..1.15    0.75..0.82      1.2..1.35
 *
 * Cases of organs may be mirrored.
 *
 * "field": 2D, grey, 4096 x 4096 or any size, one class ("lesion") on a hundredth of it: lesions at
 * a few sites among look-alikes, with bands and rings anywhere. All are equally bright, but only
 * lesions have a fine grain.
 *
 *   field                        training      unseen, even    unseen, odd
 *   lesion's radius              28..44        23..27          45..50        pixels
 *   brighter than the ground     45..55        38..43          57..65        grey values
 *   noise, standard deviation    10..14        15..17          7..9          grey values
 *
 * "signpost": 2D, NIfTI of 96 x 96 x 1, two classes, six by six tiles of 16, for hard attention
 * that looks twice. The fine pattern of a large square shows which of the four small ones around it
 * has both classes; a reduced image shows the squares without patterns.
 *
 *   signpost                     training      unseen, even    unseen, odd
 *   brighter than the ground     55..65        48..53          67..72        grey values
 *   noise, standard deviation    5..8          8.5..10         3..4.5        grey values */
#pragma once

#include "base/host.h"
#include "base/pool.h"
#include "base/rng.h"
#include "image/image.h"

struct phantom_case {
    struct image image; /* grey values 0..255 */
    struct labelmap labels;
};

/* Selects a case. */
struct phantom_wish {
    int index;
    bool unseen;
    uint64_t seed;
    int size[3];       /* d, h, w, for kinds of variable size; 0: the default */
    struct host *host; /* shows progress, and may stop; or NULL */
};

/* A kind of phantom. */
struct phantom {
    const char *kind, *ending;
    int min, max; /* side length, for kinds of variable size; else 0 */
    att_status (*make)(
        const struct phantom_wish *wish, struct rng *r, struct phantom_case *c, struct err *e);
};

extern const struct phantom phantom_ultrasound, phantom_organs, phantom_field, phantom_signpost;

/* ATT_USAGE for an unknown kind, or a size that the kind does not support. */
att_status phantom_find(const char *kind, const struct phantom **p, struct err *e);
att_status phantom_make(const struct phantom *p, const struct phantom_wish *wish,
    struct phantom_case *c, struct err *e);
void phantom_case_free(struct phantom_case *c);

/* Write `count` cases from that of `first` on into FOLDER/images and FOLDER/labels as case_0000
 * (unseen_0000) and so on. PNG masks are 0 and 255. A stop keeps finished cases. */
att_status phantom_write(const char *kind, const char *folder, const struct phantom_wish *first,
    int count, struct pool *pool, struct err *e);
/* The same in a dry run: log what would be written. */
att_status phantom_dry_run(const char *kind, const char *folder, const struct phantom_wish *first,
    int count, struct host *host, struct err *e);
