/* SPDX-License-Identifier: Apache-2.0 */
/* Chooses post-processing by the validation cases of all folds. */
#pragma once

#include <jansson.h>

#include "base/host.h"
#include "base/pool.h"
#include "measure/pairs.h"
#include "model/postprocess.h"

/* Rules are tried in turn, on top of those accepted: the largest component of all foreground; with
 * several classes, the largest component of each; then per class the minimum size, at the minimum,
 * 1st, 5th and 10th percentile of true components. A rule is accepted if the mean Dice over classes
 * (regions), each over cases, rises, no class drops (nnU-Net's rule; the minimum size is an
 * addition), and it helps more cases than it harms; emptying a case that is truly empty helps.
 * `sparing`: one case at a time, in the caller's thread.
 * *report (or NULL) becomes postprocess_to_json of the result, with {"cases": 208, "dice":
 * {"before": {"mean": .88, "classes": {"lesion": .88, ...}}, "after": {...}}, "tried": [{"rule":
 * "largest component of lesion", "mean": .882, "better": 12, "worse": 3, "kept": true}, ...]}. */
att_status choose_post(const struct mask_pairs *pairs, const struct labelling *l, struct pool *pool,
    struct host *host, bool sparing, struct postprocess *post, json_t **report, struct err *e);
