/* SPDX-License-Identifier: Apache-2.0 */
/* Integer helpers; division rounds up for a >= 0. Keep them static: files with their own
 * instruction set include this. */
#pragma once

#include <stddef.h>

static inline int min_int(int a, int b) { return a < b ? a : b; }
static inline int max_int(int a, int b) { return a > b ? a : b; }
static inline size_t max_size(size_t a, size_t b) { return a > b ? a : b; }

static inline int divide_up(int a, int by) { return a / by + (a % by > 0); }
static inline size_t divide_up_size(size_t a, size_t by) { return a / by + (a % by > 0); }
static inline int round_up(int a, int multiple) { return divide_up(a, multiple) * multiple; }
