/* SPDX-License-Identifier: Apache-2.0 */
/* What the description of a TIFF file says about the axes behind its pages: ImageJ's lines
 * (key=value), OME-XML, or the JSON of tifffile; for tiff_open.c. */
#ifndef FORMAT_TIFF_AXES_H
#define FORMAT_TIFF_AXES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"

struct tiff_axes {
    enum { TIFF_PLAIN, TIFF_IMAGEJ, TIFF_OME, TIFF_SHAPED } kind;
    uint64_t images; /* ImageJ, tifffile: pages that the file has, or would have */
    uint64_t channels, slices, frames; /* as said; OME's channels count the samples of a pixel.
                                          Plain: 0, for nothing is said */
    bool truncated;    /* tifffile: the first page stands for all, also where the axes are plain */
    uint64_t samples;  /* tifffile: of all pages; 0: not said */
    bool slices_first; /* pages run over slices before channels (frames last) */
    double unit[3];    /* ImageJ: of d, h, w the mm in which spacing and resolution tags are; 0: not
                          known */
    double spacing[3]; /* d, h, w in mm; 0: not said */
};

/* `text` may be NULL. Something else than these is TIFF_PLAIN; damage, or axes in an order that is
 * not understood, is ATT_DATA. */
att_status tiff_axes_read(const char *path, const char *text, struct tiff_axes *x, struct err *e);

#endif
