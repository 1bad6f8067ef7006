/* SPDX-License-Identifier: Apache-2.0 */
/* The data set that true masks belong to, which knows their images and what their values mean. */
#ifndef MEASURE_LABEL_SET_H
#define MEASURE_LABEL_SET_H

#include "base/host.h"
#include "dataset/dataset.h"

/* What `labels` names or, where it is a folder, the folder above, if that may be listed.  Where
 * there is none (ATT_DATA) *found is false, and *d not to be freed.  With `own` the folder above
 * counts only if `labels` is its folder of labels; a set that cannot be opened is told then, and is
 * no failure, even where a file is missing: labels are compared without their images. */
att_status label_set_open(
    const char *labels, bool own, struct dataset *d, bool *found, struct host *host, struct err *e);

#endif
