/* SPDX-License-Identifier: Apache-2.0 */
/* Reads the axes of a TIFF file's pages from its description: ImageJ's lines (key=value), OME-XML,
 * or tifffile's JSON. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"

enum { TIFF_AXES = 5 }; /* T, Z, C, Y, X */

struct tiff_axes {
    enum { TIFF_PLAIN, TIFF_IMAGEJ, TIFF_OME, TIFF_SHAPED } kind;
    uint64_t images; /* ImageJ, tifffile: pages, whether stored or implied */
    uint64_t channels, slices,
        frames;        /* as stated; OME's channels include the samples of a pixel. Plain: 0 */
    bool truncated;    /* tifffile: the first page stands for all, also with plain axes */
    uint64_t samples;  /* tifffile: of all pages; 0: absent */
    bool slices_first; /* slices run before channels (frames last) */
    /* tifffile, if a page is not rows by columns: all axes, slowest first, such as "YXC"; their
     * sizes. Else "". */
    char order[TIFF_AXES + 1];
    uint64_t count[TIFF_AXES];
    /* ImageJ: for d, h, w the mm per unit of spacing and resolution tags; 0: unknown */
    double unit[3];
    double spacing[3]; /* d, h, w in mm; 0: absent */
};

/* `text` may be NULL. Any other text is TIFF_PLAIN; damage or an unsupported order of axes is
 * ATT_DATA. */
att_status tiff_axes_read(const char *path, const char *text, struct tiff_axes *x, struct err *e);
