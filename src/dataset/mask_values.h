/* SPDX-License-Identifier: Apache-2.0 */
/* The setting `mask-values`: whether the values of masks are classes, or all but 0 are one class.
 */
#pragma once

#include "dataset/dataset.h"

/* `wanted`: classes, one, or NULL, which is ATT_DATA with the question if the values are a guess
 * (dataset.doubt). */
att_status mask_values_choose(const char *wanted, struct dataset *d, struct err *e);
/* Makes all values but 0 one class. */
void mask_values_join(struct dataset *d);
/* Reads values as a model with labels `l` does, where they leave a doubt or `wanted` (its run's
 * setting, or NULL) chose; others may have changed since. */
void mask_values_follow(const char *wanted, const struct labelling *l, struct dataset *d);
