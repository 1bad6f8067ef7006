/* SPDX-License-Identifier: Apache-2.0 */
/* Starts a run from the weights of a model: `init`. */
#pragma once

#include "base/host.h"
#include "base/options.h"
#include "plan/recipe.h"

/* Loads a model from a file or run folder for training on `d`. It must take as many channels in the
 * same order, and a 3D model needs volumes. */
att_status init_load(const char *path, const struct dataset *d, struct model *from, struct err *e);

/* Sets r->spec: the model's, with the classes that the labels need. `words` (may be NULL) are the
 * user's and may change nothing else. */
att_status init_spec(const struct model *from, const char *words, const struct dataset *d,
    struct recipe *r, struct arch_facts *f, struct err *e);

/* Copies weights and running statistics by name where shapes agree. Does not copy heads if one
 * model has a softmax and the other sigmoids, or if classes have other names. Logs how many tensors
 * were copied and which are new; warns of channels with other names. */
att_status init_weights(
    const struct model *from, const char *path, struct model *to, struct host *host, struct err *e);
