/* SPDX-License-Identifier: Apache-2.0 */
/* Memory for loading cases, estimated from their headers. */
#pragma once

#include "dataset/fingerprint.h"
#include "model/model.h"
#include "train/train_context.h"

/* Before a fingerprint scans the listed cases one at a time: ATT_MEMORY if one exceeds the limit
 * (0: none). If the process alone exceeds it, small cases pass, so that a later check can name a
 * sufficient limit. *peak grows to the process with the largest case. */
att_status case_memory_check_scan(
    const struct dataset *d, const int *list, int count, double limit, double *peak, struct err *e);

/* Estimated bytes on top of the process: after loading all cases, and the peak during it. valid:
 * false if a size is unknown before loading. */
struct case_memory {
    double loaded, peak;
    bool valid;
};
/* found: the cases of the fingerprint, or NULL. */
att_status case_memory_estimate(const struct train_context *c, const struct dataset *d,
    const int *list, int count, const struct fingerprint_case *found, const struct model *m,
    struct case_memory *l, struct err *e);
/* Before loading a case: ATT_MEMORY if the process would exceed the limit. */
att_status case_memory_check(const struct train_context *c, const struct dataset *d, int index,
    const struct model *m, double limit, struct err *e);
/* The same before packing a case in chunks of `chunk` bytes. */
att_status case_memory_check_pack(const struct train_context *c, const struct dataset *d, int index,
    const struct fingerprint_case *found, const struct model *m, size_t chunk, double limit,
    struct err *e);
