/* SPDX-License-Identifier: Apache-2.0 */
/* Results about the tiles that a model of hard attention computed. */
#ifndef PREDICT_TILES_H
#define PREDICT_TILES_H

#include <jansson.h>

#include "predict/predict.h"

/* {"count", "of", "windows", "share_of_dense", "multiply_adds", "dense_multiply_adds",
 * "peak_bytes"}: the share is that of the cheapest dense prediction by the fine network, the peak
 * the process's up to the end of the prediction. */
json_t *tiles_row(const struct prediction *r);
/* CASE_tiles.json: that, "case", "size" of the image, "tile", "halo" and "grid" on the network's
 * own grid, "seconds", and "tiles", in the order of choice: {"order", "tile", "from", "size",
 * "score"}, from and size in voxels of the image, d, h, w. */
json_t *tiles_document(const struct prediction *r, const char *name);
/* Labels on the image's grid: the order of choice, from 1, in the chosen tiles, 0 elsewhere. The
 * geometry is borrowed: mem_free m->data. */
att_status tiles_mask(const struct prediction *r, struct labelmap *m, struct err *e);

#endif
