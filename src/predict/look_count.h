/* SPDX-License-Identifier: Apache-2.0 */
/* Tiles of a labelled image counted by both networks of hard attention: for policy/tile_sums.h. */
#ifndef PREDICT_LOOK_COUNT_H
#define PREDICT_LOOK_COUNT_H

#include "policy/tile_sums.h"
#include "predict/look.h"

/* Memory for one tile. */
struct look_count {
    const struct labelling *labels;
    float *logits; /* [classes][tile]: of the network that was run last */
    uint8_t *coarse, *fine, *truth;
    struct host *host;    /* its stop is heard between windows of the fine network; NULL: none is */
    double seconds, work; /* that the fine network took, in all, and for windows worth so many of
                             single tiles */
};
/* Keeps pointers to the model's labels and to the log (may be NULL). */
att_status look_count_create(
    struct look_count *c, const struct model *m, struct host *host, struct err *e);
void look_count_free(struct look_count *c);

/* Before each window of the fine network, here and by whoever runs it: ATT_INTERRUPTED once the
 * work is to end. */
att_status look_count_stopped(const struct look_count *c, struct err *e);

/* Adds the voxels of a tile. truth: classes of the whole image x.  Without `fine` nothing is run,
 * and the coarse labels stand in for the fine ones. */
att_status look_count_tile(struct look_count *c, struct looker *l, const struct image *x,
    const uint8_t *truth, const struct look *look, int tile, bool fine, struct tile_sums *s,
    struct err *e);
/* The same with fine labels of the whole image that are known already: no network is run. */
void look_count_known(struct look_count *c, const uint8_t *truth, const uint8_t *fine,
    const struct look *look, int tile, struct tile_sums *s);
/* Puts the fine labels of the tile that was counted last where they are in the whole image. */
void look_count_put(const struct look_count *c, const struct look *look, int tile, uint8_t *fine);
/* Counts a tile anew that look_count_tile() has counted without `fine`, from a window of its own.
 */
att_status look_count_fine(struct look_count *c, struct looker *l, const struct image *x,
    const uint8_t *truth, const struct look *look, int tile, struct tile_sums *s, struct err *e);
/* Counts n different tiles anew, with fine labels from the windows that they share. `fine`: where
 * these are put, too, or NULL. */
att_status look_count_shared(struct look_count *c, struct looker *l, const struct image *x,
    const uint8_t *truth, const struct look *look, const int *item, int n, uint8_t *fine,
    struct tile_sums *s, struct err *e);
/* The same of all tiles. */
att_status look_count_all(struct look_count *c, struct looker *l, const struct image *x,
    const uint8_t *truth, const struct look *look, uint8_t *fine, struct tile_sums *s,
    struct err *e);

#endif
