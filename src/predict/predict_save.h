/* SPDX-License-Identifier: Apache-2.0 */
/* What is written of an image that has been predicted, and under which names; nothing that is
 * predicted is written over. */
#ifndef PREDICT_SAVE_H
#define PREDICT_SAVE_H

#include "dataset/dataset.h"
#include "files/file.h"
#include "predict/predict_files.h"

/* FOLDER/NAME + what + ending, for mem_free; NULL: no memory. */
char *save_path(const struct predicted *p, const char *what, const char *ending);
/* What stands behind NAME: of a gate's map, before the gate's name, and behind that where it is on
 * the gate's own grid. */
#define SAVE_ATTENTION "_attention_"
#define SAVE_OWN "_own"
/* Of channel k's probabilities, for mem_free. */
char *save_probability_tail(const struct model *model, int channels, int k);

/* The files that are predicted, and the labels that a list names beside them, sorted: nothing may
 * be written over them. */
struct save_inputs {
    struct file_id *file; /* for mem_free */
    size_t count;
};
att_status save_identify(const struct dataset *d, struct save_inputs *in, struct err *e);
/* ATT_USAGE where a mask, or what lies beside it, would be one of them; before the work begins. */
att_status save_spares(
    const struct dataset *d, const struct save_inputs *in, const char *folder, struct err *e);

/* ATT_USAGE where the results would lie among images: those given, or others that are known to have
 * trained the models. */
att_status save_elsewhere(const struct predict_job *j, const struct dataset *d, struct err *e);
/* Of results inside of a folder of folders, one per case, that was given. */
void save_warn(const struct predict_job *j, const struct dataset *d);

/* ATT_USAGE where the mask of a case has the name of what the job writes beside that of another;
 * before the work begins. Cases are sorted.
 */
att_status save_apart(const struct predict_job *j, const struct dataset *d, struct err *e);

/* The mask, and what else the job asks for. */
att_status save_results(const struct predict_job *j, const struct save_inputs *in,
    const struct predicted *p, struct err *e);

#endif
