/* SPDX-License-Identifier: Apache-2.0 */
/* Parameters from and to safetensors files, by published names. */
#pragma once

#include "arch/arch.h"
#include "format/safetensors.h"
#include "graph/params.h"

/* Load every parameter from PREFIX + its name or an alias in `a` (or NULL); duplicates must agree.
 * ATT_MODEL names missing and misshapen tensors, numbers that are not finite, and unknown tensors
 * under the prefix. num_batches_tracked is optional (torch <= 0.4.0 did not write it). order: the
 * file's kernel axis (0, 1, 2 for d, h, w) for each of d, h, w, or NULL.
 * *hash: what weights_hash would give; or NULL. */
att_status weights_load(const struct st_file *f, const char *prefix, const struct arch *a,
    const int *order, struct params *p, uint64_t *hash, struct err *e);

/* The same without aliases; other tensors under the prefix are allowed. */
att_status weights_load_part(
    const struct st_file *f, const char *prefix, struct params *p, struct err *e);
/* Load numbers for trainable parameters (moments) into a block laid out like params.data. */
att_status weights_load_block(const struct st_file *f, const char *prefix, const struct params *p,
    real *block, struct err *e);

/* For st_save: a parameter's spec under PREFIX (free its name), and its bytes from `data`,
 * laid out like params.data (state comes from params.state). */
att_status weights_spec(
    const struct params *p, int index, const char *prefix, struct st_spec *spec, struct err *e);
att_status weights_bytes(
    const struct params *p, int index, const real *data, void *out, size_t bytes, struct err *e);

/* Hash (files/hash.h) of all parameters and running statistics with names and shapes, the same for
 * equal weights in any file. */
att_status weights_hash(const struct params *p, uint64_t *hash, struct err *e);
