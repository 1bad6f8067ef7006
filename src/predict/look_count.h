/* SPDX-License-Identifier: Apache-2.0 */
/* Counts voxels of labelled tiles for both networks of hard attention (policy/tile_sums.h). */
#pragma once

#include "policy/tile_sums.h"
#include "predict/look.h"

/* Buffers for one tile. */
struct look_count {
    const struct labelling *labels;
    struct hard_runner *runner; /* of the fine network; NULL: only coarse labels are counted */
    float *logits;              /* [classes][tile], of the last network */
    uint8_t *coarse, *fine, *truth;
    struct host *host;    /* its stop flag is checked before each fine window; may be NULL */
    double seconds, work; /* time in the fine network, and its work in windows of a single tile */
};
/* Keeps pointers to the model's labels, to the runner and to the host (both may be NULL). */
att_status look_count_create(struct look_count *c, const struct model *m,
    struct hard_runner *runner, struct host *host, struct err *e);
void look_count_free(struct look_count *c);

/* ATT_INTERRUPTED after a stop request; call before each fine window. */
att_status look_count_stopped(const struct look_count *c, struct err *e);

/* Adds a tile's voxels. truth: classes of the whole image x. Without `fine`, coarse labels stand in
 * for fine ones and no network runs. */
att_status look_count_tile(struct look_count *c, const struct image *x, const uint8_t *truth,
    const struct look *look, int tile, bool fine, struct tile_sums *s, struct err *e);
/* The same with precomputed fine labels of the whole image. */
void look_count_labelled(struct look_count *c, const uint8_t *truth, const uint8_t *fine,
    const struct look *look, int tile, struct tile_sums *s);
/* Copies the fine labels of the last tile into the whole image. */
void look_count_put(const struct look_count *c, const struct look *look, int tile, uint8_t *fine);
/* Counts a tile again with fine labels, after look_count_tile() without `fine`. */
att_status look_count_fine(struct look_count *c, const struct image *x, const uint8_t *truth,
    const struct look *look, int tile, struct tile_sums *s, struct err *e);
/* The same for n different tiles in shared windows. Copies fine labels into `fine` unless NULL. */
att_status look_count_shared(struct look_count *c, const struct image *x, const uint8_t *truth,
    const struct look *look, const int *item, int n, uint8_t *fine, struct tile_sums *s,
    struct err *e);
/* The same for all tiles. */
att_status look_count_all(struct look_count *c, const struct image *x, const uint8_t *truth,
    const struct look *look, uint8_t *fine, struct tile_sums *s, struct err *e);
