/* SPDX-License-Identifier: Apache-2.0 */
/* The network, data and buffers of a run, before its first step. */
#pragma once

#include "train/training.h"

/* Needs recipe, data, split, model and began. Loads the cases, builds and plans the network, and
 * allocates all that a step needs. */
att_status training_build(struct training *t, struct err *e);
