/* SPDX-License-Identifier: Apache-2.0 */
#include "format/labels_out.h"

#include <string.h>

enum { PART = 2048 }; /* labels */

struct labels_out labels_out_of(const struct labelmap *m)
{
    struct labels_out l = {.data = m->data, .bytes = 1};
    for (size_t i = 0, voxels = image_voxels(m->size); i < voxels && l.bytes == 1; i++)
        if (m->data[i] > UINT8_MAX) l.bytes = sizeof(uint16_t);
    return l;
}

struct labels_out labels_out_by_parts(bool wide, labels_fn *next, void *user)
{
    return (struct labels_out){.next = next, .user = user, .bytes = wide ? sizeof(uint16_t) : 1};
}

att_status labels_out_put(
    const struct labels_out *l, size_t start, size_t count, void *to, struct err *e)
{
    uint16_t part[PART];
    unsigned char *out = to;
    for (size_t i = 0, n; i < count; i += n, out += n * l->bytes) {
        n = count - i < PART ? count - i : PART;
        if (l->next) TRY(l->next(l->user, start + i, n, part, e));
        const uint16_t *from = l->next ? part : l->data + start + i;
        if (l->bytes > 1)
            memcpy(out, from, n * sizeof *from);
        else
            for (size_t k = 0; k < n; k++) out[k] = (unsigned char)from[k];
    }
    return ATT_OK;
}
