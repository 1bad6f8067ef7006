/* SPDX-License-Identifier: Apache-2.0 */
/* Fill the kernel table with the fast kernels of one instruction set. */
#include "base/cpu.h"
#include "kernel/fast.h"
#include "kernel/kernel_fill.h"

#if defined(ATT_ISA_avx512)
#define BF16(slot) &ISA(conv_matrix_##slot), &ISA(conv_pairs_##slot), &ISA(conv_half_##slot)
#else
#define BF16(slot) &ISA(conv_half_##slot)
#endif

#define FLOATS(slot)                                                                               \
    &ISA(conv_winograd_##slot), &ISA(conv_winograd_4x4_##slot), &ISA(conv_direct_##slot),          \
        &conv_ref_##slot, NULL
#define DECLARE(slot)                                                                              \
    extern const struct conv_impl ISA(conv_matrix_##slot), ISA(conv_pairs_##slot),                 \
        ISA(conv_half_##slot), ISA(conv_winograd_##slot), ISA(conv_winograd_4x4_##slot),           \
        ISA(conv_direct_##slot)

DECLARE(forward);
DECLARE(backward_x);
DECLARE(backward_w);

/* Best first: the first that accepts wins. */
static const struct conv_impl *const forward[] = {BF16(forward), FLOATS(forward)},
                                     *const backward_x[] = {BF16(backward_x), FLOATS(backward_x)},
                                     *const backward_w[] = {BF16(backward_w), FLOATS(backward_w)};

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
