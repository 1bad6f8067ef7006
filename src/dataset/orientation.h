/* SPDX-License-Identifier: Apache-2.0 */
/* Along which axes the volumes of a data set are stored, and to which they are turned
 * (image/orient.h). */
#ifndef DATASET_ORIENTATION_H
#define DATASET_ORIENTATION_H

#include "dataset/dataset.h"

/* The axes that most of the cases have, of equals the first; "": none is known to have any. */
const char *orientation_max(const struct dataset *d);
/* Whether a case is known to be stored along others. */
bool orientation_differs(const struct data_case *c, const char *axes);
/* --orientation: `axes` is left as it is where it was not given, and becomes "" where it is "none".
 */
att_status orientation_read(const char *given, char axes[ORIENT_TEXT], struct err *e);
/* Sets d->axes to what --orientation says; where that is NULL to what is `known` from a model;
 * where that is NULL or "" to what most of the set has; "" of planes.  Says which volumes lie
 * otherwise; `host` may be NULL. */
att_status orientation_choose(
    const char *given, const char *known, struct dataset *d, struct host *host, struct err *e);

#endif
