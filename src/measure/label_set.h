/* SPDX-License-Identifier: Apache-2.0 */
/* The data set of true masks, with their images and the meaning of values. */
#pragma once

#include "base/host.h"
#include "dataset/dataset.h"

/* Open the set that `labels` names or, for a folder, the listable folder above. Without one
 * (ATT_DATA) *found is false, and *d needs no dataset_free. `own`: the folder above counts only if
 * `labels` is its label folder; then failing to open it is only logged, since labels can be
 * compared without images. */
att_status label_set_open(
    const char *labels, bool own, struct dataset *d, bool *found, struct host *host, struct err *e);
