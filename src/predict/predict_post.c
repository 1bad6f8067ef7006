/* SPDX-License-Identifier: Apache-2.0 */
/* Post-processing knows the classes of the labelling; a prediction of regions knows which region was written last.  For predict_decode.c.
 */
#include "predict/predict_post.h"

#include <string.h>

#include "base/mem.h"

/* The class that region k - 1 writes; of plain classes, k itself. */
static att_status map_classes(const struct labelling *l, uint8_t map[LABELLING_MAX + 1], struct err *e)
{
    for (int k = 0; k <= LABELLING_MAX; k++) map[k] = (uint8_t)k;
    for (int k = 1; k <= l->regions; k++) {
        int class = labelling_class(l, l->region_value[k - 1]);
        if (class < 0 || class >= l->count)
            return err_set(
                e, ATT_MODEL,
                "the region %s writes the value %d, which no class has, so post-processing cannot be applied: give --no-postprocess",
                l->region_name[k - 1], (int)l->region_value[k - 1]);
        map[k] = (uint8_t) class;
    }
    return ATT_OK;
}

static void count(const uint8_t *classes, size_t voxels, int64_t sum[256])
{
    memset(sum, 0, 256 * sizeof *sum);
    for (size_t i = 0; i < voxels; i++) sum[classes[i]]++;
}

static void count_regions(const struct labelling *l, const int64_t left[256], int64_t *voxels)
{
    for (int k = 0; k < l->regions; k++) {
        voxels[k] = 0;
        for (int c = 0; c < l->count; c++)
            if (class_set_has(l->region[k], c)) voxels[k] += left[c];
    }
}

att_status post_apply(const struct postprocess *post, const struct labelling *l, bool by_region, struct prediction *out, struct err *e)
{
    size_t voxels = image_voxels(out->labels.size);
    uint8_t map[LABELLING_MAX + 1], *classes = out->classes;
    int64_t before[256], left[256];
    TRY(map_classes(l, map, e));
    bool regions = by_region && l->regions > 0;
    if (regions) classes = mem_alloc(voxels);
    if (!classes) return err_memory(e, voxels, "post-processing");
    for (size_t i = 0; regions && i < voxels; i++) classes[i] = map[out->classes[i]];
    count(classes, voxels, before);
    att_status status = postprocess_apply(post, classes, out->labels.size, e);
    count(classes, voxels, left);
    for (size_t i = 0; regions && i < voxels; i++)
        if (classes[i] == 0) out->classes[i] = 0;
    if (regions) {
        count_regions(l, left, out->voxels);
        mem_free(classes);
    }
    for (int c = 1; c < LABELLING_MAX; c++) out->dropped[c] = before[c] - left[c];
    out->post = true;
    return status;
}
