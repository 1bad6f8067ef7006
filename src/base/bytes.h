/* SPDX-License-Identifier: Apache-2.0 */
/* Unsigned numbers in the bytes of files, the same on any machine. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* Of 1 to 8 bytes, the lowest byte first or the highest. */
static inline uint64_t bytes_number(const unsigned char *p, int count, bool high_first)
{
    uint64_t x = 0;
    for (int i = 0; i < count; i++) x |= (uint64_t)p[i] << 8 * (high_first ? count - 1 - i : i);
    return x;
}

static inline void bytes_put(unsigned char *to, uint64_t x, int count) /* the lowest first */
{
    for (int i = 0; i < count; i++) to[i] = (unsigned char)(x >> 8 * i);
}
