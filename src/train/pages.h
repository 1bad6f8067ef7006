/* SPDX-License-Identifier: Apache-2.0 */
/* Pages and pictures that show runs to people.  Runs ask for them; who starts a run says how they
 * are made (app/run_pages.h), so that training knows nothing of HTML. */
#pragma once

#include <jansson.h>

#include "dataset/dataset.h"
#include "train/train_context.h"

struct training;
struct tuning;

struct pages {
    /* RUN/report.html of a training, with its masks (`measured`) or with curves alone. */
    att_status (*training)(struct training *t, bool measured, struct err *e);
    /* The same of what is not one training: folds, hard attention.  data: where the data set is. */
    att_status (*folder)(const struct train_context *c, const char *run, const char *data,
        bool measured, struct err *e);
    /* RUN/curves.png of a log (runlog.h) with `own` numbers before the Dice; number `upper` of them
     * is drawn above, under the title. */
    att_status (*curves)(const char *run, const struct labelling *l, int upper, const char *title,
        int own, struct err *e);
    /* Image, truth, prediction and error side by side: *rgb [size[0]][size[1]][3] is for mem_free.
     */
    att_status (*panels)(const struct sample *s, const uint8_t *predicted, int size[2],
        unsigned char **rgb, struct err *e);
    /* OUT/report.html of a search, and of settings compared; `result` is its JSON. */
    att_status (*search)(const struct tuning *t, const json_t *result, struct err *e);
    att_status (*versus)(const struct tuning *t, const json_t *result, struct err *e);
};

/* Nothing where the context has no pages.  A page is not worth a run: a failure is a warning, but
 * for ATT_INTERRUPTED and ATT_IO. */
att_status pages_training(struct training *t, bool measured, struct err *e);
att_status pages_folder(
    const struct train_context *c, const char *run, const char *data, bool measured, struct err *e);
/* The same; every failure is a warning. */
void pages_curves(const struct train_context *c, const char *run, const struct labelling *l,
    int upper, const char *title, int own);
