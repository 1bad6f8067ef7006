/* SPDX-License-Identifier: Apache-2.0 */
/* Boxes of voxels, mostly the smallest that holds all of a mask: most of an image is background,
 * and what is measured on masks need not walk over it. */
#ifndef IMAGE_BOX_H
#define IMAGE_BOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct box {
    int from[3], size[3]; /* d, h, w; empty when a size is 0 */
};

/* False, and an empty box, when the mask holds nothing but 0. mask: [d][h][w]. */
bool box_find(const uint8_t *mask, const int size[3], struct box *b);
/* Of each value, and how many voxels have it. */
void box_find_each(
    const uint8_t *values, const int size[3], struct box box[256], int64_t voxels[256]);
/* The smallest box that holds both; an empty one adds nothing. */
void box_join(struct box *b, const struct box *other);
/* The same of a box and `count` voxels of a row. */
void box_add(struct box *b, int d, int h, int w, int count);
/* The next part of a box, in the order of its voxels, with up to `most` of them but a row at least:
 * whole planes, or rows of one. Begins with an empty part; false at the end. */
bool box_next(const struct box *b, size_t max, struct box *part);
/* Voxels of a box that lie behind each other in an image of `size`: a row of it, or all rows of a
 * plane that are whole, or all of whole planes. Begins with {0}; false at the end. */
struct box_run {
    size_t from, count; /* in the image; how many */
    int d, h;           /* of the box */
};
bool box_next_run(const struct box *b, const int size[3], struct box_run *r);
/* The box out of an image of values of so many bytes, and into it. */
void box_take(const void *whole, const int size[3], size_t bytes, const struct box *b, void *part);
void box_put(void *whole, const int size[3], size_t bytes, const struct box *b, const void *part);
/* Of each of x's channels, [channels][whole], only the box stays, in place. */
void box_crop(float *x, int channels, const int whole[3], const struct box *b);
static inline size_t box_voxels(const struct box *b)
{
    return (size_t)b->size[0] * (size_t)b->size[1] * (size_t)b->size[2];
}
/* All of an image. */
static inline struct box box_whole(const int size[3])
{
    return (struct box){{0, 0, 0}, {size[0], size[1], size[2]}};
}
/* Where row (d, h) of the box begins in an image of `size`. */
static inline size_t box_row(const struct box *b, const int size[3], int d, int h)
{
    return ((size_t)(b->from[0] + d) * (size_t)size[1] + (size_t)(b->from[1] + h)) *
        (size_t)size[2] +
        (size_t)b->from[2];
}
/* Where the box's voxel i is. */
static inline size_t box_voxel(const struct box *b, const int size[3], size_t i)
{
    size_t row = i / (size_t)b->size[2], h = (size_t)b->size[1];
    return box_row(b, size, (int)(row / h), (int)(row % h)) + i % (size_t)b->size[2];
}

#endif
