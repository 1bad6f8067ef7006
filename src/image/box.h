/* SPDX-License-Identifier: Apache-2.0 */
/* Boxes of voxels, mostly bounding boxes of masks: most of an image is background, which measures
 * can skip. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct box {
    int from[3], size[3]; /* d, h, w; empty when a size is 0 */
};

/* The bounding box of a mask [d][h][w]; false and an empty box if all 0. */
bool box_find(const uint8_t *mask, const int size[3], struct box *b);
/* The same for each value, with its number of voxels. */
void box_find_each(
    const uint8_t *values, const int size[3], struct box box[256], int64_t voxels[256]);
/* Extend b to contain `other`; an empty one adds nothing. */
void box_join(struct box *b, const struct box *other);
/* Extend b by `count` voxels of a row. */
void box_add(struct box *b, int d, int h, int w, int count);
/* Next part of a box in voxel order, with up to `max` voxels but at least a row: whole planes, or
 * rows of one. Start with an empty part; false at the end. */
bool box_next(const struct box *b, size_t max, struct box *part);
/* Voxels of a box that are contiguous in an image of `size`: a row, full rows of a plane, or full
 * planes. Start with {0}; false at the end. */
struct box_run {
    size_t from, count; /* first index in the image; number */
    int d, h;           /* of the box */
};
bool box_next_run(const struct box *b, const int size[3], struct box_run *r);
/* Copy a box out of, or into, an image of values of `bytes` bytes. */
void box_take(const void *whole, const int size[3], size_t bytes, const struct box *b, void *part);
void box_put(void *whole, const int size[3], size_t bytes, const struct box *b, const void *part);
/* Crop all channels of x, [channels][whole], in place. */
void box_crop(float *x, int channels, const int whole[3], const struct box *b);
static inline size_t box_voxels(const struct box *b)
{
    return (size_t)b->size[0] * (size_t)b->size[1] * (size_t)b->size[2];
}
/* The whole image. */
static inline struct box box_whole(const int size[3])
{
    return (struct box){{0, 0, 0}, {size[0], size[1], size[2]}};
}
/* Index of the start of the box's row (d, h) in an image of `size`. */
static inline size_t box_row(const struct box *b, const int size[3], int d, int h)
{
    return ((size_t)(b->from[0] + d) * (size_t)size[1] + (size_t)(b->from[1] + h)) *
        (size_t)size[2] +
        (size_t)b->from[2];
}
/* Index of the box's voxel i. */
static inline size_t box_voxel(const struct box *b, const int size[3], size_t i)
{
    size_t row = i / (size_t)b->size[2], h = (size_t)b->size[1];
    return box_row(b, size, (int)(row / h), (int)(row % h)) + i % (size_t)b->size[2];
}
