/* SPDX-License-Identifier: Apache-2.0 */
/* The data set that true masks belong to, which knows their images and what their values mean. */
#ifndef MEASURE_LABEL_SET_H
#define MEASURE_LABEL_SET_H

#include "base/log.h"
#include "dataset/dataset.h"

/* What `labels` names or, where it is a folder, the folder above; with `own` that only if `labels` is its folder of labels, and then it is
 * told where there is one that cannot be opened.  Only want of memory and a stop are failures: else *found is false, and *d not to be
 * freed.
 */
att_status label_set_open(const char *labels, bool own, struct dataset *d, bool *found, struct log *log, struct err *e);

#endif
