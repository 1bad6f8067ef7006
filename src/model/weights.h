/* SPDX-License-Identifier: Apache-2.0 */
/* Parameters from and to safetensors files, by their circulating names. */
#ifndef MODEL_WEIGHTS_H
#define MODEL_WEIGHTS_H

#include "arch/arch.h"
#include "format/safetensors.h"
#include "graph/params.h"

/* Fills every parameter from PREFIX + its name, or one of the other names that `a` knows for it;
 * under several names it must be the same. Missing and misshapen tensors, a number that is not
 * finite, and tensors under the prefix that the network does not have are ATT_MODEL, named.
 * num_batches_tracked may be absent (torch <= 0.4.0 did not write it).  a: NULL if there are no
 * other names.  order: which axis of kernels in the file (0, 1, 2 for its d, h, w) each of d, h, w
 * is, or NULL. */
att_status weights_load(const struct st_file *f, const char *prefix, const struct arch *a,
    const int *order, struct params *p, struct err *e);

/* The same, without other names, for a file that holds other tensors under the prefix, too. */
att_status weights_load_part(
    const struct st_file *f, const char *prefix, struct params *p, struct err *e);
/* Numbers that go with the trainable parameters (moments) into a block laid out like params.data.
 */
att_status weights_load_block(const struct st_file *f, const char *prefix, const struct params *p,
    real *block, struct err *e);

/* For st_save: the specs of all parameters under PREFIX (names are fresh strings), and their bytes
 * from `data` laid out like params.data (state parameters come from params.state). */
att_status weights_spec(
    const struct params *p, int index, const char *prefix, struct st_spec *spec, struct err *e);
att_status weights_bytes(
    const struct params *p, int index, const real *data, void *out, size_t bytes, struct err *e);

/* The hash (files/hash.h) of all parameters and running statistics as files hold them, with their
 * names and shapes: of equal weights it is equal, whatever file they are in. */
att_status weights_hash(const struct params *p, uint64_t *hash, struct err *e);

#endif
