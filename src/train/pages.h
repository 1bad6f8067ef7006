/* SPDX-License-Identifier: Apache-2.0 */
/* Pages and pictures of runs. The caller of a run supplies them (app/run_pages.h), so that training
 * does not depend on HTML. */
#pragma once

#include <jansson.h>

#include "dataset/dataset.h"
#include "train/train_context.h"

struct training;
struct tuning;

struct pages {
    /* RUN/report.html of one network; with its masks if `measured`, else only with curves. */
    att_status (*training)(struct training *t, bool measured, struct err *e);
    /* The same for folds and hard attention. data: path of the data set. */
    att_status (*folder)(const struct train_context *c, const char *run, const char *data,
        bool measured, struct err *e);
    /* RUN/curves.png of a log (runlog.h) with `own` columns before the Dice; column `upper` is in
     * the upper plot, under the title. */
    att_status (*curves)(const char *run, const struct labelling *l, int upper, const char *title,
        int own, struct err *e);
    /* Image, truth, prediction and error side by side: *rgb [size[0]][size[1]][3] is for mem_free.
     */
    att_status (*panels)(const struct sample *s, const uint8_t *predicted, int size[2],
        unsigned char **rgb, struct err *e);
    /* OUT/report.html of a search, and of a comparison of settings, from `result`. */
    att_status (*search)(const struct tuning *t, const json_t *result, struct err *e);
    att_status (*repeat)(const struct tuning *t, const json_t *result, struct err *e);
};

/* Do nothing without pages in the context. Failures only warn, except ATT_INTERRUPTED and ATT_IO.
 */
att_status pages_training(struct training *t, bool measured, struct err *e);
att_status pages_folder(
    const struct train_context *c, const char *run, const char *data, bool measured, struct err *e);
/* The same; all failures only warn. */
void pages_curves(const struct train_context *c, const char *run, const struct labelling *l,
    int upper, const char *title, int own);
