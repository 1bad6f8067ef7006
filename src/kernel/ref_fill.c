/* SPDX-License-Identifier: Apache-2.0 */
/* Every entry of the table but the convolutions, with plain loops. */
#include "kernel/kernel_fill.h"
#include "kernel/ref.h"

void kernels_fill_ref(struct kernels *k)
{
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
