/* SPDX-License-Identifier: Apache-2.0 */
/* Writes messages of Protocol Buffers into memory. A message is a list of fields with numbers; the
 * types of fields are those of the reader's definition. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A message; {0} is an empty one. Without memory, `lost` is set and later fields are dropped. */
struct proto {
    unsigned char *bytes;
    size_t used, room;
    bool lost;
};

void proto_int(struct proto *p, int field, int64_t value);
void proto_float(struct proto *p, int field, float value);
void proto_double(struct proto *p, int field, double value);
void proto_bytes(struct proto *p, int field, const void *bytes, size_t size);
void proto_text(struct proto *p, int field, const char *text);
/* A field that is a message; frees `message`. */
void proto_message(struct proto *p, int field, struct proto *message);
/* The beginning of a field of `size` bytes that the caller writes behind the message. */
void proto_begin(struct proto *p, int field, uint64_t size);
void proto_free(struct proto *p);
