/* SPDX-License-Identifier: Apache-2.0 */
/* Training on a packed data set. */
#pragma once

#include "dataset/pack.h"
#include "feed/sampler.h"
#include "model/model.h"

/* How its images were prepared; `patch` has no meaning. */
att_status packed_preparation(const struct dataset *d, struct preparation *p, struct err *e);
/* The same as JSON, for comparison and file names. */
json_t *packed_preparation_json(const struct preparation *p);
/* Sets d->axes to those of the packed cases. ATT_USAGE if `wanted` (`orientation`) or `trained`
 * (the initial model's axes) differ; both may be NULL. */
att_status packed_axes(struct dataset *d, const char *wanted, const char *trained, struct err *e);
/* Checks that the listed cases are packed and prepared for the model. */
att_status packed_check(
    const struct dataset *d, const int *list, int count, const struct model *m, struct err *e);
/* The listed cases without voxels and places, for the sampler; free with cases_free. */
att_status packed_open(const struct dataset *d, const int *list, int count, const struct model *m,
    struct prepared **cases, struct err *e);
/* A whole case. */
att_status packed_load(const struct dataset *d, int index, struct prepared *p, struct err *e);
/* Logs the rate of reading over `seconds` of steps. */
void packed_log(struct host *host, const struct sampler *s, double seconds);
