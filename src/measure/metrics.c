/* SPDX-License-Identifier: Apache-2.0 */
#include "measure/metrics.h"

#include <math.h>

#include "dataset/labelling.h"

static double ratio(int64_t part, int64_t whole)
{
    return whole > 0 ? (double)part / (double)whole : (double)NAN;
}

double overlap_dice(const struct overlap *o) { return ratio(2 * o->tp, 2 * o->tp + o->fp + o->fn); }

double overlap_iou(const struct overlap *o) { return ratio(o->tp, o->tp + o->fp + o->fn); }

double overlap_precision(const struct overlap *o) { return ratio(o->tp, o->tp + o->fp); }

double overlap_recall(const struct overlap *o) { return ratio(o->tp, o->tp + o->fn); }

struct overlap overlap_count(const uint8_t *predicted, const uint8_t *truth, size_t voxels,
    struct class_set of_predicted, struct class_set of_truth)
{
    struct overlap o = {0};
    for (size_t i = 0; i < voxels; i++) {
        if (truth[i] == LABELLING_IGNORE) continue;
        bool p = class_set_has(of_predicted, predicted[i]), t = class_set_has(of_truth, truth[i]);
        o.tp += p && t;
        o.fp += p && !t;
        o.fn += !p && t;
        o.tn += !p && !t;
    }
    return o;
}
