/* SPDX-License-Identifier: Apache-2.0 */
/* The memory that loading cases takes, estimated from the headers of their files. */
#pragma once

#include "dataset/fingerprint.h"
#include "model/model.h"
#include "train/train_context.h"

/* Before the listed cases are scanned for a fingerprint, one at a time: ATT_MEMORY where one of
 * them takes the process beyond the limit (0: none).  A process that exceeds the limit already
 * scans small cases all the same, so that a limit that would do can be named.  *peak grows to what
 * the process holds with one. */
att_status case_memory_check_scan(
    const struct dataset *d, const int *list, int count, double limit, double *peak, struct err *e);

/* Estimate for all listed cases, over what is resident before: when they are loaded, and the peak
 * on the way.  known: false where a size only turns out when the case is loaded. */
struct case_memory {
    double loaded, peak;
    bool valid;
};
/* found: what the fingerprint says of the cases; NULL: not known. */
att_status case_memory_estimate(const struct train_context *c, const struct dataset *d,
    const int *list, int count, const struct fingerprint_case *found, const struct model *m,
    struct case_memory *l, struct err *e);
/* Before a case is loaded: ATT_MEMORY where the process would exceed the limit with it. */
att_status case_memory_check(const struct train_context *c, const struct dataset *d, int index,
    const struct model *m, double limit, struct err *e);
/* The same before a case is packed in chunks of so many bytes. */
att_status case_memory_check_pack(const struct train_context *c, const struct dataset *d, int index,
    const struct fingerprint_case *found, const struct model *m, size_t chunk, double limit,
    struct err *e);
