/* SPDX-License-Identifier: Apache-2.0 */
/* Shares of files, names or values that rules ask for. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* Nearly all: in most data sets, a few files are odd. */
static inline bool nine_tenths(int64_t some, int64_t all) { return 10 * some >= 9 * all; }
