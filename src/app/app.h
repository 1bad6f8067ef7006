/* SPDX-License-Identifier: Apache-2.0 */
/* What commands do, once their arguments are checked: each with the settings of its call.  Results
 * are fresh references; on failure there are none, but for app_predict. */
#ifndef APP_APP_H
#define APP_APP_H

#include <jansson.h>

#include "app/call.h"
#include "predict/ensemble.h"
#include "predict/predict_files.h"

att_status app_attend(struct api_call *call, const char *run, const char *dataset, json_t **result);
att_status app_bench(struct api_call *call, json_t **json);
att_status app_convert(struct api_call *call, const char *path, const char *output);
/* `labels` may be NULL with --policies. */
att_status app_evaluate(
    struct api_call *call, const char *predictions, const char *labels, json_t **result);
/* *rows: also where it fails, of the images before that. */
att_status app_predict(
    struct api_call *call, const char *model, struct predict_job *j, json_t **rows);

/* Window, overlap, mirroring, post-processing and convolutions as the settings of the command
 * "predict" say; the rest of *p stays as it is. */
att_status app_predict_options(
    const struct options *o, const struct ensemble *s, struct predict_options *p, struct err *e);
/* Whether masks are to be processed as their models say. */
bool app_predict_owns_post(const struct options *o);
/* Warns where masks are to be processed and the models do not agree how. */
void app_predict_warn_post(struct host *host, const struct ensemble *s);

#endif
