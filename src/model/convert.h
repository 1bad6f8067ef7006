/* SPDX-License-Identifier: Apache-2.0 */
/* Models from and to state dicts of other programs: safetensors files of tensors under circulating
 * names. */
#ifndef MODEL_CONVERT_H
#define MODEL_CONVERT_H

#include "model/model.h"

/* A model of m->spec, m->prep and m->labels, which the caller has set, with the weights of a state
 * dict whose names begin with `prefix`. order: as in weights_load. */
att_status convert_import(
    const char *path, const char *prefix, const int *order, struct model *m, struct err *e);
/* Writes a model file; with `aliases` a parameter stands there under every name that other programs
 * look for it by (struct arch). */
att_status convert_export(const struct model *m, const char *path, bool aliases, struct err *e);

#endif
