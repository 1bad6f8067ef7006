/* SPDX-License-Identifier: Apache-2.0 */
/* Files of volumes, whatever header describes them (fmt_nifti.c, fmt_nrrd.c, fmt_metaimage.c,
 * fmt_npy.c): such a format opens a file, which ends before its first sample, and writes one; what
 * lies between is here, called by format.c. */
#ifndef FORMAT_VOLUME_H
#define FORMAT_VOLUME_H

#include "format/format.h"
#include "format/samples.h"

/* A file whose header is read and found in order. Empty but for what is filled. */
struct volume {
    struct source samples; /* their file */
    char *beside;          /* its path, where it is not the one that was named */
    size_t offset;         /* of the first sample behind the source's first byte */
    struct samples x;
    struct geometry geometry; /* with the header's copy */
};

/* For the `open` of a format, which has filled v->x: the samples begin `skip` bytes behind byte
 * `begin` of a file, or of what inflates from there on; skip -1: they are the last of it. ATT_DATA
 * when it cannot hold them. */
att_status volume_begin(
    struct volume *v, const char *path, size_t begin, bool deflated, long long skip, struct err *e);

/* As far as the first sample. On failure v is closed. */
att_status volume_open(const struct format *f, const char *path, struct volume *v, struct err *e);
struct geometry volume_take_geometry(struct volume *v); /* the caller's from then on */
void volume_close(struct volume *v);

/* *finite: of integers, so that none of its samples can be NaN or infinite. */
att_status volume_load_image(
    const struct format *f, const char *path, struct image *m, bool *finite, struct err *e);
att_status volume_load_labels(
    const struct format *f, const char *path, struct labelmap *m, struct err *e);
/* Channels, size and geometry, without the header's copy. */
att_status volume_peek(const struct format *f, const char *path, struct image *m, struct err *e);
att_status volume_save_image(
    const struct format *f, const char *path, const struct image *m, struct err *e);
att_status volume_save_labels(
    const struct format *f, const char *path, const struct labelmap *m, struct err *e);
/* The same bytes, of labels that come by parts. `grid` has no labels. wide: some are above 255. */
att_status volume_save_parts(const struct format *f, const char *path, const struct labelmap *grid,
    bool wide, labels_fn *next, void *user, struct err *e);

#endif
