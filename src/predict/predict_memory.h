/* SPDX-License-Identifier: Apache-2.0 */
/* What a prediction takes, foreseen, and how an image is cut so that it stays within a limit. */
#ifndef PREDICT_MEMORY_H
#define PREDICT_MEMORY_H

#include "predict/predict_dense.h"

/* Once windows are laid: sets w->columns to as few as keep the whole process within p->options.max_memory. ATT_MEMORY with the smallest
 * limit that would do where none do. `give`: the image's samples will be taken. Without a limit there is one column.
 *
 * An image without samples has not been loaded yet, from so many files; then only loading has to fit. */
att_status memory_plan(struct dense *w, const struct image *m, int files, bool give, struct err *e);

#endif
