/* SPDX-License-Identifier: Apache-2.0 */
/* The pictures of one case. */
#ifndef REPORT_EXHIBIT_DRAW_H
#define REPORT_EXHIBIT_DRAW_H

#include "report/exhibit.h"

/* What is there of a case. */
struct scene {
    int size[3];
    const uint8_t *truth, *found; /* classes; LABELLING_IGNORE where the truth does not say */
    struct image image;           /* data NULL: none */
    struct prediction result;     /* for its maps */
};

/* One slice along d: that with most errors, or (errors false) most of the truth. On failure no
 * picture is left. */
att_status exhibit_draw(const struct scene *s, bool errors, struct exhibit *x, struct err *e);

#endif
