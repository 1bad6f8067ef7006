/* SPDX-License-Identifier: Apache-2.0 */
/* One image by networks that see all of it, window by window. */
#ifndef PREDICT_DENSE_H
#define PREDICT_DENSE_H

#include "model/prepare_file.h"
#include "predict/predict_maps.h"
#include "predict/predict_passes.h"
#include "predict/predict_slab.h"
#include "predict/predict_state.h"

/* An image on its way through. */
struct dense {
    struct predictor *p;
    struct image x[ENSEMBLE_MAX]; /* prepared, by turn; empty where an earlier turn's is the same */
    /* Of an image that stays in its files, else NULL: */
    struct scan *scan;
    const char *folder;                       /* for temporaries */
    struct prepared_file *file[ENSEMBLE_MAX]; /* in the place of x, which has no samples then */
    struct image part;                        /* of one of them: what a window reaches */
    uint8_t *part_mask;
    struct placed where;
    struct window_axis axis[ENSEMBLE_MAX][3];
    struct slab_layer *layers; /* of all turns, in the order of their planes */
    int nlayers;
    int columns[2]; /* into how many the image is cut along h and w, to save memory */
    struct slab slab;
    struct decoder decoder;
    struct map_sums maps;
    struct passes passes;
    int turn;      /* whose network stands and whose passes these are, or -1 */
    int64_t total; /* passes over all windows */
    struct prediction *out;
    struct host *host;
};

/* `give`: m's samples may be taken. Fills `out` but for its geometry; probabilities are still
 * logits. */
att_status dense_predict(struct predictor *p, struct image *m, bool give, struct prediction *out,
    struct host *host, struct err *e);

/* The same of an image that stays in its files; predict_scan. */
att_status dense_predict_scan(struct predictor *p, struct scan *scan, const char *folder,
    struct prediction *out, struct host *host, struct err *e);

/* Whether an image that has not been loaded yet can be within the limit on memory; *stay as in
 * predict_foresee. */
att_status dense_estimate(struct predictor *p, const struct image *m,
    const struct predict_reading *how, bool *stay, struct err *e);

/* Column (i, j) of so many; false where none of the image is left for it. */
bool dense_column(const struct dense *w, const int columns[2], int i, int j, struct box *column);
/* The network of a turn, and room for the mean of its passes. */
att_status dense_build(struct dense *w, int turn, struct err *e);

#endif
