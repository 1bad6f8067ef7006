/* SPDX-License-Identifier: Apache-2.0 */
/* Training: one run folder, from start or from its checkpoint. */
#ifndef TRAIN_TRAIN_H
#define TRAIN_TRAIN_H

#include "base/log.h"
#include "base/options.h"
#include "base/pool.h"
#include "kernel/kernel.h"

/* What a run needs of its surroundings. */
struct train_context {
    struct log *log;
    struct pool *pool;
    const struct kernels *kernels;
};

/* Starts RUN (a new folder) on DATASET with the options of the command `train`; ends with the model, logs and a summary in the folder. */
att_status train_start(const struct train_context *c, const char *dataset, const char *run, const struct options *o, struct err *e);
/* Goes on from RUN's checkpoint; more_steps > 0 extends a finished run. */
att_status train_resume(const struct train_context *c, const char *run, int64_t more_steps, struct err *e);

#endif
