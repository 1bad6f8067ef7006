/* SPDX-License-Identifier: Apache-2.0 */
#include "predict/predict_post.h"

#include <string.h>

static att_status map_classes(const struct labelling *l, uint8_t map[256], struct err *e)
{
    for (int k = 0; k < 256; k++) map[k] = (uint8_t)k;
    for (int k = 1; k <= l->regions; k++) {
        int class = labelling_class(l, l->region_value[k - 1]);
        if (class < 0 || class >= l->count)
            return err_model(e,
                "the region %s writes the value %d, which no class has, so post-processing "
                "cannot run; set `postprocess` to no",
                l->region_name[k - 1], (int)l->region_value[k - 1]);
        map[k] = (uint8_t) class;
    }
    return ATT_OK;
}

static att_status post_count(
    const struct drop_planes *planes, const uint8_t class_of[256], int64_t sum[256], struct err *e)
{
    int64_t values[256];
    TRY(drop_count(planes, values, e));
    memset(sum, 0, 256 * sizeof *sum);
    for (int v = 0; v < 256; v++) sum[class_of[v]] += values[v];
    return ATT_OK;
}

att_status post_apply(const struct postprocess *post, const struct labelling *l,
    const struct drop_planes *planes, double max, struct prediction *out, struct err *e)
{
    uint8_t class_of[256];
    int64_t before[256], left[256];
    TRY(map_classes(l, class_of, e));
    TRY(post_count(planes, class_of, before, e));
    TRY(postprocess_planes(post, class_of, planes, max, e));
    TRY(post_count(planes, class_of, left, e));
    for (int c = 1; c < LABELLING_MAX; c++) out->dropped[c] = before[c] - left[c];
    out->post = true;
    return ATT_OK;
}
