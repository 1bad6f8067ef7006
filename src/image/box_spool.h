/* SPDX-License-Identifier: Apache-2.0 */
/* Boxes of a volume in a temporary file. */
#pragma once

#include "files/scratch.h"
#include "image/box.h"

/* The volume has `size` voxels of `bytes` bytes, from byte `at` of the file. x: [box]. */
att_status box_read(const struct spool *s, uint64_t at, const int size[3], size_t bytes,
    const struct box *b, void *x, struct err *e);
att_status box_write(const struct spool *s, uint64_t at, const int size[3], size_t bytes,
    const struct box *b, const void *x, struct err *e);
