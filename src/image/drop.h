/* SPDX-License-Identifier: Apache-2.0 */
/* Drop components of a mask with two planes in memory at a time. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "files/scratch.h"

/* Planes of a mask, [size[1]][size[2]] bytes each, in memory or in a file. */
struct drop_planes {
    int size[3];
    uint8_t *data; /* all of them, or NULL to use `file` */
    const struct spool *file;
};
/* voxels of each value */
att_status drop_count(const struct drop_planes *p, int64_t count[256], struct err *e);

struct drop_rule {
    /* of a value: touching voxels of one group (26 neighbours) form a component; 0: none */
    uint8_t group[256];
    /* of a group: keep only the largest component, the first of equals in scan order */
    bool largest[256];
    int64_t smallest[256]; /* of a group: drop components of fewer voxels */
};
/* Set dropped voxels to 0. ATT_MEMORY if the components need more than `max` bytes. */
att_status drop_components(
    const struct drop_planes *p, const struct drop_rule *r, double max, struct err *e);
