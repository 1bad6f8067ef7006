/* SPDX-License-Identifier: Apache-2.0 */
/* Memory in bytes.  limit: what the user allows this process.  resident: what it holds, as the
 * system counts it.  estimate: what something will take.  available: limit less resident. */
#pragma once

#include <stddef.h>

/* Bytes that no estimate counts: code, stacks, the gaps of the heap; with the buffers of files and
 * the tables of a prediction; what another start of the same command may hold more. */
enum { LIMIT_UNCOUNTED = 8 << 20, LIMIT_PREDICTING = 12 << 20, LIMIT_RESTART = 2 << 20 };

/* 0 where the system does not say. Libraries and mapped files count, too. */
size_t resident_now(void);
size_t resident_peak(void);     /* the maximum so far */
size_t resident_pinned(void);   /* without pages of files, which the system can take back */
double resident_estimate(void); /* now, trimmed, with LIMIT_UNCOUNTED */
/* What the machine has, or what a control group allows (cgroup.h); 0: not known. */
double limit_machine(void);
double limit_cgroup(const char *groups, const char *mount); /* 0: no limit */
/* What of that this process may take besides what it holds, without swapping. 0: not known. */
double limit_free(void);

enum { BYTES_TEXT = 32, LIMIT_TEXT = 40 };
/* "1.5 GiB". Returns `text`. */
const char *bytes_text(double bytes, char text[BYTES_TEXT]);
/* "`max-memory` 34MiB" for an estimate of so many bytes. Returns `text`. */
const char *limit_text(double bytes, char text[LIMIT_TEXT]);
