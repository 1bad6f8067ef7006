/* SPDX-License-Identifier: Apache-2.0 */
/* Models that predict together: one, or several with averaged logits. */
#pragma once

#include "model/model.h"

enum { ENSEMBLE_MAX = 64 };

struct ensemble {
    struct model *models; /* in the order given; folds by number */
    char **paths;         /* of each model */
    int count;
    int gap;                 /* 1 + the first missing fold below an existing one; 0: none */
    struct postprocess post; /* joint: RUN/postprocess.json of a run with folds, else the models'
                              * common one */
    bool post_differs;       /* the models disagree, so `post` is not set */
    bool post_stale;         /* the run's was chosen before more training; `post` is not set */
};

/* Loads models that agree on labels, channels and grid (else ATT_MODEL). A path is a model file, a
 * run's folder, or a folder of folds fold_0, fold_1, ... A path that does not exist may list
 * several with commas between. */
att_status ensemble_load(const char *const *paths, int count, struct ensemble *s, struct err *e);
void ensemble_free(struct ensemble *s);

/* Whether every model was trained with products in bfloat16. */
bool ensemble_in_bf16(const struct ensemble *s);
/* Axes d, h, w along which every model was trained with mirrored patches; a model without a record
 * counts as mirrored along all. ATT_USAGE names a model that leaves no axis. */
att_status ensemble_mirror_axes(const struct ensemble *s, bool axes[3], struct err *e);
/* Mean gain of Dice by mirror images that the trainings measured, over `cases` in all; 0: none. */
double ensemble_mirror_gain(const struct ensemble *s, int *cases);
/* The axes without a request: none if mirror images brought no gain, or if a model has no record of
 * mirrored training or is one of hard attention. */
void ensemble_usual_axes(const struct ensemble *s, bool axes[3]);
