/* SPDX-License-Identifier: Apache-2.0 */
/* Measures how an attention map (or any number per voxel) relates to a true mask. docs/attention.md
 * has definitions and limits. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

/* Foreground: every class but background. LABELLING_IGNORE is skipped. NaN: undefined. */
struct map_measure {
    double inside, outside; /* mean over foreground and over background */
    /* probability that a foreground voxel has a larger value than a background voxel, ties half */
    double auc;
    /* entropy of the map as a distribution over voxels, divided by the log of their number: 1 is
     * uniform; for maps >= 0 */
    double entropy;
    double p1, p99; /* percentiles over all voxels */
};
enum { MAP_NUMBERS = 6 };
double *map_number(struct map_measure *m, int i); /* in this order */
extern const char *const map_number_name[MAP_NUMBERS];

/* Values fall into 65536 bins between minimum and maximum, which limits the accuracy of auc and
 * percentiles. ATT_FAILED for a value that is not finite. */
att_status map_measure(const float *map, const uint8_t *classes, size_t voxels,
    struct map_measure *out, struct err *e);

/* Marks `count` voxels with the largest (or smallest) values; of equal values, evenly spaced ones.
 * area: [voxels], 1 if marked. */
att_status map_area(
    const float *map, size_t voxels, bool largest, size_t count, uint8_t *area, struct err *e);
/* Moves the area along every axis with wrap-around, by offsets from the stream (seed, a, b). */
void map_area_elsewhere(
    const uint8_t *area, const int size[3], uint64_t seed, uint32_t a, uint32_t b, uint8_t *moved);
