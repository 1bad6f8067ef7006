/* SPDX-License-Identifier: Apache-2.0 */
/* What ranks other than 0 do: they build the trainings that rank 0 begins and follow its orders
 * (lead.h). They write nothing and print nothing. */
#pragma once

#include "train/train_context.h"

/* Until rank 0 dismisses them; returns its status. */
att_status follow_leader(const struct train_context *c, struct err *e);
