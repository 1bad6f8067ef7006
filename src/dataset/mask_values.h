/* SPDX-License-Identifier: Apache-2.0 */
/* The setting `mask-values`: whether the values of masks are classes, all but 0 one class, or
 * numbers of objects. */
#pragma once

#include "base/options.h"
#include "dataset/dataset.h"

/* The settings `mask-values` and `instances`: classes, one or objects; NULL: neither. ATT_USAGE if
 * they disagree. */
att_status mask_values_wanted(const struct options *o, const char **wanted, struct err *e);
/* Reads the values so; ATT_DATA with the question if nothing is wanted and the values are a guess
 * (dataset.doubt). */
att_status mask_values_choose(const char *wanted, struct dataset *d, struct err *e);
/* Makes all values but 0 one class. */
att_status mask_values_join(struct dataset *d, struct err *e);
/* Reads values as a model with labels `l` does, where they leave a doubt or `wanted` (its run's
 * setting, or NULL) chose; others may have changed since. */
void mask_values_follow(const char *wanted, const struct labelling *l, struct dataset *d);
