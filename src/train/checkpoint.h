/* SPDX-License-Identifier: Apache-2.0 */
/* A checkpoint: everything for a bit-identical resume. One safetensors file with model.*,
 * optim.m.*, optim.v.*, averaged weights ema.*, and JSON in the metadata. Two generations, each
 * with a CRC of tensors and JSON. */
#pragma once

#include "model/model.h"
#include "train/average.h"
#include "train/optimiser.h"

/* Writes RUN/checkpoint.safetensors; renames the old one to RUN/checkpoint.previous.safetensors.
 * training: JSON of the loop's state; `a` may be NULL. */
att_status checkpoint_save(const char *run, const struct model *m, const struct optimiser *o,
    const struct average *a, const json_t *training, struct err *e);

/* Completes a save whose last rename failed or was not reached, if possible. */
void checkpoint_complete(const char *run);
/* True if any generation exists, valid or not. */
bool checkpoint_exists(const char *run);
/* True if the run has done all its steps. Unless `dry`, also completes its save, since nobody
 * resumes it. */
bool checkpoint_finished(const char *run, bool dry);
/* Training JSON of the newest generation that opens, unchecked; NULL if none. hash (may be NULL):
 * of its tensors with their names (files/hash.h), without the times in the JSON. */
att_status checkpoint_peek(const char *run, json_t **state, uint64_t *hash, struct err *e);
/* Reads the model with weights, and the training JSON (new reference), from the newest undamaged
 * generation. *path (for mem_free): its file; *fallback: a newer one is damaged. */
att_status checkpoint_open(const char *run, bool dry, struct model *m, json_t **training,
    char **path, bool *fallback, struct err *e);
/* After a fallback, before the first save: renames the damaged file to
 * RUN/checkpoint.damaged.safetensors, so that it does not replace the good previous one. */
void checkpoint_put_aside(const char *run);
/* Reads the moments and the average; both are initialised, `a` may be NULL. */
att_status checkpoint_moments(
    const char *path, const struct model *m, struct optimiser *o, struct average *a, struct err *e);
