/* SPDX-License-Identifier: Apache-2.0 */
/* Fill the kernel table with the fast kernels of one instruction set. */
#include "base/cpu.h"
#include "kernel/fast.h"
#include "kernel/kernel_fill.h"

/* Best first: the first that accepts wins. */
#define LIST(slot)                                                                                 \
    extern const struct conv_impl ISA(conv_winograd_##slot), ISA(conv_winograd_4x4_##slot),        \
        ISA(conv_direct_##slot);                                                                   \
    static const struct conv_impl *const slot[] = {&ISA(conv_winograd_##slot),                     \
        &ISA(conv_winograd_4x4_##slot), &ISA(conv_direct_##slot), &conv_ref_##slot, NULL}

LIST(forward);
LIST(backward_x);
LIST(backward_w);

static void fast_fill(struct kernels *k)
{
    k->conv[CONV_FORWARD] = forward;
    k->conv[CONV_BACKWARD_X] = backward_x;
    k->conv[CONV_BACKWARD_W] = backward_w;
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

const struct kernel_set ISA(kernel_set) = {ISA_NAME, ISA_NEEDS, fast_fill};
