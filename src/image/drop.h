/* SPDX-License-Identifier: Apache-2.0 */
/* Taking components away from a mask of which two planes are in memory at a time. */
#ifndef IMAGE_DROP_H
#define IMAGE_DROP_H

#include <stdbool.h>
#include <stdint.h>

#include "files/scratch.h"

/* Planes of a mask, [size[1]][size[2]] bytes each, in memory or in a file. */
struct drop_planes {
    int size[3];
    uint8_t *data; /* all of them, or NULL: */
    const struct spool *file;
};
att_status drop_count(
    const struct drop_planes *p, int64_t count[256], struct err *e); /* voxels of each value */

struct drop_rule {
    uint8_t group[256]; /* of a value: voxels of one group that touch by faces, edges or corners
                           make a component; 0: of none */
    bool largest[256];  /* of a group: only the largest component stays, of equally large ones the
                           first in scan order */
    int64_t smallest[256]; /* of a group: components of fewer voxels go */
};
/* What goes becomes 0. `most`: bytes that all of this may take; where the components are too many
 * for it, ATT_MEMORY. */
att_status drop_components(
    const struct drop_planes *p, const struct drop_rule *r, double max, struct err *e);

#endif
