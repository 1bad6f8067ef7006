/* SPDX-License-Identifier: Apache-2.0 */
/* Programs that need an OpenCL device: the first one, which pocl makes of the processor. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "device/device_kernels.h"

/* Group setup. Without a driver nothing is tested, which the caller is told. */
static inline int device_begin(void **state)
{
    struct err e = {.status = ATT_OK};
    (void)state;
    if (device_open(0, &e) == ATT_OK) return 0;
    printf("SKIPPED: %s\n", e.text);
    exit(77);
}

static inline void device_is_well(void)
{
    struct err e = {.status = ATT_OK};
    if (device_check(&e) != ATT_OK) fail_msg("%s", e.text);
}
