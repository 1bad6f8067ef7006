/* SPDX-License-Identifier: Apache-2.0 */
/* Which models on the way a run keeps: that of step 0, that of the last step, and between them
 * steps in equal ratios, since a network changes most in its first steps. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* After which step the index-th of `count` is made, of a run of `steps`: rising; where steps are
 * few several after one. */
int64_t snapshot_step(int64_t index, int64_t steps, int64_t count);
/* Whether the model after `step` of `steps` steps is one of `count`; with 1 it is the last alone.
 * Fewer where steps are too few. */
bool snapshot_due(int64_t step, int64_t steps, int64_t count);
/* RUN/snapshots/step_0000100.safetensors, for mem_free; NULL: no memory. */
char *snapshot_path(const char *run, int64_t step);
