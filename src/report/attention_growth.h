/* SPDX-License-Identifier: Apache-2.0 */
/* How attention maps grow over a training: the models that a run kept on the way (`train
 * --snapshots`), measured on the same cases, and a picture of one slice, a row per model (as figure
 * 4 of arXiv 1804.03999 shows maps at growing epochs). */
#ifndef REPORT_ATTENTION_GROWTH_H
#define REPORT_ATTENTION_GROWTH_H

#include "measure/attention.h"

struct growth;

/* Models of RUN/snapshots in the order of their steps; a run that has none gives *g = NULL. */
att_status growth_measure(const char *run, const struct dataset *d, const int *list, int count,
    const struct predict_options *o, const struct kernels *kernels, struct pool *pool,
    struct host *host, struct growth **g, struct err *e);
void growth_free(struct growth *g); /* NULL is fine */

/* [{"step": 100, "dice": .7, "gates": [{"gate", "inside", "outside", "auc", "entropy", "p1",
 * "p99"}, ...]}, ...], means over cases. */
json_t *growth_report(const struct growth *g);
/* FOLDER/attention.png: of the first case that has foreground, the slice along d with most of it;
 * the image and every gate's map, black where it is 0, white where it is 1, the true labels
 * outlined.  Of many models some are shown, the first and the last among them. */
att_status growth_draw(const struct growth *g, const char *folder, struct err *e);

#endif
