/* SPDX-License-Identifier: Apache-2.0 */
#include "measure/surface_files.h"

#include <string.h>

#include "base/mem.h"

/* State of one case. */
struct masks {
    int size[3];
    uint8_t *classes[2]; /* predicted, true */
    uint8_t *mask[2];    /* of one class or region */
};

static att_status surface_files_measure(struct masks *m, const struct labelling *l,
    const double spacing[3], double tolerance, struct pool *pool, struct surface_scores *out,
    struct err *e)
{
    size_t voxels = image_voxels(m->size);
    for (int k = 0; k < labelling_targets(l); k++) {
        struct class_set set = labelling_target_set(l, k);
        for (size_t i = 0; i < voxels; i++) {
            uint8_t p = m->classes[0][i], t = m->classes[1][i];
            bool counts = t != LABELLING_IGNORE;
            m->mask[0][i] = counts && class_set_has(set, p);
            m->mask[1][i] = counts && class_set_has(set, t);
        }
        TRY(surface_measure(m->mask[0], m->mask[1], m->size, spacing, tolerance, pool, &out[k], e));
    }
    return ATT_OK;
}

att_status surface_files(const struct mask_pair *pair, const struct labelling *l,
    const double spacing[3], double tolerance, struct pool *pool, struct surface_scores *out,
    struct err *e)
{
    struct masks m = {.size = {0, 0, 0}};
    int size[3];
    att_status status = labelling_load(l, pair->predicted, &m.classes[0], m.size, e);
    if (status == ATT_OK) status = pair_load_classes(pair, l, &m.classes[1], size, e);
    if (status == ATT_OK && memcmp(size, m.size, sizeof size) != 0)
        status = err_data(e, "%s and %s now differ in size, so a file has changed; evaluate again",
            pair->predicted, pair->truth);
    for (int k = 0; k < 2; k++) m.mask[k] = mem_alloc(image_voxels(m.size));
    if (status == ATT_OK && (!m.mask[0] || !m.mask[1]))
        status = err_memory(e, image_voxels(m.size), "two masks");
    if (status == ATT_OK) status = surface_files_measure(&m, l, spacing, tolerance, pool, out, e);
    for (int k = 0; k < 2; k++) {
        mem_free(m.classes[k]);
        mem_free(m.mask[k]);
    }
    return status;
}
