/* SPDX-License-Identifier: Apache-2.0 */
/* The plan of fast_half_conv.c, a pure function of the problem's shape (fast_half_plan.c). */
#pragma once

#include "kernel/fast_conv.h"
#include "kernel/fast_half_tile.h"

#define half_plan ISA(half_plan)

/* Outputs j*out_step + phase along an axis. Under its i-th tap, output j reads place j + shift[i]
 * of source phase from[i]. */
struct half_phase {
    int outputs, taps;
    int tap[CONV_BF16_KERNEL], from[CONV_BF16_KERNEL], shift[CONV_BF16_KERNEL];
};

/* Place q of source phase p along an axis is the source's q*in_step + p - before. */
struct half_axis {
    int in_step, out_step, before;
    int outputs, reach; /* of the largest phase; the largest shift */
    struct half_phase phase[CONV_BF16_KERNEL];
};

struct half_conv {
    struct conv c;
    bool backward, matrix;
    const struct tensor *src, *dst;
    int nsrc, ndst;
    int src_blocks, dst_blocks, pairs; /* dst_blocks: of the wanted ones; pairs of source blocks */
    struct half_axis axis[3];
    int cut, each; /* slabs have `each` outputs along this axis */
    int chunk;     /* pixels of a task */
    /* numbers of bfloat16: one source phase of a slab, one pair, all; weights of a block of outputs
     */
    size_t plane, a_pair, a_size, w_block;
    uint16_t *a, *w;
};

void half_plan(struct half_conv *g, const struct conv *c, bool backward);
