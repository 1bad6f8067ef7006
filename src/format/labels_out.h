/* SPDX-License-Identifier: Apache-2.0 */
/* Labels on their way into a file, in memory or by parts: a byte each where none is above 255, else
 * two. */
#ifndef FORMAT_LABELS_OUT_H
#define FORMAT_LABELS_OUT_H

#include "format/by_parts.h"
#include "image/image.h"

struct labels_out {
    const uint16_t *data;
    labels_fn *next; /* in their place, where labels come by parts */
    void *user;
    size_t bytes; /* of a label */
};
struct labels_out labels_out_of(const struct labelmap *m);
struct labels_out labels_out_by_parts(
    bool wide, labels_fn *next, void *user); /* wide: some are above 255 */
/* Labels start..start+count-1, as the file has them. */
att_status labels_out_put(
    const struct labels_out *l, size_t start, size_t count, void *to, struct err *e);

#endif
