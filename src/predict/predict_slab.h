/* SPDX-License-Identifier: Apache-2.0 */
/* Turns window logits into labels slab by slab. Windows come in layers along d; planes that no
 * later layer reaches are final: they are resampled to the image's grid and decided. Memory holds
 * the planes in flight of one column only. Every voxel sums in the same order, however the image is
 * cut. */
#pragma once

#include "model/prepare.h"
#include "predict/predict_decode.h"

/* Windows that begin at one plane. */
struct slab_layer {
    int turn, index; /* turn, and layer of the turn */
    int first, end;  /* planes first..end - 1 of the network's grid */
};

struct slab {
    /* Set by the caller. */
    const struct placed *where;
    const struct slab_layer *layers; /* sorted by `first` */
    int count;
    int channels;
    struct decoder *decoder;
    float *probability;       /* [channels][where->whole] logits, or NULL */
    bool filed;               /* classes go to the file `mask` */
    const struct spool *mask; /* a byte per voxel */
    struct pool *pool;
    struct box column; /* crop coordinates: rows and columns to decide */
    /* Internal. */
    struct box buffered; /* in the network's grid */
    float *sum;          /* [channels][buffered.size] */
    float *back; /* planes of a channel on the image's grid, then the largest of all channels */
    uint8_t *classes; /* of these planes, for the mask */
    int chunk;        /* planes in `back` */
    int done;         /* planes decided */
};

/* The part of the network's grid that the column needs. */
void slab_needs(const struct slab *s, struct box *needs);
/* Max bytes of slab_begin and of resampling; needs no decoder. */
double slab_bytes(const struct slab *s);
att_status slab_begin(struct slab *s, struct err *e);
/* Before and after adding the windows of layer `index`. */
void slab_enter(struct slab *s, int index);
att_status slab_leave(struct slab *s, int index, struct err *e);
void slab_free(struct slab *s); /* keeps the caller's fields */

/* Decides a whole image from logits [channels][where->size]. */
att_status slab_decide(struct slab *s, float *logits, struct err *e);
