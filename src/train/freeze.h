/* SPDX-License-Identifier: Apache-2.0 */
/* Freezing: parts of a network keep their weights while the rest trains. */
#pragma once

#include "model/model.h"

/* list: words separated by commas, each "encoder" or a prefix of parameter names, such as
 * "enc.0.,gate.". Graphs built later give these parameters neither gradients nor weight decay;
 * their batch norms use and keep the running statistics; no backward step runs, and no map is kept,
 * for them alone. ATT_USAGE if a word names nothing, or nothing is left to train. */
att_status freeze_apply(const char *list, struct model *m, struct err *e);
/* ATT_USAGE: this list leaves nothing to train. */
att_status freeze_nothing(const char *list, struct err *e);
/* Number of weights that are not frozen, counted as in torch. */
int64_t freeze_trained(const struct params *p);
