/* SPDX-License-Identifier: Apache-2.0 */
/* Phantoms: made-up images whose true labels are known exactly, for the demo and the tests.  A case
 * is a function of (kind, seed, index, unseen).
 *
 * "ultrasound": 2D, grey, one class ("lesion"), like a linear probe's view of a breast.  Tissue is
 * a map of echo strength (skin, fat with septa, gland, fascia, muscle); random scatterers of that
 * strength are blurred by the probe's point spread, which makes fully developed speckle, compounded
 * from three looks, log-compressed.  Dark lesions lie in the gland.  As dark are fat and muscle,
 * encapsulated fat lobules, ducts, and shadows: grey values alone do not find lesions, form and
 * surroundings do.
 *
 * "organs": 3D, NIfTI of 1 x 1 x 1.5 mm on an oblique grid, two classes, like a section of an
 * abdomen.  Two organs with textures of their own touch; loops of the same mean grey, of other form
 * and texture, lie around them; a bias field and noise lie over all.
 *
 * Unseen cases come from ranges that no training case has; the even ones from one side, the odd
 * ones from the other:
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
 * Both sorts of organs' cases may be mirrored.
 *
 * "field": 2D, grey, of 4096 x 4096 or any size, one class ("lesion") that fills a hundredth of it:
 * lesions at a few sites, with look-alikes of the same outline among them, and bands and rings
 * anywhere.  All are equally bright; only lesions have a fine grain.
 *
 *   field                        training      unseen, even    unseen, odd
 *   lesion's radius              28..44        23..27          45..50        pixels
 *   brighter than the ground     45..55        38..43          57..65        grey values
 *   noise, standard deviation    10..14        15..17          7..9          grey values
 *
 * "signpost": 2D, NIfTI of 96 x 96 x 1, two classes, six by six tiles of 16: a task for hard
 * attention that looks twice.  A large square tells by its fine pattern which of the four small
 * ones beside it holds both classes; a reduced image shows where the squares are, not the patterns.
 *
 *   signpost                     training      unseen, even    unseen, odd
 *   brighter than the ground     55..65        48..53          67..72        grey values
 *   noise, standard deviation    5..8          8.5..10         3..4.5        grey values */
#ifndef PHANTOM_PHANTOM_H
#define PHANTOM_PHANTOM_H

#include "base/host.h"
#include "base/pool.h"
#include "base/rng.h"
#include "image/image.h"

struct phantom_case {
    struct image image; /* grey values 0..255 */
    struct labelmap labels;
};

/* Which case is wanted. */
struct phantom_wish {
    int index;
    bool unseen;
    uint64_t seed;
    int size[3];       /* d, h, w, of a kind that is made in any size; 0: its usual one */
    struct host *host; /* hears of progress, and may stop; NULL: none */
};

/* One kind of phantom: its name, the ending of its files, and what makes a case. */
struct phantom {
    const char *kind, *ending;
    int min, max; /* a side's length, of a kind that is made in any size; else 0 */
    att_status (*make)(
        const struct phantom_wish *wish, struct rng *r, struct phantom_case *c, struct err *e);
};

extern const struct phantom phantom_ultrasound, phantom_organs, phantom_field, phantom_signpost;

/* An unknown kind is ATT_USAGE and lists those there are; so is a size that a kind is not made in.
 */
att_status phantom_find(const char *kind, const struct phantom **p, struct err *e);
att_status phantom_make(const struct phantom *p, const struct phantom_wish *wish,
    struct phantom_case *c, struct err *e);
void phantom_case_free(struct phantom_case *c);

/* Writes `count` cases, numbered from that of `first`, into FOLDER/images and FOLDER/labels under
 * the names case_0000 (unseen_0000) and on. PNG masks are 0 and 255.  A stop leaves the cases that
 * are written. */
att_status phantom_write(const char *kind, const char *folder, const struct phantom_wish *first,
    int count, struct pool *pool, struct err *e);
/* The same of a rehearsal: what there would be is noted through the log. */
att_status phantom_dry_run(const char *kind, const char *folder, const struct phantom_wish *first,
    int count, struct host *host, struct err *e);

#endif
