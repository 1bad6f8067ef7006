/* SPDX-License-Identifier: Apache-2.0 */
/* Writes the report of a run, or of evaluated masks: one page, failures first. docs/report.md. */
#pragma once

#include "base/clock.h"
#include "base/host.h"
#include "base/pool.h"
#include "dataset/dataset.h"
#include "kernel/kernel.h"
#include "measure/evaluate.h"

struct page_source {
    const char *run;   /* folder with settings, log and record; NULL: there are only masks */
    const char *title; /* name of the subject */
    const struct evaluation *v; /* NULL: nothing was measured */
    const struct dataset *data; /* images of the cases, by name; NULL: show masks without them */
    double failure;             /* a case with a lower Dice is a failure */
    double seconds;             /* approximate limit for computing maps; 0: none */
    bool no_maps;               /* skip maps: they would exceed a memory limit */
    double begun; /* clock_now() at this report's start, to count its time; 0: do not */
    struct host *host;
    const char *conv; /* implementation of convolutions, or NULL */
};
#define PAGE_FAILURE 0.5 /* default */

/* Writes the page. Masks in a folder "validation" next to a model also get that model's attention
 * maps. Skips missing parts of a run's folder. */
att_status page_write(const struct page_source *s, const char *path, struct err *e);
