/* SPDX-License-Identifier: Apache-2.0 */
/* Parts of a fast table, assembled by fast_fill.c. */
#pragma once

#include "kernel/fast_vec.h"
#include "kernel/kernel.h"

#define fast_norm_fill ISA(fast_norm_fill)
#define fast_sums_fill ISA(fast_sums_fill)
#define fast_pointwise_fill ISA(fast_pointwise_fill)
#define fast_prelu_fill ISA(fast_prelu_fill)
#define fast_conv_up_fill ISA(fast_conv_up_fill)
#define fast_attend_fill ISA(fast_attend_fill)
#define fast_grid_fill ISA(fast_grid_fill)
#define fast_resize_fill ISA(fast_resize_fill)
#define fast_cross_entropy_fill ISA(fast_cross_entropy_fill)
#define fast_overlap_fill ISA(fast_overlap_fill)
#define fast_focal_fill ISA(fast_focal_fill)
#define fast_field_fill ISA(fast_field_fill)
#define fast_window_fill ISA(fast_window_fill)
#define fast_probability_fill ISA(fast_probability_fill)
#define fast_optim_fill ISA(fast_optim_fill)

void fast_norm_fill(struct kernels *k);
void fast_sums_fill(struct kernels *k);
void fast_pointwise_fill(struct kernels *k);
void fast_prelu_fill(struct kernels *k);
void fast_conv_up_fill(struct kernels *k);
void fast_attend_fill(struct kernels *k);
void fast_grid_fill(struct kernels *k);
void fast_resize_fill(struct kernels *k);
void fast_cross_entropy_fill(struct kernels *k);
void fast_overlap_fill(struct kernels *k);
void fast_focal_fill(struct kernels *k);
void fast_field_fill(struct kernels *k);
void fast_window_fill(struct kernels *k);
void fast_probability_fill(struct kernels *k);
void fast_optim_fill(struct kernels *k);
