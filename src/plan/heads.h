/* SPDX-License-Identifier: Apache-2.0 */
/* Which parameters make the logits, whatever a network calls them; for what a network begins with.
 */
#pragma once

#include "model/model.h"

/* is[p]: whether parameter p is of a node that an output of logits comes from; an array for
 * mem_free. */
att_status heads_mark(struct model *m, bool **is, struct err *e);
