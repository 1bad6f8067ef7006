/* SPDX-License-Identifier: Apache-2.0 */
/* Which post-processing helps, found on validation cases of all folds together. */
#ifndef MEASURE_CHOOSE_POST_H
#define MEASURE_CHOOSE_POST_H

#include <jansson.h>

#include "base/host.h"
#include "base/pool.h"
#include "measure/pairs.h"
#include "model/postprocess.h"

/* Tried one after the other, each on top of what was kept before: of all foreground together only
 * the largest component; then, where there are several classes, the largest component of each; then
 * for each class the smallest size of a component, at the smallest, the 1st, 5th and 10th
 * percentile of the components of the true masks. A rule is kept if the mean Dice over classes
 * (regions), each over cases, rises and that of no class drops (nnU-Net's rule; the smallest size
 * is an addition), and if it helps more cases than it harms; a case in which nothing is, and
 * nothing is left, is helped.  `sparing`: one case at a time, in the caller's thread.
 *
 * *report (may be NULL) becomes postprocess_to_json of what was kept, with {"cases": 208, "dice":
 * {"before": {"mean": .88, "classes":
 * {"lesion": .88, ...}}, "after": {...}}, "tried": [{"rule": "largest component of lesion", "mean":
 * .882, "better": 12, "worse": 3, "kept": true}, ...]}. */
att_status choose_post(const struct mask_pairs *pairs, const struct labelling *l, struct pool *pool,
    struct host *host, bool sparing, struct postprocess *post, json_t **report, struct err *e);

#endif
