/* SPDX-License-Identifier: Apache-2.0 */
/* The models that predict together: one, or several whose logits are averaged. */
#ifndef PREDICT_ENSEMBLE_H
#define PREDICT_ENSEMBLE_H

#include "model/model.h"

enum { ENSEMBLE_MAX = 64 };

struct ensemble {
    struct model *models; /* in the order given, the folds of a run by number */
    char **paths;         /* where each came from */
    int count;
    int gap; /* of folds trained apart, the first whose folder is not there, though later ones are,
                + 1; 0: none */
    struct postprocess post; /* of what they predict together: RUN/postprocess.json of a run with
                                folds, else what all of them have */
    bool post_differs;       /* the models have several, so `post` is none of them */
    bool post_stale; /* that of the run was chosen before folds were trained further, so `post` is
                        not that */
};

/* Each path is a model file, a run's folder (its model.safetensors), or a folder of folds (fold_0,
 * fold_1, ..., each a run). A text that is no path is several of them with commas between. */
att_status ensemble_load(const char *const *paths, int count, struct ensemble *s, struct err *e);
void ensemble_free(struct ensemble *s);

/* The axes d, h, w along which all of them were trained on mirrored patches; a model that does not
 * say how it was trained counts as mirrored along all it has.  None: ATT_USAGE, with the model that
 * was not. */
att_status ensemble_mirror_axes(const struct ensemble *s, bool axes[3], struct err *e);

#endif
