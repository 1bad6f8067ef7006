/* SPDX-License-Identifier: Apache-2.0 */
/* The environment of a training, and requests of its caller. */
#pragma once

#include "base/host.h"
#include "base/options.h"
#include "base/pool.h"
#include "kernel/kernel.h"

struct pages;
struct recipe_sources;

/* Messages that another part of the run has printed: reasons for settings, findings about the data,
 * images on both sides of the split. */
enum { QUIET_REASONS = 1, QUIET_DATA = 2, QUIET_SPLIT = 4, QUIET_ALL = 7 };

struct train_context {
    struct host *host;         /* with kernels */
    const struct pages *pages; /* pages.h; or NULL */
    unsigned quiet;            /* QUIET_... */
    double deadline;           /* on clock_now(): when the run must end (deadline.h); 0: none */
    double ending; /* seconds from the last step to the end, from other runs; 0: unknown */
    /* Called with the recipe's sources, so that other settings can be tried on them; or NULL. */
    att_status (*decided)(void *user, const struct recipe_sources *from, struct err *e);
    void *user;                    /* of `decided` */
    const struct train_runs *runs; /* for runs inside this one; set by run/start.c */
};

/* For a part of a run: without its deadline. */
static inline struct train_context train_context_part(const struct train_context *c, unsigned quiet)
{
    return (struct train_context){
        .host = c->host, .pages = c->pages, .runs = c->runs, .quiet = quiet};
}

/* Requests for a resumed run. */
struct train_more {
    int64_t steps;               /* additional steps */
    double seconds;              /* of further training; 0: by steps */
    double max_memory;           /* new limit in bytes; 0: the run's */
    const char *data;            /* new path of the data set, or NULL */
    const struct options *table; /* options of `train`, any values: for folds to be started */
    const struct options *start_options; /* of a new run; NULL: resumed */
};

/* Start or resume any run, of one network or several. */
struct train_runs {
    att_status (*start)(const struct train_context *c, const char *dataset, const char *run,
        const struct options *o, struct err *e);
    att_status (*resume)(const struct train_context *c, const char *run,
        const struct train_more *more, struct err *e);
};
