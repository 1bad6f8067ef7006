/* SPDX-License-Identifier: Apache-2.0 */
/* The device's convolutions. */
#pragma once

#include "device/device_kernels.h"

/* Passes struct geometry of conv_*.cl. */
void conv_geometry(struct launch *l, const struct conv *c);
/* Passes FINISH of conv_*.cl. */
void conv_finish(struct launch *l, const struct conv *c);
/* Ends backward by weight: c->w (+)= the sum of its parts. */
void conv_sum_parts(const struct conv *c, const void *part, size_t parts);

extern const struct conv_impl device_conv_tile[CONV_SLOTS];
extern const struct conv_impl device_conv_matrix[CONV_SLOTS]; /* bfloat16 */
/* Whether they compute the bits of the plain ones, by one look: exact sums have no other. */
bool device_matrix_right(void);
