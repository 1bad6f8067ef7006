/* SPDX-License-Identifier: Apache-2.0 */
/* Fill the kernel table with plain kernels. */
#include "kernel/kernel_fill.h"
#include "kernel/ref.h"

static const struct conv_impl *const forward[] = {&conv_ref_half_forward, &conv_ref_forward, NULL},
                                     *const backward_x[] = {&conv_ref_half_backward_x,
                                         &conv_ref_backward_x, NULL},
                                     *const backward_w[] = {
                                         &conv_ref_half_backward_w, &conv_ref_backward_w, NULL};

static void ref_fill(struct kernels *k)
{
    k->memory = &memory_host;
    k->conv[CONV_FORWARD] = forward;
    k->conv[CONV_BACKWARD_X] = backward_x;
    k->conv[CONV_BACKWARD_W] = backward_w;
    small_fill(k);
    ref_norm_fill(k);
    ref_pointwise_fill(k);
    ref_up_fill(k);
    ref_attend_fill(k);
    ref_grid_fill(k);
    ref_resize_fill(k);
    ref_cross_entropy_fill(k);
    ref_overlap_fill(k);
    ref_focal_fill(k);
    ref_field_fill(k);
    ref_boundary_fill(k);
    ref_cldice_fill(k);
    ref_window_fill(k);
    ref_probability_fill(k);
    ref_optim_fill(k);
}

const struct kernel_set kernel_set_ref = {"ref", 0, ref_fill};
