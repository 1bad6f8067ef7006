/* SPDX-License-Identifier: Apache-2.0 */
/* The device's convolutions. */
#pragma once

#include "device/device_kernels.h"

/* Passes struct geometry of conv_*.cl. */
void conv_geometry(struct launch *l, const struct conv *c);

extern const struct conv_impl device_conv_tile[CONV_SLOTS];
extern const struct conv_impl device_conv_matrix[CONV_SLOTS]; /* bfloat16 */
/* Whether they compute the bits of the plain ones, by one look: exact sums have no other. */
bool device_matrix_right(void);
