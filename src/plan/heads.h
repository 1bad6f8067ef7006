/* SPDX-License-Identifier: Apache-2.0 */
/* Finds the parameters of a network's heads, whatever their names. */
#pragma once

#include "model/model.h"

/* Sets is[p] if parameter p belongs to a node that produces logits. Free it with mem_free. */
att_status heads_mark(struct model *m, bool **is, struct err *e);
