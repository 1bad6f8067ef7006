/* SPDX-License-Identifier: Apache-2.0 */
/* The models before and after the joint stage, compared on held-out cases (hard_holdout.h). These
 * cases trained the networks in stage 1, so the comparison favours the model before, if any. */
#pragma once

#include "hard/hard_state.h"

/* Removes held-out cases from the samplers of both built networks, for the joint stage. */
att_status hard_keep_exclude(struct hard_training *h, struct err *e);

/* Writes the current model and its reward to RUN/before_joint.safetensors; and reads it. */
att_status hard_keep_write(struct hard_training *h, double reward, struct err *e);
att_status hard_keep_load(const struct hard_training *h, struct model *before, struct err *e);
/* After hard_state_open: sets h->before and h->before_step from the file, which may be newer than
 * the checkpoint. */
att_status hard_keep_read(struct hard_training *h, struct err *e);

/* At the end of stage 2: measures h->before and writes that file. */
att_status hard_keep_before(struct hard_training *h, struct err *e);
/* At the end of stage 3: sets h->kept if the earlier model is better. Otherwise the new model
 * replaces it, in case the stage is extended later. */
att_status hard_keep_choose(struct hard_training *h, struct err *e);
/* The final model: with h->kept the earlier one, else the current weights. */
att_status hard_keep_model(struct hard_training *h, struct model *m, struct err *e);
void hard_keep_model_free(const struct hard_training *h, struct model *m);
att_status hard_write_model(struct hard_training *h, struct err *e); /* to RUN's model */
