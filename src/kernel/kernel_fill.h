/* SPDX-License-Identifier: Apache-2.0 */
/* Kernel sets and their convolutions for kernels.c and the fill functions. _avx2 and _avx512 come
 * from one source, compiled per instruction set. */
#pragma once

#include "kernel/kernel.h"

extern const struct kernel_set kernel_set_ref, kernel_set_avx2, kernel_set_avx512;

extern const struct conv_impl conv_ref_forward, conv_ref_backward_x, conv_ref_backward_w,
    conv_ref_half_forward, conv_ref_half_backward_x, conv_ref_half_backward_w;
