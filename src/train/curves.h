/* SPDX-License-Identifier: Apache-2.0 */
/* RUN/curves.png: RUN/log.csv as a picture. */
#ifndef TRAIN_CURVES_H
#define TRAIN_CURVES_H

#include "dataset/labelling.h"

/* Rows that are not as runlog.h writes them are passed over. */
att_status curves_draw(const char *run, const struct labelling *l, struct err *e);

#endif
