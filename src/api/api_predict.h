/* SPDX-License-Identifier: Apache-2.0 */
/* What predictions of files and of images in memory share. */
#ifndef API_PREDICT_H
#define API_PREDICT_H

#include "api/api.h"
#include "predict/ensemble.h"
#include "predict/predict.h"

/* Window, overlap, mirroring, post-processing and convolutions as the settings of the command
 * "predict" say; the rest of *p stays as it is. */
att_status api_predict_options(
    const struct options *o, const struct ensemble *s, struct predict_options *p, struct err *e);
bool api_own_post(
    const struct options *o); /* whether masks are to be processed as their models say */
/* Said where masks are to be processed and the models do not agree how. */
void api_warn_post(struct host *host, const struct ensemble *s);

#endif
