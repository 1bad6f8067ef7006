/* SPDX-License-Identifier: Apache-2.0 */
/* A case ready for training: normalised, on the network's grid, with positions of every class to
 * centre patches on. */
#pragma once

#include "dataset/dataset.h"

struct prepared {
    float *image;     /* [channels][d][h][w] */
    uint8_t *classes; /* [d][h][w], LABELLING_IGNORE where unknown */
    int channels, size[3];
    float spacing[3]; /* of this grid; 1 if unknown */
    uint32_t *places; /* voxel indices, class by class */
    /* class c has places first[c] .. first[c+1]-1; 0: all classes, if some voxels are ignored */
    int first[LABELLING_MAX + 1];
    /* Places by connected component: class c has components parts[c] .. parts[c+1]-1, component
     * k the places part_first[k] .. part_first[k+1]-1 of part_places. None for a class in one
     * piece. */
    uint32_t *part_places;
    int *part_first;
    int parts[LABELLING_MAX + 1];
};

/* Takes s's memory; the spacing is its geometry's. Keeps up to a few thousand evenly spread places
 * per class, and as many by component: one of each or more, but of thousands only every n-th. */
att_status prepared_make(struct sample *s, int classes, struct prepared *p, struct err *e);
void prepared_free(struct prepared *p);
