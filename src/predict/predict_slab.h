/* SPDX-License-Identifier: Apache-2.0 */
/* Logits from windows to labels, slab by slab.  Windows are laid layer by layer along d; what no
 * later layer reaches is final: it goes back to the image's own grid, is decided and forgotten.  So
 * logits are held of the planes in flight alone, and where memory is short of a column of them,
 * however many classes there are.  Every voxel takes the same sums in the same order, however the
 * image is cut. */
#ifndef PREDICT_SLAB_H
#define PREDICT_SLAB_H

#include "model/prepare.h"
#include "predict/predict_decode.h"

/* Windows that begin at one plane. */
struct slab_layer {
    int turn, index; /* whose, and which of its layers */
    int first, end;  /* planes first..end - 1 of the network's grid */
};

struct slab {
    /* The caller's. */
    const struct placed *where;
    const struct slab_layer *layers; /* by `first` */
    int count;
    int channels;
    struct decoder *decoder;
    float *probability;       /* [channels][where->whole] for logits, or NULL */
    bool filed;               /* classes go into `mask`, which is there when they do */
    const struct spool *mask; /* a byte per voxel of the image */
    struct pool *pool;
    struct box
        column; /* of what was taken of the image: rows and columns to be decided; all planes */
    /* Its own. */
    struct box held; /* of the network's grid */
    float *sum;      /* [channels][held.size] */
    float *back; /* some planes of a channel on the image's grid, and the largest of all channels so
                    far */
    uint8_t *classes; /* of those planes, on their way to the mask */
    int chunk;        /* how many planes */
    int done;         /* planes of the image that are decided */
};

/* The part of the network's grid that the column is made of. */
void slab_needs(const struct slab *s, struct box *needs);
/* What slab_begin and the way back will take, at most; needs no decoder. */
double slab_bytes(const struct slab *s);
att_status slab_begin(struct slab *s, struct err *e);
/* Before and after windows of layer `index` are added to `sum`. */
void slab_enter(struct slab *s, int index);
att_status slab_leave(struct slab *s, int index, struct err *e);
void slab_free(struct slab *s); /* forgets the sums; the caller's remain */

/* Decides all of an image from the logits of all of it, [channels][where->size]. */
att_status slab_decide(struct slab *s, float *logits, struct err *e);

#endif
