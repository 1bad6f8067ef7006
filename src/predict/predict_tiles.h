/* SPDX-License-Identifier: Apache-2.0 */
/* Reports of the tiles that hard attention chose. */
#pragma once

#include <jansson.h>

#include "predict/predict.h"

/* {"count", "of", "windows", "share_of_dense", "multiply_adds", "dense_multiply_adds",
 * "peak_bytes"}: the share refers to the cheapest dense prediction, the peak to the process. */
json_t *tiles_row(const struct prediction *r);
/* CASE_tiles.json: tiles_row and "case", "size" of the image, "tile", "halo" and "grid" on the
 * network's grid, "seconds", and "tiles" in order of choice: {"order", "tile", "from", "size",
 * "score"} in image voxels d, h, w. */
json_t *tiles_document(const struct prediction *r, const char *name);
/* Order of choice from 1 in chosen tiles, else 0. Borrows the geometry: mem_free m->data. */
att_status tiles_mask(const struct prediction *r, struct labelmap *m, struct err *e);
