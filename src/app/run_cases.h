/* SPDX-License-Identifier: Apache-2.0 */
/* Chooses the labelled cases on which a run is measured. */
#pragma once

#include "app/call.h"
#include "app/series.h"
#include "files/file.h"
#include "model/model.h"
#include "predict/ensemble.h"
#include "predict/predict_files.h"

/* The `voxel_size` of the training; unchanged without one. */
void settings_voxel(const json_t *settings, float voxel[3], bool *planes);
/* Opens `dataset`, or if NULL the one in the settings (else ATT_USAGE). */
att_status cases_open(struct app_call *call, const char *run, const char *dataset,
    const json_t *settings, struct dataset *d);
/* Indices of existing named cases, for mem_free. */
att_status cases_find(
    const struct dataset *d, const json_t *names, int **list, int *count, struct err *e);
/* Cases of `cases`; else of the run's data set the validation cases; else all labelled cases but
 * those with names of training cases. If that leaves none: all of them, with a warning; with
 * `unseen`, ATT_USAGE. */
att_status cases_choose(struct app_call *call, const struct dataset *d, const char *run,
    const json_t *settings, bool unseen, int **list, int *count);
/* Sets the model's orientation and the `voxel_size` of the call, or of the training if the data set
 * is the run's. */
att_status cases_lie(
    struct app_call *call, const struct model *m, const json_t *settings, struct dataset *d);
/* Whether to ignore headers, because the training did and `voxel` is not set. Warns then. */
bool cases_distrust(struct host *host, const struct model *m, const float voxel[3]);
/* ATT_DATA if classes or channels differ from the model's. */
att_status cases_fit(const struct dataset *d, const struct model *m, struct err *e);
/* Sorted ids of training images, for mem_free: of models named by run folders with one data set
 * that contains an input or the results. Unreadable data counts as none. *names: of the training
 * cases if that data set is gone, for json_decref; else NULL. */
att_status cases_learnt(const struct ensemble *s, const struct predict_job *j,
    const struct series_list *series, struct file_id **learnt, size_t *n, json_t **names,
    struct err *e);
