/* SPDX-License-Identifier: Apache-2.0 */
/* Images and label maps own their samples and their geometry. */
#include "image/image.h"

#include "base/mem.h"

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
