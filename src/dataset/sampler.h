/* SPDX-License-Identifier: Apache-2.0 */
/* Training patches: from cases in memory, a batch for every step, a function of (seed, step) alone. */
#ifndef DATASET_SAMPLER_H
#define DATASET_SAMPLER_H

#include "base/pool.h"
#include "dataset/dataset.h"
#include "image/augment.h"

/* A case ready for training: normalised, on the network's grid, with places of every class to centre patches on. */
struct prepared {
    float *image;     /* [channels][d][h][w] */
    uint8_t *classes; /* [d][h][w], LABELLING_IGNORE where unknown */
    int channels, size[3];
    uint32_t *places;             /* voxel numbers, class by class */
    int first[LABELLING_MAX + 1]; /* class c's places are first[c] .. first[c+1]-1; background has none */
};

/* Takes over s's memory. Keeps up to a few thousand places per class, evenly spread. */
att_status prepared_make(struct sample *s, int classes, struct prepared *p, struct err *e);
void prepared_free(struct prepared *p);

struct sampler {
    const struct prepared *cases;
    int count, classes;
    int patch[3], batch;
    double foreground; /* share of patches centred on a voxel of some class that the case has */
    uint64_t seed;
    struct augment_options augment;
};

/* The batch of a step: image [batch][channels][patch], labels [batch][patch]. */
void sampler_batch(const struct sampler *s, int64_t step, float *image, uint8_t *labels, struct pool *pool);

#endif
