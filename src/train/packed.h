/* SPDX-License-Identifier: Apache-2.0 */
/* Training on a packed data set: whether it fits the run, and its cases. */
#pragma once

#include "dataset/pack.h"
#include "feed/sampler.h"
#include "model/model.h"

/* How its images were prepared; the patch is of no meaning. */
att_status packed_preparation(const struct dataset *d, struct preparation *p, struct err *e);
/* The same as the pack has it: what is compared, and what names its files. */
json_t *packed_preparation_json(const struct preparation *p);
/* Sets d->axes to those that its cases were turned to.  ATT_USAGE where --orientation (`given`,
 * NULL: it was not) says another thing of volumes, or a model to begin with learnt along others
 * (`known`, NULL: there is none). */
att_status packed_axes(struct dataset *d, const char *wanted, const char *trained, struct err *e);
/* That the listed cases are packed, and prepared as the model wants it. */
att_status packed_check(
    const struct dataset *d, const int *list, int count, const struct model *m, struct err *e);
/* The listed cases without voxels and places, as the sampler wants them of packed ones; for
 * cases_free. */
att_status packed_open(const struct dataset *d, const int *list, int count, const struct model *m,
    struct prepared **cases, struct err *e);
/* A case as a whole. */
att_status packed_load(const struct dataset *d, int index, struct prepared *p, struct err *e);
/* After training, what reading came to in so many seconds of steps. */
void packed_tell(struct host *host, const struct sampler *s, double seconds);
