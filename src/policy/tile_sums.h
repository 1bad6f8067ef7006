/* SPDX-License-Identifier: Apache-2.0 */
/* Dice of every merge of coarse and fine labels.
 * A hard model takes labels of some disjoint tiles from its fine network and all others from its
 * coarse one. For one class Dice = 2 tp / (|P| + |T|), and tp, |P| and |T| are sums over tiles, so
 * one count per tile and network gives the Dice of any choice. Counts are integers in double: sums
 * are exact, in any order. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/class_set.h"
#include "base/status.h"

enum { TILE_SUMS_CLASSES = 254 };

struct tile_sums {
    int tiles, classes; /* foreground classes, from 0 */
    double *coarse;     /* [tiles][classes][2]: tp and |P| */
    double *fine;       /* the same */
    double *truth;      /* [tiles][classes]: |T| */
    /* [classes][3]: tp, |P|, |T| with coarse labels everywhere, by tile_sums_total */
    double *total;
};

att_status tile_sums_create(struct tile_sums *s, int tiles, int classes, struct err *e); /* all 0 */
void tile_sums_free(struct tile_sums *s);

/* Add voxels of a tile. Class c is label c + 1, or with `regions` every label in regions[c]; voxels
 * with the true label `ignore` (-1: none) are skipped. */
void tile_sums_count(struct tile_sums *s, int tile, const uint8_t *coarse, const uint8_t *fine,
    const uint8_t *truth, size_t voxels, const struct class_set *regions, int ignore);
/* call after all counts are set, before the functions below */
void tile_sums_total(struct tile_sums *s);

/* Mean Dice of the merged result over the classes in the truth, with fine labels in k different
 * tiles. Without any true class: 1 if nothing is predicted, else 0. per_class (or NULL): NaN for a
 * class not in the truth. */
double tile_sums_dice(const struct tile_sums *s, const int *chosen, int k, double *per_class);
/* Share of the true foreground outside the chosen tiles; 0 if there is none. Overlapping regions
 * each count. */
double tile_sums_outside(const struct tile_sums *s, const int *chosen, int k);

/* The same tile by tile, starting from coarse labels everywhere. */
struct tile_mix {
    double sum[TILE_SUMS_CLASSES][3]; /* tp, |P|, |T| */
};
void tile_mix_begin(const struct tile_sums *s, struct tile_mix *m);
void tile_mix_take(const struct tile_sums *s, int tile, struct tile_mix *m);
/* undoes tile_mix_take */
void tile_mix_leave(const struct tile_sums *s, int tile, struct tile_mix *m);
double tile_mix_dice(const struct tile_sums *s, const struct tile_mix *m, double *per_class);
