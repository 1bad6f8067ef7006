/* SPDX-License-Identifier: Apache-2.0 */
/* A TIFF or BigTIFF file that is read: libtiff over a file, all pages judged before a sample is
 * decoded; for fmt_tiff.c and tiff_samples.c. */
#ifndef FORMAT_TIFF_OPEN_H
#define FORMAT_TIFF_OPEN_H

#include <stdbool.h>
#include <tiffio.h>

#include "files/file_at.h"
#include "format/tiff_axes.h"
#include "image/image.h"

/* What libtiff says. */
struct tiff_said {
    char reason[160]; /* the first thing it complained about */
    bool no_memory; /* some block could not be had: what is there may lack a tag, although all went
                       on */
    bool broken;  /* and libtiff's own tables are not what it takes them for: it must not be called
                     again, nor closed */
    bool limited; /* a block was larger than the file allows, which is no lack of memory */
    bool heed; /* warnings count: a decoder is at work that fills what it cannot read with grey or
                  white and goes on */
};

/* What pages must have in common. */
struct tiff_page {
    uint32_t width, height;
    uint16_t bits, format, photometric; /* of a sample: SAMPLEFORMAT_..., PHOTOMETRIC_... */
    uint16_t samples;                   /* of a pixel */
    uint16_t alpha;                     /* how many of those, the last ones, say how opaque it is */
    uint16_t planar; /* PLANARCONFIG_...: samples side by side, or plane by plane */
};

struct tiff {
    const char *path; /* the caller's */
    struct file_at file;
    size_t bytes;      /* in it */
    size_t at;         /* where libtiff reads next */
    struct err unread; /* why it could not */
    TIFF *lib;
    struct tiff_said said;
    struct tiff_page page;
    uint64_t pages;     /* that count: not thumbnails */
    uint64_t row_bytes; /* of a page, all its samples */
    uint64_t working; /* bytes that a strip or tile takes with what it is decoded from, the largest
                         of them */
    char kind;        /* of a sample: u, i or f */
    uint64_t
        raw; /* offset of the samples of all pages, where only the first has a directory; or 0 */
    bool palette; /* and the colours are wanted: not of ImageJ, where they are for the screen */
    bool lossy;   /* some page is compressed in a way that changes values */
    struct tiff_axes axes;
    int channels, size[3]; /* as an image: a palette makes three */
    float spacing[3];      /* d, h, w in mm */
    bool known;            /* spacing is */
    bool thick;            /* and that of slices; else it stands for none */
    bool asks_turning; /* the first page's tag Orientation says that viewers turn or mirror it */
};

/* The samples of all pages in their order, as numbers: `count` of them from voxel `start` on, of a
 * channel.  As labels they are what is stored; as an image a palette is looked up and fewer than 8
 * bits are stretched to 0..255. */
enum { TIFF_RUN = 2048 }; /* at most at once */
typedef att_status tiff_take(void *arg, const struct tiff *t, int channel, size_t start,
    const double *v, size_t count, struct err *e);
att_status tiff_read(struct tiff *t, bool labels, tiff_take *take, void *arg, struct err *e);

/* Opens and judges all pages: their kind, their sizes against the file's, their meaning. Ends with
 * tiff_close, also on failure. */
att_status tiff_open(const char *path, struct tiff *t, struct err *e);
void tiff_close(struct tiff *t);

att_status tiff_look(struct tiff *t, struct tiff_page *p, struct err *e); /* at the current page */
bool tiff_next(struct tiff *t, bool *more); /* false: damaged; *more = false: there is none */
bool tiff_counts(struct tiff *t);           /* the current page is no thumbnail */
att_status tiff_damaged(const struct tiff *t, struct err *e);
/* ATT_MEMORY where libtiff went on without a block that it could not have. */
att_status tiff_checked(const struct tiff *t, struct err *e);

/* What libtiff says is kept there instead of going to the world; it asks for no block larger than
 * `most`. NULL: no memory. */
TIFFOpenOptions *tiff_options(struct tiff_said *said, tmsize_t max);

/* Whether there is memory for a directory. libtiff 4.5 crashes where a tag's place in its tables
 * cannot be had (tests/fault/test_faults.c), so it is asked to read or write one only after this.
 */
bool tiff_room(struct tiff_said *said);

/* The current page's samples lie in strips as they are, but for the order of their bytes: they can
 * be read row by row.  Programs write pages of any size as one strip. */
bool tiff_plain(struct tiff *t);
enum { TIFF_ROWS = 1 << 18 }; /* bytes of such rows that are read at once, or one row */

/* The current page's codec only warns of what it cannot decode. */
bool tiff_fills(struct tiff *t);

#endif
