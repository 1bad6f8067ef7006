/* SPDX-License-Identifier: Apache-2.0 */
/* Join two ordinary models into one of hard attention (arch/hard.h), and split it. */
#pragma once

#include "arch/hard.h"
#include "model/model.h"

/* Spec of a coarse and a fine network together: `words` (arch=hard or arch=glimpse, scale, tile,
 * halo, tiles, policy), their widths, and their common words. ATT_MODEL, with the key, if they
 * differ or contradict `words`. */
att_status join_spec(const struct spec *coarse, const struct spec *fine, const struct spec *words,
    struct spec *out, struct err *e);

/* Weights of both and a policy initialised from the seed. Labels and images must agree, except that
 * the coarse model averages blocks of `scale` voxels (preparation.shrink); else ATT_MODEL.
 * Post-processing and history stay empty. */
att_status join_models(const struct model *coarse, const struct model *fine,
    const struct spec *words, uint64_t seed, struct model *m, struct err *e);

/* The coarse or fine network as an ordinary model. */
att_status join_part(const struct model *m, enum arch_part part, struct model *out, struct err *e);

/* Copy parameters named FROM + name in `from` to TO + name, where both have it in one shape.
 * Returns their number. */
int join_copy(
    const struct params *from, const char *from_prefix, struct params *to, const char *to_prefix);
