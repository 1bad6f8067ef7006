/* SPDX-License-Identifier: Apache-2.0 */
/* FNV-1a, for tables in memory: no file holds these hashes. */
#pragma once

#include <stdint.h>

#define FNV_START UINT64_C(14695981039346656037)

static inline uint64_t fnv_byte(uint64_t h, unsigned char byte)
{
    return (h ^ byte) * UINT64_C(1099511628211);
}

static inline uint64_t fnv_bytes(uint64_t h, const char *s, int length)
{
    for (int i = 0; i < length; i++) h = fnv_byte(h, (unsigned char)s[i]);
    return h;
}
