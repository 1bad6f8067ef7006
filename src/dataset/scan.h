/* SPDX-License-Identifier: Apache-2.0 */
/* The image of a case that stays in its files, of which boxes are read. */
#ifndef DATASET_SCAN_H
#define DATASET_SCAN_H

#include "dataset/dataset.h"
#include "format/places.h"

struct scan {
    struct image m; /* channels, size and geometry; no samples. The geometry is the first file's,
                       which keeps it */
    int count;
    struct opened file[DATASET_CHANNELS];
};

/* Looks at the headers. *can: whether boxes of all files can be read; where they cannot, `s` holds
 * nothing. Files on different grids are ATT_DATA, as when they are loaded. */
att_status scan_look(const struct data_case *c, struct scan *s, bool *can, struct err *e);
double scan_temporary(const struct scan *s); /* bytes of temporaries that scan_begin makes */
double scan_working(
    const struct scan *s); /* and that it holds in memory, where that is more than buffers */
/* Opens the files; temporaries go to `folder`, which stays the caller's. The log hears how far this
 * is, and may stop it, here and below. */
att_status scan_begin(struct scan *s, const char *folder, struct host *host, struct err *e);
/* Once through all of it, up to `most` samples, or a row, at a time: what is not finite is
 * ATT_DATA; *nonzero is nonzero_box's. */
att_status scan_survey(
    const struct scan *s, size_t max, struct box *nonzero, struct host *host, struct err *e);
/* A box of a channel, [box]. */
att_status scan_read(
    const struct scan *s, int channel, const struct box *b, float *to, struct err *e);
void scan_close(struct scan *s);

#endif
