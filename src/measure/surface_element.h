/* SPDX-License-Identifier: Apache-2.0 */
/* How much surface passes through the point where voxels meet: what the distances of surface.h are
 * weighted by. */
#ifndef MEASURE_SURFACE_ELEMENT_H
#define MEASURE_SURFACE_ELEMENT_H

enum { SURFACE_CODES = 256, CONTOUR_CODES = 16 };

/* A code has one bit for each of the voxels around the point, set where the voxel is inside: voxel
 * (i, j, k) of the 2 x 2 x 2, or (j, k) of the 2 x 2, is bit 4 i + 2 j + k. Codes 0 and all ones
 * have no surface. Spacings are d, h, w; areas in their unit squared, lengths in their unit. */
void surface_element_areas(const double spacing[3], double area[SURFACE_CODES]);
void contour_element_lengths(const double spacing[2], double length[CONTOUR_CODES]);

#endif
