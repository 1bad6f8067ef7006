/* SPDX-License-Identifier: Apache-2.0 */
/* When one is due, and what its file is called; called by loop.c and run_rehearsal.c. */
#include "train/snapshots.h"

#include <math.h>

#include "base/mem.h"
#include "model/run_files.h"

bool snapshot_due(int64_t step, int64_t steps, int64_t count)
{
    if (count < 1) return false;
    if (step == 0 || step == steps) return step == steps || count > 1;
    for (int64_t i = 1; i < count - 1; i++)
        if (step == llround(pow((double)steps, (double)i / (double)(count - 1)))) return true;
    return false;
}

char *snapshot_path(const char *run, int64_t step)
{
    return mem_text("%s/" RUN_SNAPSHOTS "/step_%07lld.safetensors", run, (long long)step);
}
