/* SPDX-License-Identifier: Apache-2.0 */
/* The kernel sets and their convolutions, for kernels.c and the fill functions.  What ends in _avx2
 * and _avx512 comes from one source, compiled once per instruction set. */
#ifndef KERNEL_KERNEL_FILL_H
#define KERNEL_KERNEL_FILL_H

#include "kernel/kernel.h"

extern const struct kernel_set kernel_set_ref, kernel_set_avx2, kernel_set_avx512;

extern const struct conv_impl conv_ref_forward, conv_ref_backward_x, conv_ref_backward_w;

#endif
