/* SPDX-License-Identifier: Apache-2.0 */
/* FNV-1a of 64 bits, for short names of what is the same. */
#pragma once

#include <cstddef>
#include <cstdint>

const uint64_t fnv_start = 14695981039346656037u;

inline uint64_t fnv(const void *data, size_t size, uint64_t from = fnv_start)
{
    const unsigned char *b = (const unsigned char *)data;
    for (size_t i = 0; i < size; i++) from = (from ^ b[i]) * 1099511628211u;
    return from;
}
