/* SPDX-License-Identifier: Apache-2.0 */
/* What lies in a run's folder; called by reports. */
#include "model/run_files.h"

#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "dataset/dataset.h"

const char *const run_mask_tails[] = {"_overlay", "_attention_", "_probability_", "_tiles", NULL};

att_status run_count_folds(const char *run, int *count, struct err *e)
{
    *count = 0;
    for (bool there = true; there && *count < FOLDS_MOST; *count += there) {
        char *path = mem_text("%s/" RUN_FOLD "%d", run, *count);
        if (!path) return err_memory(e, strlen(run), "a file name");
        there = file_is_folder(path);
        mem_free(path);
    }
    return ATT_OK;
}
