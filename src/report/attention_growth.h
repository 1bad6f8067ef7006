/* SPDX-License-Identifier: Apache-2.0 */
/* How attention maps develop in training: measures a run's snapshots on the same cases, and draws
 * one slice with a row per model (as in figure 4 of arXiv 1804.03999). */
#pragma once

#include "measure/attention.h"

struct growth;

/* Measures the models of RUN/snapshots in order of steps; *g is NULL if there are none. */
att_status growth_measure(const char *run, const struct dataset *d, const int *list, int count,
    const struct predict_options *o, struct host *host, struct growth **g, struct err *e);
void growth_free(struct growth *g); /* g may be NULL */

/* [{"step": 100, "dice": .7, "gates": [{"gate", "inside", "outside", "auc", "entropy", "p1",
 * "p99"}, ...]}, ...], means over cases. */
json_t *growth_report(const struct growth *g);
/* Writes FOLDER/attention.png: of the first case with foreground, the slice along d with most of
 * it; the image and each gate's map, black for 0, white for 1, with outlines of the true labels. Of
 * many models, it shows a selection with the first and the last. */
att_status growth_draw(const struct growth *g, const char *folder, struct err *e);
