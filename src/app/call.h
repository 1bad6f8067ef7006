/* SPDX-License-Identifier: Apache-2.0 */
/* What a call of the public interface works with: its context, its settings and its error. */
#ifndef APP_CALL_H
#define APP_CALL_H

#include <fenv.h>

#include "attunet.h"
#include "base/host.h"
#include "base/options.h"
#include "base/pool.h"
#include "files/dry_run.h"
#include "kernel/kernel.h"
#include "train/train_context.h"

struct predictor;

/* What a context keeps of its last prediction in memory: the network with its plan and work region
 * serve the next one. */
struct api_kept {
    const att_model *model; /* a reference; NULL: nothing is kept */
    struct predictor *predictor;
    bool warned; /* that its models differ in their post-processing */
};

struct att_context {
    struct err err;   /* of the last call */
    struct host host; /* no kernels: creation failed, and `err` says why */
    struct api_kept kept;
    struct dry_run dry_run; /* of the last call with --dry-run */
    bool busy, entered;     /* a call is in progress; one of its callbacks has called again */
};

struct att_settings {
    struct options o;
};

/* A public call in progress. */
struct api_call {
    att_context *c;
    struct err *e;           /* the context's */
    const struct options *o; /* of the caller's settings, or the command's defaults */
    struct options defaults;
    fenv_t caller; /* its roundings, which are not to change results */
};

/* A file that is written replaces one of its name: ATT_USAGE for names of images, which would be
 * lost.  `path` NULL: none. */
att_status call_no_image(struct api_call *call, const char *path);

/* What runs and searches have of the call. */
struct train_context call_training(const struct api_call *call);

#endif
