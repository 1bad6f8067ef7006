/* SPDX-License-Identifier: Apache-2.0 */
/* The Dice of every result that coarse and fine labels can be merged to.
 *
 * A hard model takes the labels of some disjoint tiles from its fine network and all others from
 * its coarse one.  For one class Dice = 2 tp / (|P| + |T|), and tp, |P| and |T| are sums over the
 * tiles: counted once per tile for both networks, they give the Dice of any choice of tiles without
 * another look at a voxel.  Counts are whole numbers in double: sums are exact, in any order. */
#ifndef POLICY_TILE_SUMS_H
#define POLICY_TILE_SUMS_H

#include <stddef.h>
#include <stdint.h>

#include "base/class_set.h"
#include "base/status.h"

enum { TILE_SUMS_CLASSES = 254 };

struct tile_sums {
    int tiles, classes; /* classes that count: those of the foreground, from 0 */
    double *coarse;     /* [tiles][classes][2]: tp and |P| */
    double *fine;       /* the same */
    double *truth;      /* [tiles][classes]: |T| */
    double *total;      /* [classes][3]: tp, |P|, |T| with coarse labels everywhere; made by
                           tile_sums_total */
};

att_status tile_sums_create(struct tile_sums *s, int tiles, int classes, struct err *e); /* all 0 */
void tile_sums_free(struct tile_sums *s);

/* Adds voxels of a tile.  Class c is the label c + 1, or with `regions` every label in regions[c];
 * a voxel whose true label is `ignore` (-1: none is) does not count. */
void tile_sums_count(struct tile_sums *s, int tile, const uint8_t *coarse, const uint8_t *fine,
    const uint8_t *truth, size_t voxels, const struct class_set *regions, int ignore);
void tile_sums_total(struct tile_sums *s); /* after the last count, or after the arrays were filled
                                              otherwise: before what follows */

/* The mean Dice of the merged result over the classes that the truth has, with fine labels in the k
 * chosen tiles (each named once).  If it has none: 1 when nothing is predicted, else 0.  per_class
 * (NULL: not wanted): NaN for a class that the truth has not. */
double tile_sums_dice(const struct tile_sums *s, const int *chosen, int k, double *per_class);
/* The share of the true foreground that lies outside of the chosen tiles; 0 when there is none.
 * Regions that overlap count each. */
double tile_sums_outside(const struct tile_sums *s, const int *chosen, int k);

/* The same tile by tile: begin with coarse labels everywhere, take fine ones tile after tile, and
 * ask between. */
struct tile_mix {
    double sum[TILE_SUMS_CLASSES][3]; /* tp, |P|, |T| */
};
void tile_mix_begin(const struct tile_sums *s, struct tile_mix *m);
void tile_mix_take(const struct tile_sums *s, int tile, struct tile_mix *m);
void tile_mix_leave(const struct tile_sums *s, int tile, struct tile_mix *m); /* takes back */
double tile_mix_dice(const struct tile_sums *s, const struct tile_mix *m, double *per_class);

#endif
