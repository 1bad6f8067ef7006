/* SPDX-License-Identifier: Apache-2.0 */
/* A picture of many small images in rows and columns, with the outlines of their labels: how
 * training patches are changed. */
#ifndef DRAW_SHEET_H
#define DRAW_SHEET_H

#include "dataset/labelling.h"
#include "image/orient.h"

enum { SHEET_TEXT = 160 };

struct sheet {
    int rows, columns, channels, size[3];
    char axes[ORIENT_TEXT]; /* towards which sides of the body w, h, d run (orient_name); "": not
                               known, they are drawn as they lie */
    const float *samples;   /* [row][column][channels][size] */
    const uint8_t *classes; /* [row][column][size] */
    const struct labelling *names;      /* of the classes */
    const char (*captions)[SHEET_TEXT]; /* [row][column]; up to five lines, long ones broken between
                                           words */
    bool colour; /* three channels are red, green, blue; else the first is shown */
};

/* Shows the slice along d that has most of the labels, the middle one where none has any, upright
 * as overlays are (draw/plane.h).  Black to white is the same for all images of a row: from the 1st
 * to the 99th percentile of its first. What has no class (LABELLING_IGNORE) is darkened. */
att_status sheet_write(const struct sheet *s, const char *path, struct err *e);

#endif
