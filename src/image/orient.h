/* SPDX-License-Identifier: Apache-2.0 */
/* Volumes whose axes run to other sides of the body than a network learnt from: their axes are put
 * into its order and read from the side that it knows, and results the other way round before they
 * are written.  Voxels only change places. */
#ifndef IMAGE_ORIENT_H
#define IMAGE_ORIENT_H

#include "image/box.h"
#include "image/image.h"

enum { ORIENT_TEXT = 4 };

/* Towards which sides of the body w, h and d of a volume run most, such as "LPS" (nibabel's
 * aff2axcodes); "" where nothing says it, and of a plane. */
void orient_name(const struct geometry *g, const int size[3], char axes[ORIENT_TEXT]);
/* Whether that is such a name. */
bool orient_is_name(const char *text);

enum orient {
    ORIENT_SAME,   /* it lies so, or nothing says how it lies */
    ORIENT_TURNS,  /* it does not, and is turned */
    ORIENT_OBLIQUE /* it does not, but some axis is more than 30 degrees away from those of the
                      body: it stays as it is */
};
/* Whether some axis is that far away from those of the body. */
bool orient_is_oblique(const struct geometry *g);
/* What becomes of a volume, as it is stored, where all are to lie along `axes` ("": as they are
 * stored). */
enum orient orient_to(
    const char *axes, const struct geometry *g, const int size[3], struct turning *t);
/* Turns an image that lies as it is stored; without samples its size and geometry alone.  ATT_OK
 * where orient_to turns nothing. */
att_status orient_image(const char *axes, struct image *m, struct err *e);
/* The same with its classes, fresh memory in their place; NULL: there are none. */
att_status orient_sample(const char *axes, struct image *m, uint8_t **classes, struct err *e);
/* What belongs to an image that was turned, and is still as its file has it, with its size there:
 * fresh memory in its place. */
att_status turn_classes(
    const struct turning *t, const int size[3], uint8_t **classes, struct err *e);

/* How volumes whose w, h and d run to `axes` are turned so that slices along d are seen as
 * radiologists see them: the front, or the top, of the body above, its right, or its front, to the
 * left.  False: they are seen so, or nothing says how they lie (""). */
bool orient_upright(const char *axes, struct turning *t);

static inline bool turn_any(const struct turning *t)
{
    return t->by[0] || t->by[1] || t->by[2] || t->back[0] || t->back[1] || t->back[2];
}
/* The axis of the file that an axis of the image is. */
static inline int turn_from(const struct turning *t, int axis) { return (axis + t->by[axis]) % 3; }
/* From samples of `size` to those of the turned image. */
void turn_floats(const struct turning *t, const float *x, const int size[3], float *y);
void turn_bytes(const struct turning *t, const uint8_t *x, const int size[3], uint8_t *y);
void turn_size(const struct turning *t, const int size[3], int turned[3]);
/* As it is stored, for files: a copy with no header of its own (of `m`, which has to outlive it);
 * its samples are for mem_free. */
att_status turn_image_back(const struct image *m, struct image *stored, struct err *e);
att_status turn_labels_back(const struct labelmap *m, struct labelmap *stored, struct err *e);
/* d, h, w of a turned image, and a box of one of `size`, as its file has them. */
void turn_triple_back(const struct turning *t, const int v[3], int stored[3]);
void turn_box_back(
    const struct turning *t, const int size[3], const struct box *b, struct box *stored);

#endif
