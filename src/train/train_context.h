/* SPDX-License-Identifier: Apache-2.0 */
/* What training has of its surroundings, and of who asks for it. */
#pragma once

#include "base/host.h"
#include "base/options.h"
#include "base/pool.h"
#include "kernel/kernel.h"

struct pages;
struct recipe_sources;

/* For a part of a run whose messages another part has printed: reasons for settings, findings about
 * the data, and about images on both sides of the split. */
enum { QUIET_REASONS = 1, QUIET_DATA = 2, QUIET_SPLIT = 4, QUIET_ALL = 7 };

/* What a run needs of its surroundings. */
struct train_context {
    struct host *host;         /* with kernels */
    const struct pages *pages; /* pages.h; NULL: nobody looks at the run */
    unsigned quiet;            /* what was printed before: QUIET_... */
    double deadline; /* on clock_now(): when the run has to end, even if steps become slower
                        (deadline.h); 0: when its steps are done */
    double ending;   /* seconds from the last step of such a run to its end, as they are known from
                        others; 0: not known */
    /* Called with what the run's settings were decided from, so that others can be tried on the
     * same; or NULL. */
    att_status (*decided)(void *user, const struct recipe_sources *from, struct err *e);
    void *user;                    /* of `decided` */
    const struct train_runs *runs; /* for runs inside of this one; set by run/start.c */
};

/* For a part of a run: without its deadline. */
static inline struct train_context train_context_part(const struct train_context *c, unsigned quiet)
{
    return (struct train_context){
        .host = c->host, .pages = c->pages, .runs = c->runs, .quiet = quiet};
}

/* What a run that goes on is given. */
struct train_more {
    int64_t steps;  /* so many more than it was to have */
    double seconds; /* train on for so long from now on; 0: as many steps as it was to have, or
                       those above */
    double
        max_memory; /* the limit from now on, in bytes, which changes no bit; 0: that of the run */
    const char *data;            /* where its data set is now; NULL: where it was */
    const struct options *table; /* options of the command `train`, of which only the table counts:
                                    for folds that have not begun */
    const struct options *begun; /* with which the run begins, of `train`, too; NULL: it goes on */
};

/* How any run begins and goes on, of one network or several. */
struct train_runs {
    att_status (*start)(const struct train_context *c, const char *dataset, const char *run,
        const struct options *o, struct err *e);
    att_status (*resume)(const struct train_context *c, const char *run,
        const struct train_more *more, struct err *e);
};
