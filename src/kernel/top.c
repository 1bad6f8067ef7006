/* SPDX-License-Identifier: Apache-2.0 */
/* Radix selection: bits of numbers >= 0 order like the numbers. Counts by the first byte give the
 * edge's first byte; numbers that share it are counted by the next byte, and so on. */
#include "kernel/top.h"

#include <stdbool.h>
#include <string.h>

#include "base/kmath.h"

/* A double that was a float ends with 29 zero bits. */
enum { LAST_SHIFT = sizeof(real) == sizeof(float) ? 24 : 0 };

static uint64_t top_key_of(real v) { return kmath_bits((double)v); }

/* The key at the edge; *count: how many of its equals are among the largest. */
static uint64_t edge(const real *x, size_t n, size_t *count)
{
    uint64_t prefix = 0, mask = 0;
    for (int shift = 56; shift >= LAST_SHIFT; shift -= 8) {
        size_t have[256] = {0};
        int byte = 255;
        for (size_t i = 0; i < n; i++) {
            uint64_t key = top_key_of(x[i]);
            if (!(x[i] < 0) && (key & mask) == prefix) have[key >> shift & 255]++;
        }
        for (; byte > 0 && have[byte] < *count; byte--) *count -= have[byte];
        prefix |= (uint64_t)byte << shift;
        mask |= (uint64_t)255 << shift;
    }
    return prefix;
}

void top_labels(
    const real *x, const uint8_t *label, size_t n, double percent, uint8_t fallback, uint8_t *out)
{
    size_t valid = 0;
    for (size_t i = 0; i < n; i++) valid += !(x[i] < 0);
    if (!valid) {
        memset(out, fallback, n);
        return;
    }
    size_t count = (size_t)((double)valid * percent / 100);
    if (count == 0) count = 1;
    uint64_t min = edge(x, n, &count);
    for (size_t i = 0; i < n; i++) {
        uint64_t key = top_key_of(x[i]);
        bool in = !(x[i] < 0) && (key > min || (key == min && count > 0));
        if (in && key == min) count--;
        out[i] = in ? label[i] : fallback;
    }
}
