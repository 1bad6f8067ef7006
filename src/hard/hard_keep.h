/* SPDX-License-Identifier: Apache-2.0 */
/* The models before and after the joint stage, compared on the cases that are held back
 * (hard_holdout.h).  The nets of stage 1 know them, so this errs, if at all, in favour of the model
 * before. */
#pragma once

#include "hard/hard_state.h"

/* For the joint stage, after both nets are prepared: they draw no patches from them any more. */
att_status hard_keep_exclude(struct hard_training *h, struct err *e);

/* The model, with the policy as it is now, in a file of its own, RUN/before_joint.safetensors, and
 * what it is worth; and from it. */
att_status hard_keep_write(struct hard_training *h, double worth, struct err *e);
att_status hard_keep_load(const struct hard_training *h, struct model *before, struct err *e);
/* After hard_state_open: h->before and h->before_step are what the file says, which may be newer
 * than the checkpoint. */
att_status hard_keep_read(struct hard_training *h, struct err *e);

/* At the end of stage 2: h->before, what the model is worth on those cases, and the model in a file
 * of its own. */
att_status hard_keep_before(struct hard_training *h, struct err *e);
/* At the end of stage 3: h->kept, whether the model before is worth more than the one now.  Else
 * the one now takes its place, for when the stage goes on later. */
att_status hard_keep_choose(struct hard_training *h, struct err *e);
/* The model as it is written: with h->kept the one before, else with the weights that there are
 * now. */
att_status hard_keep_model(struct hard_training *h, struct model *m, struct err *e);
void hard_keep_model_free(const struct hard_training *h, struct model *m);
att_status hard_write_model(struct hard_training *h, struct err *e); /* to RUN's model */
