/* SPDX-License-Identifier: Apache-2.0 */
/* A picture of many small images in rows and columns with outlines of their labels, for
 * augmentation and maps. */
#pragma once

#include "dataset/labelling.h"
#include "image/orient.h"

enum { SHEET_TEXT = 160 };

struct sheet {
    int rows, columns, channels, size[3];
    /* body directions of w, h, d (orient_name); "": unknown, drawn as stored */
    char axes[ORIENT_TEXT];
    const float *samples;          /* [row][column][channels][size] */
    const uint8_t *classes;        /* [row][column][size] */
    const struct labelling *names; /* of the classes */
    /* [row][column]; up to five lines, long ones broken between words */
    const char (*captions)[SHEET_TEXT];
    bool colour; /* three channels are red, green, blue; else the first is shown */
};

/* Draws the slice along d with most labels, or the middle one, upright as in overlays
 * (draw/plane.h). In each row black to white is the 1st to 99th percentile of its first image.
 * Darkens voxels without class (LABELLING_IGNORE). */
att_status sheet_write(const struct sheet *s, const char *path, struct err *e);
