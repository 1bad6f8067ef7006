/* SPDX-License-Identifier: Apache-2.0 */
/* Reads the image of a case in boxes from its files, for images larger than memory. */
#pragma once

#include "dataset/dataset.h"
#include "format/places.h"

struct scan {
    struct image m; /* channels, size and geometry, owned by the first file; no samples */
    int count;
    struct opened file[DATASET_CHANNELS];
};

/* Reads the headers. *can: all files can be read in boxes; else `s` is empty. ATT_DATA for
 * different grids. */
att_status scan_peek(const struct data_case *c, struct scan *s, bool *can, struct err *e);
double scan_temporary(const struct scan *s); /* bytes of temporary files of scan_begin */
double scan_working(const struct scan *s);   /* and its memory, if more than buffers */
/* Opens the files, with temporary files in `folder`, which must outlive `s`. This and the next
 * function report progress and can be stopped. */
att_status scan_begin(struct scan *s, const char *folder, struct host *host, struct err *e);
/* Reads everything once, up to `max` samples, or a row, at a time. ATT_DATA if not finite; *nonzero
 * is as of nonzero_box. */
att_status scan_survey(
    const struct scan *s, size_t max, struct box *nonzero, struct host *host, struct err *e);
/* Reads box b of a channel. */
att_status scan_read(
    const struct scan *s, int channel, const struct box *b, float *to, struct err *e);
void scan_close(struct scan *s);
