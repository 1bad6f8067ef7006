/* SPDX-License-Identifier: Apache-2.0 */
/* The work of each command after its arguments are checked. Results are new references, none on
 * failure except from app_predict. */
#pragma once

#include <jansson.h>

#include "app/call.h"
#include "predict/ensemble.h"
#include "predict/predict_files.h"

att_status app_attend(struct app_call *call, const char *run, const char *dataset, json_t **result);
att_status app_bench(struct app_call *call, json_t **json);
att_status app_convert(struct app_call *call, const char *path, const char *output);
/* `labels` may be NULL with `policies`. */
att_status app_evaluate(
    struct app_call *call, const char *predictions, const char *labels, json_t **result);
/* *rows: on failure, of the images before it. */
att_status app_predict(
    struct app_call *call, const char *model, struct predict_job *j, json_t **rows);

/* Sets window, overlap, mirroring, tiles, post-processing and convolutions from the settings of
 * "predict"; keeps the rest of *p. */
att_status app_predict_options(
    const struct options *o, const struct ensemble *s, struct predict_options *p, struct err *e);
/* Whether masks are post-processed as the models say. */
bool app_predict_owns_post(const struct options *o);
/* Warns if the models disagree on post-processing. */
void app_predict_warn_post(struct host *host, const struct ensemble *s);
