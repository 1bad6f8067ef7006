/* SPDX-License-Identifier: Apache-2.0 */
/* The smallest box that holds all of a mask: most of an image is background, and what is measured on masks need not walk over it. */
#ifndef IMAGE_BOX_H
#define IMAGE_BOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct box {
    int from[3], size[3]; /* d, h, w */
};

/* False, and an empty box, when the mask holds nothing but 0. mask: [d][h][w]. */
bool box_find(const uint8_t *mask, const int size[3], struct box *b);
/* The smallest box that holds both; an empty one adds nothing. */
void box_join(struct box *b, const struct box *other);
static inline size_t box_voxels(const struct box *b) { return (size_t)b->size[0] * (size_t)b->size[1] * (size_t)b->size[2]; }
/* Where row (d, h) of the box begins in an image of `size`. */
static inline size_t box_row(const struct box *b, const int size[3], int d, int h)
{
    return ((size_t)(b->from[0] + d) * (size_t)size[1] + (size_t)(b->from[1] + h)) * (size_t)size[2] + (size_t)b->from[2];
}

#endif
