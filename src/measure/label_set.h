/* SPDX-License-Identifier: Apache-2.0 */
/* Finds the data set of true masks, with their images and the meaning of values. */
#pragma once

#include "base/host.h"
#include "dataset/dataset.h"

/* Opens the data set `labels` or, if it is a folder, the readable folder above. Without one *found
 * is false, and *d needs no dataset_free. `own`: the folder above counts only if `labels` is its
 * label folder; failing to open it then is a warning, since comparing masks needs no images. */
att_status label_set_open(
    const char *labels, bool own, struct dataset *d, bool *found, struct host *host, struct err *e);
