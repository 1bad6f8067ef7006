/* SPDX-License-Identifier: Apache-2.0 */
/* The rows of a PNG file, decompressed as a whole by libdeflate: faster than libpng, row by row. */
#pragma once

#include "files/file_at.h"

/* Maximum bytes of all rows, with those of their filters, and of the file. Larger pictures, such as
 * 4096x4096, are read row by row, so that they need little memory. */
enum { PNG_WHOLE_MOST = 16 << 20 };
/* Maximum bytes of a chunk that has no pixels. */
enum { PNG_CHUNK_MOST = 8 << 20 };

struct png_whole {
    int width, height, channels, bytes; /* of a sample: 1 or 2 */
    bool palette;                       /* samples are indices */
    unsigned char rgb[3 * 256];         /* its colours, and their number */
    int colours;
    unsigned char *block, *row; /* block: for mem_free; row: the first */
    size_t stride;              /* from row to row */
};

/* Reads a file without interlacing whose header says these sizes; samples of two bytes are big
 * endian. False for whatever is not plain and free of faults, which libpng judges: then the stream
 * has to be opened again. */
bool png_whole_read(struct file_stream *file, const char *path, struct png_whole *w);
