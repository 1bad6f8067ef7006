/* SPDX-License-Identifier: Apache-2.0 */
/* The pictures of one case. */
#pragma once

#include "report/exhibit.h"

/* A loaded case. */
struct scene {
    int size[3];
    const uint8_t *truth, *found; /* classes; LABELLING_IGNORE where the truth is unknown */
    struct image image;           /* data NULL: none */
    struct prediction result;     /* for its maps */
};

/* Draw one slice along d: the one with most errors, or (errors false) most of the truth. Leaves no
 * picture on failure. */
att_status exhibit_draw(const struct scene *s, bool errors, struct exhibit *x, struct err *e);
