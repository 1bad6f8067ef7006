/* SPDX-License-Identifier: Apache-2.0 */
/* Estimates the memory of a prediction and cuts the image to keep a limit. */
#pragma once

#include "predict/predict_dense.h"

/* For streamed images: bytes of a preparation pass; samples per read. */
enum { MEMORY_PASS = 16 << 20, MEMORY_PART = 1 << 20 };

/* After windows are placed: sets w->columns to the fewest that keep the process within max_memory.
 * ATT_MEMORY names the smallest limit that works. give: the samples will be taken. */
att_status memory_plan(struct dense *w, const struct image *m, bool give, struct err *e);
/* The same for a streamed image. */
att_status memory_plan_scan(struct dense *w, const struct image *m, struct err *e);
/* For an image not yet loaded; *stay as in predict_estimate. If it may not be streamed, only
 * loading must fit: the crop is unknown. */
att_status memory_estimate(struct dense *w, const struct image *m,
    const struct predict_reading *how, bool *stay, struct err *e);
/* Bytes below the limit; infinity without one. */
double memory_available(const struct predictor *p);
