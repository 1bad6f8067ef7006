/* SPDX-License-Identifier: Apache-2.0 */
/* State of a public call: context, settings, error. */
#pragma once

#include <fenv.h>
#include <jansson.h>

#include "attunet.h"
#include "base/host.h"
#include "base/options.h"
#include "base/pool.h"
#include "files/dry_run.h"
#include "kernel/kernel.h"
#include "train/train_context.h"

struct predictor;

/* The context's last predictor in memory, reused by the next prediction. */
struct app_kept {
    const att_model *model; /* a reference, or NULL */
    struct predictor *predictor;
    bool warned;           /* of different post-processing */
    const char *precision; /* what `precision` auto chose; or NULL */
};

struct att_context {
    struct err err;    /* of the last call */
    struct host host;  /* no kernels: creation failed, see `err` */
    struct log log;    /* the caller's; the host's passes it on (dataset/converted_names.h) */
    struct team *team; /* processes of a launcher, joined at the first training; or NULL */
    struct app_kept kept;
    struct dry_run dry_run; /* of the last call with `dry_run` */
    bool busy, entered;     /* in a call; a callback called again */
    bool named;             /* its device or instruction set was named */
};

struct att_settings {
    struct options o;
};

/* A public call. */
struct app_call {
    att_context *c;
    struct host *host;       /* the context's */
    struct err *e;           /* the context's */
    const struct options *o; /* caller's settings or defaults */
    struct train_context t;  /* for runs and searches */
    json_t *result;          /* NULL: out of memory, or a dry run */
    att_status status;       /* of what was done so far */
    bool partial;            /* the result counts even if the call fails */
    bool exact;              /* numbers are read back: write all digits */
    /* For api_close. */
    char **json; /* where the result goes as text, or NULL */
    struct options defaults;
    fenv_t caller; /* floating-point environment, restored later */
};

/* ATT_USAGE if `path` has the name of an image, which would be overwritten. NULL is fine. */
att_status call_no_image(struct app_call *call, const char *path);
