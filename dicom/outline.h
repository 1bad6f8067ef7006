/* SPDX-License-Identifier: Apache-2.0 */
/* Outlines of regions in a picture of pixels. */
#pragma once

#include <vector>

/* In halves of pixels: pixel (x, y) spans 2x-1 to 2x+1 and 2y-1 to 2y+1. */
struct outline_point {
    int x, y;
};
typedef std::vector<outline_point> outline;
/* One outline for each 4-connected part; holes are cut by keyholes, along the middle of a row. A
 * pixel of the region is inside by the even-odd rule, others are not. */
std::vector<outline> find_outlines(const std::vector<bool> &inside, int columns, int rows);
