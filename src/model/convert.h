/* SPDX-License-Identifier: Apache-2.0 */
/* Models from and to state dicts of other programs: safetensors files with published names. */
#pragma once

#include "model/model.h"

/* Add the weights of a state dict with names starting in `prefix` to a model with spec, prep and
 * labels. order: as in weights_load. */
att_status convert_import(
    const char *path, const char *prefix, const int *order, struct model *m, struct err *e);
/* Write a model file; `aliases`: each parameter under every name that other programs use (struct
 * arch). */
att_status convert_export(const struct model *m, const char *path, bool aliases, struct err *e);
