/* SPDX-License-Identifier: Apache-2.0 */
/* Draws the pictures of one case. */
#pragma once

#include "report/exhibit.h"

/* A loaded case. */
struct scene {
    int size[3];
    const uint8_t *truth, *found; /* classes; LABELLING_IGNORE where the truth is unknown */
    struct image image;           /* data NULL: none */
    struct prediction result;     /* for its maps */
};

/* Draws the slice along d with most errors, or (errors false) most true foreground. Leaves no
 * picture on failure. */
att_status exhibit_draw(const struct scene *s, bool errors, struct exhibit *x, struct err *e);
