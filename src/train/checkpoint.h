/* SPDX-License-Identifier: Apache-2.0 */
/* A checkpoint: everything a run needs to go on as if it had never stopped.  One safetensors file:
 * model.*, optim.m.*, optim.v.*, the averaged weights ema.*, and JSON in the metadata; two
 * generations, each checked by a CRC of its numbers and JSON. */
#pragma once

#include "model/model.h"
#include "train/average.h"
#include "train/optimiser.h"

/* Writes RUN/checkpoint.safetensors; the one before becomes RUN/checkpoint.previous.safetensors.
 * `training` is the JSON of the loop's state; `a` may be NULL. */
att_status checkpoint_save(const char *run, const struct model *m, const struct optimiser *o,
    const struct average *a, const json_t *training, struct err *e);

/* A save whose last rename failed or was not reached: from then on the files are what they are
 * after any save.  Where nothing can be renamed, nothing changes. */
void checkpoint_settle(const char *run);
/* Whether any generation is there, good or not. */
bool checkpoint_exists(const char *run);
/* Whether it is of a run that did all its steps.  One whose last rename failed is settled, unless
 * `dry`: nobody opens it to go on. */
bool checkpoint_finished(const char *run, bool dry);
/* The training JSON of the newest generation that can be opened, unchecked, for people; NULL when
 * there is none.  hash, if not NULL: of its tensors with their names (files/hash.h), that is
 * weights, moments and average, without the times in its head. */
att_status checkpoint_peek(const char *run, json_t **state, uint64_t *hash, struct err *e);
/* Reads what is needed before the optimiser exists: the model (weights too) and the training JSON
 * (new reference). Falls back to the previous generation when the newest is damaged; *path (fresh
 * string) names the one that was read, *fallback says so. */
att_status checkpoint_open(const char *run, bool dry, struct model *m, json_t **training,
    char **path, bool *fallback, struct err *e);
/* After a fall-back, before the first save, which else would put the damaged newest in the place of
 * a good one: it becomes RUN/checkpoint.damaged.safetensors. */
void checkpoint_put_aside(const char *run);
/* The moments and the average; both are initialised, `a` may be NULL. */
att_status checkpoint_moments(
    const char *path, const struct model *m, struct optimiser *o, struct average *a, struct err *e);
