/* SPDX-License-Identifier: Apache-2.0 */
/* The fast kernels of one instruction set, besides the implementations of convolution, go into its
 * table. */
#include "kernel/fast.h"
#include "kernel/kernel_fill.h"

void ISA(kernels_fill)(struct kernels *k)
{
    fast_norm_fill(k);
    fast_sums_fill(k);
    fast_pointwise_fill(k);
    fast_prelu_fill(k);
    fast_conv_up_fill(k);
    fast_attend_fill(k);
    fast_grid_fill(k);
    fast_resize_fill(k);
    fast_cross_entropy_fill(k);
    fast_overlap_fill(k);
    fast_focal_fill(k);
    fast_field_fill(k);
    fast_window_fill(k);
    fast_probability_fill(k);
    fast_optim_fill(k);
}
