/* SPDX-License-Identifier: Apache-2.0 */
/* The report of a run, or of masks that were evaluated: one page, failures first. docs/report.md.
 */
#ifndef REPORT_PAGE_H
#define REPORT_PAGE_H

#include "base/clock.h"
#include "base/host.h"
#include "base/pool.h"
#include "dataset/dataset.h"
#include "kernel/kernel.h"
#include "measure/evaluate.h"

struct page_source {
    const char
        *run; /* its folder, of which settings, log and record are shown; NULL: masks alone */
    const char *title;          /* what the report is of */
    const struct evaluation *v; /* NULL: nothing has been measured */
    const struct dataset
        *data; /* has the images of the cases, by their names; NULL: masks are shown without them */
    double failure; /* cases with a Dice below are listed first */
    double
        seconds; /* that maps beside the pictures may take, more or less; 0: as long as they take */
    bool no_maps; /* none are made: they would not fit into a limit of memory */
    double begun; /* clock_now() when this report was begun, which it counts as time spent; 0: it
                     does not count */
    const struct kernels *kernels;
    struct pool *pool;
    struct host *host;
    const char *conv; /* implementation of convolutions, or NULL */
};
#define PAGE_FAILURE 0.5 /* unless another is asked for */

/* Writes the page. Where a mask lies in a folder "validation" beside a model, that model's
 * attention maps are shown and measured. What a run's folder does not have is left out. */
att_status page_write(const struct page_source *s, const char *path, struct err *e);

#endif
