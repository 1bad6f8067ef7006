/* SPDX-License-Identifier: Apache-2.0 */
/* Boxes of a volume that lies in a temporary file. */
#ifndef IMAGE_BOX_SPOOL_H
#define IMAGE_BOX_SPOOL_H

#include "files/scratch.h"
#include "image/box.h"

/* A volume of `size` voxels of `bytes` bytes each, from byte `at` of the file on. x: [box] of them.
 */
att_status box_read(const struct spool *s, uint64_t at, const int size[3], size_t bytes,
    const struct box *b, void *x, struct err *e);
att_status box_write(const struct spool *s, uint64_t at, const int size[3], size_t bytes,
    const struct box *b, const void *x, struct err *e);

#endif
