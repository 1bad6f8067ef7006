/* SPDX-License-Identifier: Apache-2.0 */
/* Preparing an image that stays in its files: what prepare_image makes of it, bit for bit, of which
 * boxes are read.  On the image's own grid samples are read where they are and normalised on the
 * way; on another grid, and for the holes of what is not zero, the way there goes through temporary
 * files. */
#ifndef MODEL_PREPARE_FILE_H
#define MODEL_PREPARE_FILE_H

#include "dataset/scan.h"
#include "image/normalise.h"
#include "model/prepare.h"

struct prepared_file {
    const struct preparation *prep;
    const struct scan *scan;
    struct placed where;
    struct host *host; /* hears how far preparing is, and may stop it; NULL is fine */
    struct normaliser how[DATASET_CHANNELS];
    struct spool mask; /* of what was taken: a byte per voxel, NONZERO_OUTSIDE where it is none of
                          the image; not open: all of it is */
    struct spool grid; /* float [channels][where.size]; not open: it is the image's own */
};

/* `scan` has begun and stays the caller's, as `folder`, where temporaries go. where:
 * prepare_place_box of what scan_survey has found. bytes: what a pass may take at a time (a row or
 * a plane it takes at least): more is faster. */
att_status prepare_file_begin(const struct preparation *prep, const struct scan *scan,
    const struct placed *where, size_t bytes, const char *folder, struct pool *pool,
    struct host *host, struct prepared_file *p, struct err *e);
/* A box of the network's grid, [channels][box]. `mask` has room for its voxels; not needed where
 * there is no mask: NULL. */
att_status prepare_file_read(
    const struct prepared_file *p, const struct box *b, float *to, uint8_t *mask, struct err *e);
void prepare_file_close(struct prepared_file *p);

/* What prepare_file_begin takes at most: bytes of memory, and of temporary files. */
double prepare_file_bytes(
    const struct preparation *prep, const struct placed *where, size_t bytes, int threads);
double prepare_file_temporary(
    const struct preparation *prep, const struct placed *where, int channels);

#endif
