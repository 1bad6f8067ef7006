/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers of 48 bits in two floats: `wide` in common.cl. */
#include <string.h>

#include "device/device_state.h"
#include "device/launch.h"

_Static_assert(sizeof(double) == 2 * sizeof(float), "a wide number takes the place of a double");

void wide_pack(double *numbers, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const float x = (float)numbers[i], both[] = {x, (float)(numbers[i] - (double)x)};
        memcpy(&numbers[i], both, sizeof both);
    }
}

void wide_unpack(double *numbers, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        float both[2];
        memcpy(both, &numbers[i], sizeof both);
        numbers[i] = (double)both[0] + (double)both[1];
    }
}

void device_check_wide(void)
{
    const float a = 1 + 0x1p-12f, b = 0x1p-30f;
    double sum = 0, *at = launch_borrow(sizeof sum);
    struct launch l = launch_of("optim", "wide_check", NULL);
    launch_args(&l, a, b, at);
    launch_over(&l, 1);
    memory_device.download(at, &sum, sizeof sum);
    launch_return();
    wide_unpack(&sum, 1);
    struct device *d = device_lock();
    if (!device_failed(d) && sum != (double)a * (double)a + (double)a + (double)b)
        err_usage(&d->failure,
            "device '%s' adds two floats inexactly: its driver takes shortcuts in arithmetic; turn "
            "them off in the driver's settings, or use the device 'cpu'",
            d->facts.name);
    device_unlock();
}
