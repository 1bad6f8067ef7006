/* SPDX-License-Identifier: Apache-2.0 */
/* Tables in the folder of a data set that may say whose images are whose. */
#pragma once

#include "dataset/dataset.h"

/* Warns, once, if a CSV or TSV file of the folder has the names of most cases in one column, and in
 * another one, whose name says patients or the like, some text for several of them. The cases are
 * sorted. */
att_status tables_ask(struct dataset *d, struct host *host, struct err *e);
