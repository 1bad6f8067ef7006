/* SPDX-License-Identifier: Apache-2.0 */
/* What a run takes of the machine's memory, and --max-memory. */
#ifndef TRAIN_TRAIN_MEMORY_H
#define TRAIN_TRAIN_MEMORY_H

#include "train/training.h"

/* After all else of a run is ready: plans the network's maps so that the whole process keeps the
 * limit, allocates them, and says what will be used.  ATT_MEMORY with the smallest limit that would
 * do. */
att_status training_plan_memory(struct training *t, struct err *e);
double training_cases_bytes(const struct training *t); /* those that are there */
/* Before something else than a step: under a limit the maps go back to the system until the next
 * step. */
void training_rest(struct training *t);

#endif
