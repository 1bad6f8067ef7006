/* SPDX-License-Identifier: Apache-2.0 */
/* Detects masks whose values number the objects of each image (glands, nuclei) instead of classes.
 */
#pragma once

#include "dataset/layout.h"

/* In a palette, the value of what is no object. */
enum { NUMBERED_VOID = 255 };
/* Whether the values of palettes have it, as those of PASCAL VOC: it is the border of objects. */
bool numbered_has_void(const struct values *v);

enum { NUMBERED_RARE = 2 };

/* Where the centres of one value, or of the masks with one number, lie in all images, as parts of
 * these. */
struct spread {
    int count;
    double sum[3], squares[3];
};
void spread_add(struct spread *s, const double at[3]);
/* Whether each of those with at least `least` centres lies in a place of its own, as organs do. */
bool spreads_stay(const struct spread *s, int count, int least);
/* Whether they come in any order: along an axis along which all spread, each spreads nearly as much
 * as all of them. Centres are from the middle of all of their image. */
bool spreads_mix(const struct spread *s, int count, int least);

/* The planes that show a value, by the order of their names. */
struct extent {
    int first, last, count;
};

/* Values of the cases so far; zeroed at first. */
struct numbered {
    int cases, max,
        full; /* cases with foreground, maximum of non-zero values in one, cases with that many */
    int64_t values, highest; /* sums over cases */
    bool gap;                /* in some case: 1 and 3 without 2 */
    int runs;                /* cases with two or more values without a gap between them */
    int bottom, top;         /* the lowest and the highest value */
    int low;                 /* cases with one or two values */
    int several;             /* cases with two or more, and the first of them */
    int first[NUMBERED_RARE];
    /* By value; by case, the place of its name among all, where 10 follows 9; or NULL. */
    struct extent *extent;
    const int *place;
};

/* `i`: its case. */
void numbered_add(struct numbered *n, const struct values *v, int i);
/* Whether these may be objects: values 1, 2, 3... with few gaps, and most cases have fewer than the
 * maximum. */
bool numbered_likely(const struct numbered *n);
/* Reads masks to decide: objects are mostly single pieces, side by side. Many values with gaps are
 * doubtful: objects with some removed, or classes of which each image shows a part, such as
 * vertebrae. So are values that move on from image to image without an order of places, and objects
 * of which some are cut. So are values without any gap in any image, few or as many in most images,
 * unless each has its own place, or they touch as much as organs with their parts do; and values in
 * single pieces that each begin and end once among the planes of one volume. In some data
 * sets values are numbers in some masks, perhaps in one, but in others mark several pieces as one
 * class. */
enum numbered_kind {
    NUMBERED_CLASSES,
    NUMBERED_FEW,
    NUMBERED_MIXED,
    NUMBERED_DOUBTFUL,
    NUMBERED_OBJECTS
};
att_status numbered_find(const struct numbered *n, const struct dataset *d,
    enum numbered_kind *kind, struct host *host, struct err *e);
