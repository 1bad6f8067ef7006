/* SPDX-License-Identifier: Apache-2.0 */
/* Models of hard attention (arch/hard.h) made of two ordinary ones, and taken apart again. */
#ifndef MODEL_JOIN_H
#define MODEL_JOIN_H

#include "arch/hard.h"
#include "model/model.h"

/* The spec of a coarse and a fine network together: `words` (arch=hard or arch=glimpse, scale,
 * tile, halo, tiles, policy), their widths, and what both say besides.  Where they differ, or
 * contradict the words: ATT_MODEL, with the key. */
att_status join_spec(const struct spec *coarse, const struct spec *fine, const struct spec *words,
    struct spec *out, struct err *e);

/* Weights of both, and a policy initialised from the seed.  The models have the same labels and see
 * the same images, but that the coarse one averages blocks of `scale` voxels (preparation.shrink):
 * else ATT_MODEL. Post-processing and history stay empty. */
att_status join_models(const struct model *coarse, const struct model *fine,
    const struct spec *words, uint64_t seed, struct model *m, struct err *e);

/* The coarse or the fine network as an ordinary model. */
att_status join_part(const struct model *m, enum arch_part part, struct model *out, struct err *e);

/* Takes the numbers of every parameter called FROM + name in `from` over to TO + name, where both
 * have it in one shape: how many. */
int join_copy(
    const struct params *from, const char *from_prefix, struct params *to, const char *to_prefix);

#endif
