/* SPDX-License-Identifier: Apache-2.0 */
/* Axes of a data set's stored volumes, and turning them (image/orient.h). */
#pragma once

#include "dataset/dataset.h"

/* The axes of most cases, the first among equals; "": unknown. */
const char *orientation_max(const struct dataset *d);
/* True if a case is known to be stored along others. */
bool orientation_differs(const struct data_case *c, const char *axes);
/* Read the setting `orientation`: `axes` is unchanged if unset, "" for "none". */
att_status orientation_read(const char *wanted, char axes[ORIENT_TEXT], struct err *e);
/* Set d->axes to the setting; or if NULL to the model's `known`; or if NULL or "" to those of most
 * cases; "" for planes. Logs turned volumes; `host` may be NULL. */
att_status orientation_choose(
    const char *wanted, const char *trained, struct dataset *d, struct host *host, struct err *e);
