/* SPDX-License-Identifier: Apache-2.0 */
/* Labels to write, from memory or a callback: one byte each if none exceeds 255, else two. */
#pragma once

#include "format/by_parts.h"
#include "image/image.h"

struct labels_out {
    const uint16_t *data;
    labels_fn *next; /* replaces `data` */
    void *user;
    size_t bytes; /* of a label */
};
struct labels_out labels_out_of(const struct labelmap *m);
/* wide: some exceed 255 */
struct labels_out labels_out_by_parts(bool wide, labels_fn *next, void *user);
/* Put labels start..start+count-1 in the file's type. */
att_status labels_out_put(
    const struct labels_out *l, size_t start, size_t count, void *to, struct err *e);
