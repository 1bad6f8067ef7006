/* SPDX-License-Identifier: Apache-2.0 */
/* How the table of kernels is filled: by kernels_for() only.  The plain kernels fill every entry;
 * the fast ones overwrite what they do better.  What ends in _avx2 and _avx512 comes from the same
 * source, compiled once per instruction set. */
#ifndef KERNEL_KERNEL_FILL_H
#define KERNEL_KERNEL_FILL_H

#include "kernel/kernel.h"

/* Every entry but isa and conv. */
void kernels_fill_ref(struct kernels *k);
void kernels_fill_avx2(struct kernels *k);
void kernels_fill_avx512(struct kernels *k);

extern const struct conv_impl conv_ref_forward, conv_ref_backward_x, conv_ref_backward_w;
extern const struct conv_impl conv_direct_forward_avx2, conv_direct_backward_x_avx2,
    conv_direct_backward_w_avx2;
extern const struct conv_impl conv_direct_forward_avx512, conv_direct_backward_x_avx512,
    conv_direct_backward_w_avx512;

/* Winograd: fast_wino_*.c */
extern const struct conv_impl conv_winograd_forward_avx2, conv_winograd_backward_x_avx2;
extern const struct conv_impl conv_winograd_4x4_forward_avx2, conv_winograd_4x4_backward_x_avx2;
extern const struct conv_impl conv_winograd_backward_w_avx2, conv_winograd_4x4_backward_w_avx2;
extern const struct conv_impl conv_winograd_forward_avx512, conv_winograd_backward_x_avx512;
extern const struct conv_impl conv_winograd_4x4_forward_avx512, conv_winograd_4x4_backward_x_avx512;
extern const struct conv_impl conv_winograd_backward_w_avx512, conv_winograd_4x4_backward_w_avx512;

#endif
