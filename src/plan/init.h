/* SPDX-License-Identifier: Apache-2.0 */
/* A run that begins with the weights of a model: --init. */
#pragma once

#include "base/host.h"
#include "base/options.h"
#include "plan/recipe.h"

/* The model of a file or run folder, for training on `d`: it must take images of as many channels,
 * in the same order, and a 3D model needs volumes. */
att_status init_load(const char *path, const struct dataset *d, struct model *from, struct err *e);

/* The spec: the model's, with as many classes as the labels need. `words` (may be NULL) are the
 * user's, which may not change anything else.
 */
att_status init_spec(const struct model *from, const char *words, const struct dataset *d,
    struct recipe *r, struct arch_facts *f, struct err *e);

/* Weights and running statistics go over by name where shapes agree; the others stay as they are,
 * and so do heads where one of the models has a softmax and the other sigmoids, or where classes
 * have other names. Says how many, and which are new, and warns of channels of other names. */
att_status init_weights(
    const struct model *from, const char *path, struct model *to, struct host *host, struct err *e);
