/* SPDX-License-Identifier: Apache-2.0 */
/* Whether a folder belongs to a hard run (hardrun.h). */
#pragma once

#include "train/train_context.h"

bool hard_folder_exists(const char *run); /* RUN is a hard run */

/* Warns if RUN is a network of a hard run whose later stages have copied its weights. */
void hard_folder_warn_of_part(const struct train_context *c, const char *run);
