/* SPDX-License-Identifier: Apache-2.0 */
/* A set of byte labels, passed by value; {0} is empty. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct class_set {
    uint64_t bits[4];
};

static inline bool class_set_has(struct class_set s, int class)
{
    return s.bits[class >> 6 & 3] >> (class & 63) & 1;
}

static inline void class_set_add(struct class_set *s, int class)
{
    s->bits[class >> 6 & 3] |= UINT64_C(1) << (class & 63);
}

static inline struct class_set class_set_of(int class)
{
    struct class_set s = {{0}};
    class_set_add(&s, class);
    return s;
}

/* Of labels 0 to 63, one bit each. */
static inline struct class_set class_set_bits(uint64_t bits)
{
    return (struct class_set){{bits, 0, 0, 0}};
}

static inline bool class_set_equal(struct class_set a, struct class_set b)
{
    return a.bits[0] == b.bits[0] && a.bits[1] == b.bits[1] && a.bits[2] == b.bits[2] &&
        a.bits[3] == b.bits[3];
}

static inline int class_set_count(struct class_set s)
{
    int count = 0;
    for (int i = 0; i < 4; i++) count += __builtin_popcountll(s.bits[i]);
    return count;
}
