/* SPDX-License-Identifier: Apache-2.0 */
/* Which labelled cases of a data set a trained run is measured on. */
#ifndef APP_RUN_CASES_H
#define APP_RUN_CASES_H

#include "app/call.h"
#include "files/file.h"
#include "model/model.h"
#include "predict/ensemble.h"
#include "predict/predict_files.h"

/* With which --voxel-size the run was trained, if any: 0 without one. */
void settings_voxel(const json_t *settings, float voxel[3], bool *planes);
/* `dataset`, or where that is NULL the one that the settings name; ATT_USAGE where they name none.
 */
att_status cases_open(struct api_call *call, const char *run, const char *dataset,
    const json_t *settings, struct dataset *d);
/* The cases of a list of names that are still there; the list is for mem_free. */
att_status cases_find(
    const struct dataset *d, const json_t *names, int **list, int *count, struct err *e);
/* Those of --cases; of the data set that the run was trained on its validation cases; else all that
 * have labels. */
att_status cases_choose(
    struct api_call *call, const struct dataset *d, const json_t *settings, int **list, int *count);
/* Its volumes lie as the model learnt them, and have voxels as --voxel-size says; not given, as the
 * run was trained with, where the data set is the run's own. */
att_status cases_lie(
    struct api_call *call, const struct model *m, const json_t *settings, struct dataset *d);
/* Whether to distrust the headers, as training did, since no voxel size is given (voxel: 0).  Logs
 * that. */
bool cases_distrust(struct host *host, const struct model *m, const float voxel[3]);
/* ATT_DATA when the data set's classes or channels are not the model's. */
att_status cases_fit(const struct dataset *d, const struct model *m, struct err *e);
/* The images, sorted, that trained some of these models, where they were named by the folders of
 * their runs, as of one data set, and some input or the folder of the results lies in that: for
 * mem_free. What cannot be looked up is none. */
att_status cases_learnt(const struct ensemble *s, const struct predict_job *j,
    struct file_id **learnt, size_t *n, struct err *e);

#endif
