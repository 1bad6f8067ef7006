/* SPDX-License-Identifier: Apache-2.0 */
/* Volumes with other axis directions than the training data: axes are reordered and reversed after
 * loading, and back before results are written. Voxels only move. */
#pragma once

#include "image/box.h"
#include "image/image.h"

enum { ORIENT_TEXT = 6 };

/* Body directions closest to w, h and d of a volume, such as "LPS" (nibabel's aff2axcodes); "" if
 * unknown, or for a plane. */
void orient_name(const struct geometry *g, const int size[3], char axes[ORIENT_TEXT]);
/* True for a valid name of that kind, or one with ":q": by NIfTI's qform, where there are two
 * forms. */
bool orient_is_name(const char *text);
bool orient_is_qform(const char *axes);
/* The name by the qform, with ":q". */
void orient_name_qform(const struct geometry *g, const int size[3], char axes[ORIENT_TEXT]);

enum orient {
    ORIENT_SAME,  /* it has these directions, or unknown ones */
    ORIENT_TURNS, /* it has other directions, and is turned */
    /* it has other directions, but some axis is more than 30 degrees off the body's: left alone */
    ORIENT_OBLIQUE
};
/* True if some axis is that far off. */
bool orient_is_oblique(const struct geometry *g);
/* Find the turning of a stored volume towards `axes` ("": none). */
enum orient orient_to(
    const char *axes, const struct geometry *g, const int size[3], struct turning *t);
/* Turn a stored image; without samples only size and geometry. ATT_OK if orient_to turns
 * nothing. */
att_status orient_image(const char *axes, struct image *m, struct err *e);
/* The same with its classes, reallocated; NULL: none. */
att_status orient_sample(const char *axes, struct image *m, uint8_t **classes, struct err *e);
/* Turn classes still on the file's axes, with their size there; reallocated. */
att_status turn_classes(
    const struct turning *t, const int size[3], uint8_t **classes, struct err *e);

/* Turning for display as radiologists view slices along d, for axes named `axes`: front or top of
 * the body up, its right or front to the left. False: already so, or unknown (""). */
bool orient_upright(const char *axes, struct turning *t);

static inline bool turn_any(const struct turning *t)
{
    return t->by[0] || t->by[1] || t->by[2] || t->back[0] || t->back[1] || t->back[2];
}
/* The file's axis of an image axis. */
static inline int turn_from(const struct turning *t, int axis) { return (axis + t->by[axis]) % 3; }
/* From samples of `size` to those of the turned image. */
void turn_floats(const struct turning *t, const float *x, const int size[3], float *y);
void turn_bytes(const struct turning *t, const uint8_t *x, const int size[3], uint8_t *y);
void turn_size(const struct turning *t, const int size[3], int turned[3]);
/* A copy on the file's axes, borrowing the header of `m`, which must outlive it; samples are for
 * mem_free. */
att_status turn_image_back(const struct image *m, struct image *stored, struct err *e);
att_status turn_labels_back(const struct labelmap *m, struct labelmap *stored, struct err *e);
/* d, h, w of a turned image, and a box of one of `size`, on the file's axes. */
void turn_triple_back(const struct turning *t, const int v[3], int stored[3]);
void turn_box_back(
    const struct turning *t, const int size[3], const struct box *b, struct box *stored);
