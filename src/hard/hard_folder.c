/* SPDX-License-Identifier: Apache-2.0 */
/* Recognises hard runs by their files; for resume and info. */
#include "hard/hard_folder.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "arch/hard.h"
#include "model/run_files.h"
#include "train/checkpoint.h"

bool hard_folder_exists(const char *run) { return file_has(run, RUN_HARD); }

void hard_folder_warn_of_part(const struct train_context *c, const char *run)
{
    char full[PATH_MAX];
    char *name = realpath(run, full) ? strrchr(full, '/') : NULL;
    if (!name ||
        (strcmp(name + 1, part_name[PART_COARSE]) != 0 &&
            strcmp(name + 1, part_name[PART_FINE]) != 0))
        return;
    *name = 0;
    if (hard_folder_exists(full) && checkpoint_exists(full))
        host_warn(c->host, WARN_WEIGHTS_DIVERGE,
            "%s is a network of %s, whose model has its own copy of these weights; training %s "
            "further does not change that model",
            run, full, run);
}
