/* SPDX-License-Identifier: Apache-2.0 */
#include "train/snapshots.h"

#include <math.h>

#include "base/kmath.h"
#include "base/mem.h"
#include "model/run_files.h"

int64_t snapshot_step(int64_t index, int64_t steps, int64_t count)
{
    if (index < 1 && count > 1) return 0;
    return index < count - 1
        ? llround(kmath_pow((double)steps, (double)index / (double)(count - 1)))
        : steps;
}

bool snapshot_due(int64_t step, int64_t steps, int64_t count)
{
    for (int64_t i = 0; i < count; i++)
        if (step == snapshot_step(i, steps, count)) return true;
    return false;
}

char *snapshot_path(const char *run, int64_t step)
{
    return mem_text("%s/" RUN_SNAPSHOTS "/step_%07lld.safetensors", run, (long long)step);
}
