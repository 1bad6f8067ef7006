/* SPDX-License-Identifier: Apache-2.0 */
/* Writes the files of a predicted image without overwriting an input. */
#pragma once

#include "dataset/dataset.h"
#include "files/file.h"
#include "predict/predict_files.h"

/* FOLDER/NAME + what + ending, for mem_free; NULL: no memory. */
char *save_path(const struct predicted *p, const char *what, const char *ending);
/* Parts of a map's file name: before the gate's name, and after it for its own grid. */
#define SAVE_ATTENTION "_attention_"
#define SAVE_OWN "_own"
#define SAVE_UNCERTAINTY "_uncertainty"
/* For channel k, for mem_free. */
char *save_probability_tail(const struct model *model, int channels, int k);

/* Sorted ids of inputs and of labels that a list names. */
struct save_inputs {
    struct file_id *file; /* for mem_free */
    size_t count;
};
att_status save_identify(const struct dataset *d, struct save_inputs *in, struct err *e);
/* ATT_USAGE if a mask or its companion would overwrite an input; call before any work. */
att_status save_check_inputs(
    const struct dataset *d, const struct save_inputs *in, const char *folder, struct err *e);

/* ATT_USAGE if the folder holds inputs or known training images. */
att_status save_check_folder(const struct predict_job *j, const struct dataset *d, struct err *e);
/* Warns about results inside a data set with a folder per case. */
void save_warn(const struct predict_job *j, const struct dataset *d);

/* ATT_USAGE if a mask would have the name of another case's result. Cases are sorted. */
att_status save_check_names(const struct predict_job *j, const struct dataset *d, struct err *e);

/* The mask and other requested files. */
att_status save_results(const struct predict_job *j, const struct save_inputs *in,
    const struct predicted *p, struct err *e);
