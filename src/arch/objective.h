/* SPDX-License-Identifier: Apache-2.0 */
/* The training objective: a sum of losses over the network's heads, from text like "dice+ce" or
 * "dice(batch=yes)+0.5*ce". */
#pragma once

#include "base/class_set.h"
#include "graph/graph.h"

enum { TARGET_MAX = 254 };

/* Meaning of the logits' channels. Classes: softmax, channel = label. Regions: sigmoid, channel k
 * is the union of the labels in region[k]. */
struct target {
    int channels;
    bool regions;
    struct class_set region[TARGET_MAX];
    float weight[TARGET_MAX]; /* cross-entropy's weight per channel; all 0: none */
};

/* Heads, finest first: values of outputs "logits", "logits.1", ..., at most SUM_MAX_IN. Returns
 * their number. */
int objective_heads(const struct graph *g, int *heads);

/* Append labels (value *label, one class per pixel, LABEL_IGNORE if unknown) and losses on outputs
 * "logits" and, with deep supervision, "logits.1", ...: weights 1, 1/2, 1/4, ..., scaled to sum 1,
 * labels by nearest voxel. The coarsest of several has no loss, so its parameters do not train. The
 * output "loss" is value *loss. */
att_status objective_build(struct graph *g, const char *text, const struct target *t, int *label,
    int *loss, struct err *e);
/* Check the text only. */
att_status objective_check(const char *text, struct err *e);

/* For a valid text: ATT_USAGE unless some loss takes class weights. */
att_status objective_check_weights(const char *text, struct err *e);
