/* SPDX-License-Identifier: Apache-2.0 */
/* Along which axes the volumes of a data set are stored, and to which they are turned (image/orient.h). */
#ifndef DATASET_ORIENTATION_H
#define DATASET_ORIENTATION_H

#include "dataset/dataset.h"

/* The name that most of `count` have, of equals the first; NULL: none has one.  The first of them, and how many bytes lie from one to the
 * next. */
const char *orientation_most(const char *first, size_t stride, int count);
/* --orientation: `axes` is left as it is where it was not given, and becomes "" where it is "none". */
att_status orientation_read(const char *given, char axes[ORIENT_TEXT], struct err *e);
/* Sets d->axes to what --orientation says; where that is NULL to what is `known` from a model; where that is NULL or "" to what most of the
 * set has, of which every header is read (those that cannot be are passed over where problems are gathered).  Says which volumes lie
 * otherwise, unless `log` is NULL. */
att_status orientation_choose(const char *given, const char *known, struct dataset *d, struct log *log, struct err *e);

#endif
