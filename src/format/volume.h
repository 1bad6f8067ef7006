/* SPDX-License-Identifier: Apache-2.0 */
/* What volume formats share (fmt_nifti.c, fmt_nrrd.c, fmt_metaimage.c, fmt_npy.c): a format opens a
 * file up to its first sample, and writes one; reading and closing are here. */
#pragma once

#include "format/format.h"
#include "format/samples.h"

/* An open file whose header was read and checked. */
struct volume {
    struct source samples; /* their file */
    char *data_path;       /* path of the samples, if not the named file */
    bool whole;            /* gzip may have compressed their file as a whole */
    size_t offset;         /* of the first sample from the source's first byte */
    struct samples x;
    struct geometry geometry; /* with the header's copy */
};

/* For `open` of a format, which has set v->x and v->whole: samples begin `skip` bytes after byte
 * `begin` of the file, counted after decompression; skip -1: they end the file. ATT_DATA if it is
 * too short. */
att_status volume_begin(
    struct volume *v, const char *path, size_t begin, bool deflated, long long skip, struct err *e);

/* Open up to the first sample. On failure v is closed. */
att_status volume_open(const struct format *f, const char *path, struct volume *v, struct err *e);
struct geometry volume_take_geometry(struct volume *v); /* the caller frees it */
void volume_close(struct volume *v);

/* *finite: whether samples are integers, so none can be NaN or infinite. */
att_status volume_load_image(
    const struct format *f, const char *path, struct image *m, bool *finite, struct err *e);
/* Passes the transparency of each voxel, which an image lacks, if there is any. */
att_status volume_give_alpha(
    const struct format *f, const char *path, samples_fn *take, void *user, struct err *e);
att_status volume_load_labels(
    const struct format *f, const char *path, struct labelmap *m, struct err *e);
/* Channels, size and geometry, without the header's copy. */
att_status volume_peek(const struct format *f, const char *path, struct image *m, struct err *e);
att_status volume_save_image(
    const struct format *f, const char *path, const struct image *m, struct err *e);
att_status volume_save_labels(const struct format *f, const char *path, const struct labelmap *grid,
    struct labels_out labels, struct err *e);
