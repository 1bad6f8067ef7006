/* SPDX-License-Identifier: Apache-2.0 */
/* Area of surface at a point between voxels, the weight of surface.h's distances. */
#pragma once

enum { SURFACE_CODES = 256, CONTOUR_CODES = 16 };

/* A code has a bit for each voxel around the point, set if inside: voxel (i, j, k) of 2 x 2 x 2, or
 * (j, k) of 2 x 2, is bit 4 i + 2 j + k. Codes 0 and all ones have no surface. Spacings are d, h,
 * w; areas in their unit squared, lengths in their unit. */
void surface_element_areas(const double spacing[3], double area[SURFACE_CODES]);
void contour_element_lengths(const double spacing[2], double length[CONTOUR_CODES]);
