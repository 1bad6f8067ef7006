/* SPDX-License-Identifier: Apache-2.0 */
/* Intermediate models: step 0, the last step, and between them steps in equal ratios, since a
 * network changes most early. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* Step of snapshot `index` of `count` in a run of `steps`; increasing, repeated if steps are few.
 */
int64_t snapshot_step(int64_t index, int64_t steps, int64_t count);
/* True if a snapshot follows `step`. count 1: only the last step. */
bool snapshot_due(int64_t step, int64_t steps, int64_t count);
/* RUN/snapshots/step_0000100.safetensors, for mem_free; NULL: no memory. */
char *snapshot_path(const char *run, int64_t step);
