/* SPDX-License-Identifier: Apache-2.0 */
/* Bodies of multipart/form-data (RFC 7578), whole in memory. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct part {
    char name[32]; /* of the field; a file's name is never read */
    const char *data;
    size_t size;
};
enum { PARTS = 16 };

/* The parts of a body, which point into it; -1: it is damaged, or has more than PARTS. */
int multipart_read(
    const char *content_type, const char *body, size_t size, struct part parts[PARTS]);
const struct part *multipart_find(const struct part *parts, int count, const char *name);
