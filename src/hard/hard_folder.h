/* SPDX-License-Identifier: Apache-2.0 */
/* What a folder has to do with a hard run (hardrun.h). */
#pragma once

#include "train/train_context.h"

bool hard_folder_exists(const char *run); /* whether RUN is such a run */

/* Warns where RUN is a net of a hard run whose later stages have it already. */
void hard_folder_warn_of_part(const struct train_context *c, const char *run);
