/* SPDX-License-Identifier: Apache-2.0 */
/* Begins or reopens a search, from options, a data set and its journal, if any. */
#pragma once

#include "tune/tuning.h"

/* Read or begin OUT; afterwards the journal has its first line. `o`: options of `tune`. */
att_status tuning_open(
    struct tuning *t, const char *dataset, const struct options *o, struct err *e);
