/* SPDX-License-Identifier: Apache-2.0 */
/* Axes of a data set's stored volumes, and turning them (image/orient.h). */
#pragma once

#include "dataset/dataset.h"

/* The axes of most cases, the first among equals; "": unknown. */
const char *orientation_max(const struct dataset *d);
/* Whether a case is known to have others. */
bool orientation_differs(const struct data_case *c, const char *axes);
/* Reads the setting `orientation`; `axes` becomes "" for "none", and stays if unset. */
att_status orientation_read(const char *wanted, char axes[ORIENT_TEXT], struct err *e);
/* Sets d->axes to the setting; if NULL, to the model's `trained`; if that is NULL or "", to those
 * of most cases; for 2D, to "". Logs turned volumes; `host` may be NULL. */
att_status orientation_choose(
    const char *wanted, const char *trained, struct dataset *d, struct host *host, struct err *e);
