/* SPDX-License-Identifier: Apache-2.0 */
#include "image/image.h"

#include <stdio.h>

#include "base/mem.h"
#include "base/number.h"

void image_free(struct image *m)
{
    mem_free(m->data);
    geometry_free(&m->geometry);
    *m = (struct image){0};
}

void labelmap_free(struct labelmap *m)
{
    mem_free(m->data);
    geometry_free(&m->geometry);
    *m = (struct labelmap){0};
}

const char *image_spacing_text(const double mm[3], bool planes, char text[IMAGE_SPACING_TEXT])
{
    const int used = planes ? 0 : number_write(text, IMAGE_SPACING_TEXT, "%.4gx", mm[IMAGE_D]);
    number_write(
        text + used, IMAGE_SPACING_TEXT - (size_t)used, "%.4gx%.4g mm", mm[IMAGE_H], mm[IMAGE_W]);
    return text;
}

const char *image_place(const int size[3], size_t at, char text[IMAGE_PLACE_TEXT])
{
    size_t w = (size_t)size[IMAGE_W], h = (size_t)size[IMAGE_H];
    snprintf(text, IMAGE_PLACE_TEXT, "(%zu,%zu,%zu)", at % w, at / w % h, at / w / h);
    return text;
}
