/* SPDX-License-Identifier: Apache-2.0 */
/* XXH64, to compare contents, not for security.
 * https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct hash {
    uint64_t lane[4], total;
    unsigned char rest[32]; /* total % 32 bytes */
};
void hash_begin(struct hash *h);
void hash_add(struct hash *h, const void *data, size_t size);
uint64_t hash_end(const struct hash *h);
uint64_t hash_bytes(const void *data, size_t size);

enum { HASH_TEXT = 17 };
const char *hash_text(uint64_t value, char text[HASH_TEXT]); /* 16 hex digits; returns `text` */
