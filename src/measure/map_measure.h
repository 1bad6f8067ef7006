/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers that say how an attention map (or anything else with a number per voxel) relates to a
 * true mask.  docs/attention.md defines them and says what they do not mean. */
#ifndef MEASURE_MAP_MEASURE_H
#define MEASURE_MAP_MEASURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

/* Foreground: every class but background. Voxels whose class is LABELLING_IGNORE do not count. NaN
 * where a number does not exist. */
struct map_measure {
    double inside, outside; /* mean over foreground and over background */
    double auc;     /* probability that a voxel of the foreground has a larger value than one of the
                       background, equal ones half */
    double entropy; /* of the map as a distribution over voxels, by the logarithm of their number: 1
                       is uniform; for maps >= 0 */
    double p1, p99; /* percentiles over all voxels */
};
enum { MAP_NUMBERS = 6 };
double *map_number(struct map_measure *m, int i); /* in this order */
extern const char *const map_number_name[MAP_NUMBERS];

/* Values are sorted into 65536 bins between the smallest and the largest, so auc and percentiles
 * are exact to that. A value that is not finite is ATT_FAILED. */
att_status map_measure(const float *map, const uint8_t *classes, size_t voxels,
    struct map_measure *out, struct err *e);

/* Which voxels a deletion takes away: `count` of those with the largest values (or the smallest);
 * among equals, evenly spread ones. area: [voxels], 1 where. */
att_status map_area(
    const float *map, size_t voxels, bool largest, size_t count, uint8_t *area, struct err *e);
/* The same area elsewhere: moved along every axis, around the border, by what is drawn from the
 * stream (seed, a, b). */
void map_area_elsewhere(
    const uint8_t *area, const int size[3], uint64_t seed, uint32_t a, uint32_t b, uint8_t *moved);

#endif
