/* SPDX-License-Identifier: Apache-2.0 */
/* A case ready for training: normalised, on the network's grid, with places of every class to
 * centre patches on. */
#ifndef FEED_PREPARED_H
#define FEED_PREPARED_H

#include "dataset/dataset.h"

struct prepared {
    float *image;     /* [channels][d][h][w] */
    uint8_t *classes; /* [d][h][w], LABELLING_IGNORE where unknown */
    int channels, size[3];
    float spacing[3];             /* of this grid; 1 where nothing is known */
    uint32_t *places;             /* voxel numbers, class by class */
    int first[LABELLING_MAX + 1]; /* class c's places are first[c] .. first[c+1]-1; 0: of all
                                     classes, where some voxels are ignored */
    /* Places again, by connected components: class c's components are parts[c] .. parts[c+1]-1, the
     * places of component k part_first[k] .. part_first[k+1]-1 of part_places.  A class in one
     * piece has none. */
    uint32_t *part_places;
    int *part_first;
    int parts[LABELLING_MAX + 1];
};

/* Takes over s's memory; the spacing is its geometry's. Keeps up to a few thousand places per
 * class, evenly spread, and as many by components: at least one of each, but of thousands only
 * every n-th. */
att_status prepared_make(struct sample *s, int classes, struct prepared *p, struct err *e);
void prepared_free(struct prepared *p);

#endif
