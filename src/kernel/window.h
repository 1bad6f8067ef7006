/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers of a pixel's neighbours in the box of 3, in d, h, w order. */
#pragma once

#include <stdbool.h>

enum { WINDOW = 27 };

/* The pixel itself (13) or its neighbour along an axis. */
static inline bool window_cross(int r)
{
    return r == 13 || r == 12 || r == 14 || r == 10 || r == 16 || r == 4 || r == 22;
}
