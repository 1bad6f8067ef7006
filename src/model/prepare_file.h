/* SPDX-License-Identifier: Apache-2.0 */
/* Prepare an image without loading it, bit-identical to prepare_image, and read boxes of the
 * result. Without resampling, samples come from the image's file; another grid and the mask use
 * temporary files. */
#pragma once

#include "dataset/scan.h"
#include "image/normalise.h"
#include "model/prepare.h"

struct prepared_file {
    const struct preparation *prep;
    const struct scan *scan;
    struct placed where;
    struct host *host; /* shows progress, and may stop; may be NULL */
    struct normaliser how[DATASET_CHANNELS];
    /* a byte per voxel of the crop, NONZERO_OUTSIDE if not part of the image; not open: no mask */
    struct spool mask;
    struct spool grid; /* float [channels][where.size]; not open: the image's own */
};

/* `scan` has begun; the caller keeps it and `folder`, for temporary files. where:
 * prepare_place_box of scan_survey's result. bytes: memory per pass, at least a row or plane; more
 * is faster. */
att_status prepare_file_begin(const struct preparation *prep, const struct scan *scan,
    const struct placed *where, size_t bytes, const char *folder, struct pool *pool,
    struct host *host, struct prepared_file *p, struct err *e);
/* Read a box of the network's grid, [channels][box]. `mask`: a buffer for its voxels; NULL without
 * a mask. */
att_status prepare_file_read(
    const struct prepared_file *p, const struct box *b, float *to, uint8_t *mask, struct err *e);
void prepare_file_close(struct prepared_file *p);

/* Maximum memory and temporary files of prepare_file_begin, in bytes. */
double prepare_file_bytes(
    const struct preparation *prep, const struct placed *where, size_t bytes, int threads);
double prepare_file_temporary(
    const struct preparation *prep, const struct placed *where, int channels);
