/* SPDX-License-Identifier: Apache-2.0 */
/* One case of policies.h. */
#pragma once

#include "measure/policies.h"
#include "policy/plackett.h"
#include "predict/look_count.h"

/* State across cases. */
struct policies_work {
    const struct model *model;
    const struct policies_options *options;
    struct host *host; /* its kernels and threads */
    struct hard hard;
    struct hard_runner *runner;
    struct look look;
    struct look_count count;
};

/* `number` of the case seeds random choices. Sets p->k if empty. */
att_status policies_measure(struct policies_work *w, const struct dataset *d, int index, int number,
    struct policies *p, struct policies_case *c, struct err *e);
