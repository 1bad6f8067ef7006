/* SPDX-License-Identifier: Apache-2.0 */
/* Whole numbers, from 0 on, divided and rounded upwards: how many tiles cover a length, how long they are together. */
#ifndef BASE_WHOLE_H
#define BASE_WHOLE_H

#include <stddef.h>

static inline int divide_up(int a, int by) { return a / by + (a % by > 0); }
static inline size_t divide_up_size(size_t a, size_t by) { return a / by + (a % by > 0); }
static inline int round_up(int a, int multiple) { return divide_up(a, multiple) * multiple; }

#endif
