/* SPDX-License-Identifier: Apache-2.0 */
/* What training minimises: a sum of losses over the network's heads, from text like "dice+ce" or
 * "dice(batch=yes)+0.5*ce". */
#ifndef ARCH_OBJECTIVE_H
#define ARCH_OBJECTIVE_H

#include "base/class_set.h"
#include "graph/graph.h"

enum { TARGET_MAX = 254 };

/* What the logits' channels stand for. Classes: softmax, channel = label. Regions: sigmoid, channel
 * k is the union of the labels in region[k]. */
struct target {
    int channels;
    bool regions;
    struct class_set region[TARGET_MAX];
    float weight[TARGET_MAX]; /* cross-entropy's weight per channel; all 0: none */
};

/* The network's heads, the finest first: the values of outputs "logits", "logits.1", ..., at most
 * SUM_MAX_IN.  Returns how many. */
int objective_heads(const struct graph *g, int *heads);

/* Appends labels (value *label, to be filled with one class per pixel, LABEL_IGNORE where unknown)
 * and the losses on outputs "logits" and, with deep supervision, "logits.1", ...: weights 1, 1/2,
 * 1/4, ..., scaled to sum 1, labels taken at the nearest voxel. The coarsest of several has no
 * loss, so that its parameters do not train. The output "loss" is value *loss. */
att_status objective_build(struct graph *g, const char *text, const struct target *t, int *label,
    int *loss, struct err *e);
/* Checks the text only. */
att_status objective_check(const char *text, struct err *e);

/* Of a text that is right: some loss in it takes class weights, or that is said. */
att_status objective_check_weights(const char *text, struct err *e);

#endif
