/* SPDX-License-Identifier: Apache-2.0 */
/* Opens a TIFF or BigTIFF file, and checks all pages before any sample is decoded; for fmt_tiff.c
 * and tiff_samples.c. */
#pragma once

#include <stdbool.h>
#include <tiffio.h>

#include "files/file_at.h"
#include "format/format.h"
#include "format/tiff_axes.h"

/* Messages of libtiff. */
struct tiff_messages {
    char reason[160];   /* the first complaint */
    bool no_memory;     /* an allocation failed: tags may be missing, although libtiff continued */
    bool broken;        /* and libtiff's tables are inconsistent: do not call or close it */
    bool limited;       /* a block exceeded the file's limit; not a lack of memory */
    bool keep_warnings; /* keep warnings, too: this decoder fills unreadable parts with grey or
                           white */
};

/* What all pages must share. */
struct tiff_page {
    uint32_t width, height;
    uint16_t bits, format, photometric; /* of a sample: SAMPLEFORMAT_..., PHOTOMETRIC_... */
    uint16_t samples;                   /* per pixel */
    uint16_t alpha;                     /* how many of those, at the end, are opacity */
    uint16_t planar;                    /* PLANARCONFIG_...: interleaved or planar samples */
};

struct tiff {
    const char *path; /* the caller's */
    struct file_at file;
    size_t bytes;      /* length of the file */
    size_t at;         /* libtiff's position */
    struct err unread; /* why reading failed */
    TIFF *lib;
    struct tiff_messages messages;
    struct tiff_page page;
    uint64_t pages;     /* without thumbnails */
    uint64_t row_bytes; /* of a page, all its samples */
    uint64_t working;   /* maximum bytes of a decoded strip or tile and its input */
    char kind;          /* of a sample: u, i or f */
    uint64_t raw; /* offset of the samples of all pages if only the first has a directory; or 0 */
    bool palette; /* use the colours; false for ImageJ, whose palettes are for display */
    bool alpha;   /* read only opacity, in place of what it ends */
    bool lossy;   /* some page has lossy compression */
    struct tiff_axes axes;
    int channels, size[3]; /* as an image: a palette gives three channels */
    float spacing[3];      /* d, h, w in mm */
    bool valid;            /* spacing is valid */
    bool thick;            /* slice spacing is valid, too; else it is a placeholder */
    bool asks_turning;     /* tag Orientation of the first page asks viewers to turn or mirror it */
};

/* Pass all samples in order: `count` of them from voxel `start` of a channel. Labels are stored
 * values; for an image look up palettes and stretch fewer than 8 bits to 0..255. */
enum { TIFF_RUN = 2048 }; /* maximum per call */
att_status tiff_read(struct tiff *t, bool labels, samples_fn *take, void *user, struct err *e);

/* Open and check all pages: types, sizes against the file's, meaning. End with tiff_close, also on
 * failure. */
att_status tiff_open(const char *path, struct tiff *t, struct err *e);
void tiff_close(struct tiff *t);

/* reads the current page */
att_status tiff_read_page_tags(struct tiff *t, struct tiff_page *p, struct err *e);
bool tiff_next(struct tiff *t, bool *more); /* false: damaged; *more = false: last page */
bool tiff_counts(struct tiff *t);           /* the current page is not a thumbnail */
att_status tiff_damaged(const struct tiff *t, struct err *e);
/* ATT_MEMORY if libtiff continued after a failed allocation. */
att_status tiff_checked(const struct tiff *t, struct err *e);

/* Options that collect libtiff's messages and limit blocks to `max` bytes. NULL: no memory. */
TIFFOpenOptions *tiff_options(struct tiff_messages *messages, tmsize_t max);

/* Whether there is memory for a directory; check before reading or writing one. libtiff 4.5 crashes
 * if its tag table cannot grow (tests/fault/test_faults.c). */
bool tiff_has_memory(struct tiff_messages *messages);

/* Whether the current page has uncompressed strips, so rows can be read one by one. Programs write
 * pages of any size as one strip. */
bool tiff_plain(struct tiff *t);
enum { TIFF_ROWS = 1 << 18 }; /* bytes of rows read at once, or one row */

/* Whether the current page's codec only warns of unreadable data. */
bool tiff_fills(struct tiff *t);
