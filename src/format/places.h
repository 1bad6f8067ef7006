/* SPDX-License-Identifier: Apache-2.0 */
/* An image file of which parts are read, so that it need not fit into memory: of a format of
 * volumes (volume.h), if its samples lie in the order of the image, or of one that decodes by parts
 * (struct format).  What is deflated or encoded is unpacked once into a temporary without a name.
 */
#ifndef FORMAT_PLACES_H
#define FORMAT_PLACES_H

#include "base/host.h"
#include "files/scratch.h"
#include "format/samples.h"
#include "image/box.h"
#include "image/image.h"

/* Where samples lie in a file's bytes from `begin` on, or in what those inflate to: by channel,
 * depth, height, width, and fastest the samples of a voxel that lie together. */
struct places {
    struct sample_kind sample;
    size_t begin, offset; /* offset: of the first behind `begin` */
    int channels, size[3];
    int together; /* 1, or the colours of a voxel; `channels` counts them, too, but for alpha */
    bool alpha;   /* the last of them is passed over */
    char *beside; /* the file they lie in, where it is not the one that was named; opened_close
                     frees it */
    bool packed;  /* the file has to be inflated or decoded first */
};

struct opened {
    const char *path;             /* the caller's */
    const struct format *decoder; /* NULL: its samples are inflated, or lie there as they are */
    double working; /* bytes that unpacking holds at most, where that is more than a buffer */
    struct places at;
    struct geometry geometry;
    struct file_at file;   /* fd -1 before opened_begin, and where it is packed */
    struct spool unpacked; /* its samples alone */
};

/* The header alone: fills o but for the files. A file of which no parts can be read is *can =
 * false, and `o` empty, as after a failure. */
att_status opened_look(const char *path, struct opened *o, bool *can, struct err *e);
/* Bytes of temporaries that opened_begin will write. */
double opened_temporary(const struct opened *o);
/* Opens it for reading. `folder` takes the temporary, and stays the caller's. Unpacking is told,
 * and stopped, through the log. */
att_status opened_begin(struct opened *o, const char *folder, struct host *host, struct err *e);
/* A box of a channel, [box]; bit for bit what format_load_image has there. Samples are not looked
 * at. */
att_status opened_read(
    const struct opened *o, int channel, const struct box *b, float *to, struct err *e);
void opened_close(struct opened *o); /* leaves it empty; also after opened_look alone */

#endif
