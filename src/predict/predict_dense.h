/* SPDX-License-Identifier: Apache-2.0 */
/* Dense prediction of one image, window by window. */
#pragma once

#include "model/prepare_file.h"
#include "predict/predict_maps.h"
#include "predict/predict_passes.h"
#include "predict/predict_slab.h"
#include "predict/predict_state.h"

/* State of one image. */
struct dense {
    struct predictor *p;
    struct image x[ENSEMBLE_MAX]; /* prepared, by turn; empty if an earlier turn shares it */
    /* Streamed images only, else NULL: */
    struct scan *scan;
    const char *folder;                       /* for temporaries */
    struct prepared_file *file[ENSEMBLE_MAX]; /* instead of the samples in x */
    struct image part;                        /* what a window covers of a file */
    uint8_t *part_mask;
    struct placed where;
    struct window_axis axis[ENSEMBLE_MAX][3];
    struct slab_layer *layers; /* of all turns, by plane */
    int nlayers;
    bool mirror[3]; /* as in the options, or none (`work` there) */
    int columns[2]; /* parts along h and w, to save memory */
    struct slab slab;
    struct decoder decoder;
    struct map_sums maps;
    struct passes passes;
    float *moments; /* [channels + 1] of the whole grid (predict_passes.h), or NULL */
    int turn;       /* whose network and passes are current, or -1 */
    int64_t total;  /* passes over all windows */
    struct prediction *out;
    struct host *host;
};

/* give: may take m's samples. Fills `out` but for geometry; probabilities are still logits. */
att_status dense_predict(struct predictor *p, struct image *m, bool give, struct prediction *out,
    struct host *host, struct err *e);

/* The same for a streamed image; see predict_scan. */
att_status dense_predict_scan(struct predictor *p, struct scan *scan, const char *folder,
    struct prediction *out, struct host *host, struct err *e);

/* See predict_estimate. */
att_status dense_estimate(struct predictor *p, const struct image *m,
    const struct predict_reading *how, bool *stay, struct err *e);

/* Column (i, j); false if it is empty. */
bool dense_column(const struct dense *w, const int columns[2], int i, int j, struct box *column);
/* Builds a turn's network and the mean of its passes. */
att_status dense_build(struct dense *w, int turn, struct err *e);
