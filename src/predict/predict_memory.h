/* SPDX-License-Identifier: Apache-2.0 */
/* What a prediction takes, foreseen, and how an image is cut so that it stays within a limit. */
#ifndef PREDICT_MEMORY_H
#define PREDICT_MEMORY_H

#include "predict/predict_dense.h"

/* Of an image that stays in its files: bytes that a pass of its preparation takes, samples that are
 * looked at at a time. */
enum { MEMORY_PASS = 16 << 20, MEMORY_PART = 1 << 20 };

/* Once windows are laid: sets w->columns to as few as keep the whole process within
 * p->options.max_memory. ATT_MEMORY with the smallest limit that would do where none do. `give`:
 * the image's samples will be taken. Without a limit there is one column. */
att_status memory_plan(struct dense *w, const struct image *m, bool give, struct err *e);
/* The same of an image that stays in its files. */
att_status memory_plan_scan(struct dense *w, const struct image *m, struct err *e);
/* Of an image without samples that has not been loaded yet; *stay as in predict_foresee. Where it
 * may not stay, only loading has to fit: what is cut off is not known yet. */
att_status memory_estimate(struct dense *w, const struct image *m,
    const struct predict_reading *how, bool *stay, struct err *e);
/* What the limit leaves now; infinity where there is none. */
double memory_available(const struct predictor *p);

#endif
