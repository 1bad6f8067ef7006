/* SPDX-License-Identifier: Apache-2.0 */
/* Example cases of a page: image, truth, prediction, error and attention maps of one slice; and
 * measures of the maps over some more cases. */
#pragma once

#include "draw/picture.h"
#include "measure/attention.h"
#include "report/page.h"

enum { EXHIBIT_PANELS = 24, EXHIBIT_TEXT = 96, EXHIBIT_GATES = 16 };

struct exhibit {
    int index;                /* of the case in the evaluation */
    char why[EXHIBIT_TEXT];   /* "worst" */
    char where[EXHIBIT_TEXT]; /* "slice 12 of 36, with the most errors" */
    struct picture panel[EXHIBIT_PANELS];
    char caption[EXHIBIT_PANELS][EXHIBIT_TEXT];
    int panels;
    bool seen[256]; /* classes in the slice, true or predicted */
};

struct exhibits {
    struct exhibit *list;
    int count;
    /* Means of the maps' measures over `measured` cases; gates are in the network's order. */
    int gates, measured;
    char gate[EXHIBIT_GATES][48];
    struct map_measure map[EXHIBIT_GATES], intensity, centre;
    struct err trouble; /* why maps are missing */
};

/* A case with its Dice, NaN if undefined. For qsort: worst first, then the first one, NaN last. */
struct ranked {
    double dice;
    int index;
};
int exhibit_by_dice(const void *a, const void *b);

/* dice: by case, NaN if undefined. Skips cases with damaged or mismatched files. */
att_status exhibits_take(
    const struct page_source *s, const double *dice, struct exhibits *x, struct err *e);
void exhibits_free(struct exhibits *x);
