/* SPDX-License-Identifier: Apache-2.0 */
#include "measure/measure_dice.h"

#include "base/mean.h"
#include "base/mem.h"

struct overlap measure_overlap(
    const struct labelling *l, int k, const uint8_t *predicted, const uint8_t *truth, size_t voxels)
{
    const struct class_set set = labelling_target_set(l, k);
    return overlap_count(predicted, truth, voxels, set, set);
}

att_status measure_dice(const struct labelling *l, const struct labelmap *predicted,
    const uint8_t *classes, const char *id, double *dice, struct err *e)
{
    size_t voxels = image_voxels(predicted->size);
    uint8_t *found;
    struct mean mean = {0};
    att_status status = MEM_BYTES(found, voxels, "a mask", e);
    if (status == ATT_OK) status = labelling_encode(l, predicted, id, found, e);
    for (int k = 0; status == ATT_OK && k < labelling_targets(l); k++) {
        struct overlap o = measure_overlap(l, k, found, classes, voxels);
        mean_add(&mean, overlap_dice(&o));
    }
    mem_free(found);
    *dice = mean_of(&mean);
    return status;
}
