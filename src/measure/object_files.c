/* SPDX-License-Identifier: Apache-2.0 */
#include "measure/object_files.h"

#include <string.h>

#include "base/mem.h"
#include "dataset/labelling.h"
#include "format/format.h"

static att_status object_files_compare(const struct mask_pair *pair, struct labelmap m[2],
    int ignore, const double spacing[3], struct object_scores *s, struct err *e)
{
    const size_t voxels = image_voxels(m[1].size);
    uint16_t *number[2] = {NULL, NULL};
    if (!image_same_triple(m[0].size, m[1].size))
        return err_data(e, "%s and %s now differ in size, so a file has changed; evaluate again",
            pair->predicted, pair->truth);
    for (size_t i = 0; i < voxels && ignore >= 0; i++)
        if (m[1].data[i] == ignore) m[0].data[i] = m[1].data[i] = 0;
    number[0] = labelling_number(&m[0], -1, pair->predicted, e);
    if (number[0]) number[1] = labelling_number(&m[1], -1, pair->truth, e);
    if (number[1]) object_scores_measure(number[0], number[1], m[1].size, spacing, s, e);
    mem_free(number[0]);
    mem_free(number[1]);
    return e->status;
}

att_status object_files(const struct mask_pair *pair, int ignore, const double spacing[3],
    struct object_scores *s, struct err *e)
{
    struct labelmap m[2];
    memset(m, 0, sizeof m);
    att_status status = format_load_labels(pair->predicted, &m[0], e);
    if (status == ATT_OK) status = pair_load_truth(pair, &m[1], e);
    if (status == ATT_OK) status = object_files_compare(pair, m, ignore, spacing, s, e);
    labelmap_free(&m[0]);
    labelmap_free(&m[1]);
    return status;
}
