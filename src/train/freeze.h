/* SPDX-License-Identifier: Apache-2.0 */
/* Parts of a network that keep their numbers while the rest trains. */
#pragma once

#include "model/model.h"

/* `list`: "" (nothing), or words separated by commas, each "encoder" or the beginning of
 * parameters' names, such as "enc.0.,gate.".  What they name is frozen in the graphs that are built
 * from now on: it gets neither gradients nor weight decay, its batch norms use their running
 * statistics and leave them as they are, and no backward step is run, and no map kept, for its sake
 * alone.  ATT_USAGE when a word names nothing, or nothing would be left to train. */
att_status freeze_apply(const char *list, struct model *m, struct err *e);
/* ATT_USAGE: this list leaves nothing to train. */
att_status freeze_nothing(const char *list, struct err *e);
/* How many numbers are not frozen, as torch counts. */
int64_t freeze_trained(const struct params *p);
