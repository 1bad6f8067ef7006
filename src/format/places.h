/* SPDX-License-Identifier: Apache-2.0 */
/* Reads an image file box by box, so it need not fit into memory: a volume (volume.h) with samples
 * in image order, or a format with `decode`. Unpacks compressed or encoded samples into a temporary
 * file without a name first. */
#pragma once

#include "base/host.h"
#include "files/scratch.h"
#include "format/samples.h"
#include "image/box.h"
#include "image/image.h"

/* Layout of samples in a file's bytes from `begin` on, or in what those decompress to: by channel,
 * depth, height, width, and fastest the interleaved samples of a voxel. */
struct places {
    struct sample_kind sample;
    size_t begin, offset; /* offset: of the first sample from `begin` */
    int channels, size[3];
    /* 1, or the number of interleaved colours, which `channels` counts, too, without alpha */
    int together;
    bool alpha;           /* ignore the last of them */
    bool packed;          /* decompress or decode the file first */
    bool whole, deflated; /* for packed volumes: gzip compressed the file, and its samples */
    char *data_path; /* file of the samples if it is not the named one; opened_close frees it */
};

struct opened {
    const char *path;             /* the caller's */
    const struct format *decoder; /* NULL: its samples are raw or compressed */
    double working;               /* maximum bytes for unpacking, if more than a buffer */
    struct places at;
    struct geometry geometry;
    struct file_at file;   /* fd -1 before opened_begin, and for a packed file */
    struct spool unpacked; /* its samples alone */
};

/* Read the header and fill o except for the files. *can = false if the file cannot be read in
 * boxes; then, and on failure, o is empty. */
att_status opened_peek(const char *path, struct opened *o, bool *can, struct err *e);
/* Bytes of temporary files that opened_begin will write. */
double opened_temporary(const struct opened *o);
/* Opens for reading, with temporary files in `folder`, which must outlive `o`. Unpacking reports
 * progress to the host and stops on request. */
att_status opened_begin(struct opened *o, const char *folder, struct host *host, struct err *e);
/* Read box b of a channel, bit-identical to format_load_image, without a check for NaN. */
att_status opened_read(
    const struct opened *o, int channel, const struct box *b, float *to, struct err *e);
void opened_close(struct opened *o); /* leaves o empty; also after opened_peek alone */
