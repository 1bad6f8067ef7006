/* SPDX-License-Identifier: Apache-2.0 */
/* Mean label of a model's training cases, for the location prior. */
#include "base/mem.h"
#include "measure/policies.h"
#include "model/prepare.h"

/* Cells of the whole image along an axis, in 2D and 3D. */
enum { CELLS_2D = 64, CELLS_3D = 32 };

/* Covers the image with tiles of about one cell. */
static att_status cover_image(
    const int size[3], const int cells[3], struct tiling *t, struct err *e)
{
    int tile[3];
    for (int i = 0; i < 3; i++) tile[i] = (size[i] + cells[i] - 1) / cells[i];
    return tiling_make(size, tile, (const int[3]){0, 0, 0}, t, e);
}

static double policies_prior_share_of(
    const uint8_t *classes, const int size[3], const int first[3], const int extent[3])
{
    size_t there = 0;
    for (int d = first[0]; d < first[0] + extent[0]; d++)
        for (int h = first[1]; h < first[1] + extent[1]; h++) {
            const uint8_t *row = classes +
                ((size_t)d * (size_t)size[1] + (size_t)h) * (size_t)size[2] + (size_t)first[2];
            for (int w = 0; w < extent[2]; w++) there += row[w] != 0 && row[w] != LABELLING_IGNORE;
        }
    return (double)there / (double)image_voxels(extent);
}

static att_status policies_prior_add_classes(
    const uint8_t *classes, const int size[3], struct prior *p, struct err *e)
{
    struct tiling t;
    TRY(cover_image(size, p->cells, &t, e));
    double *share;
    TRY(MEM_ARRAY(share, t.count, "the mean label", e));
    for (int i = 0; i < t.count; i++) {
        int first[3], extent[3];
        tiling_part(&t, i, first, extent);
        share[i] = policies_prior_share_of(classes, size, first, extent);
    }
    prior_add(p, &t, share);
    mem_free(share);
    return ATT_OK;
}

static att_status policies_prior_add_case(const struct model *m, const struct dataset *d, int index,
    struct pool *pool, struct prior *p, struct err *e)
{
    struct sample s;
    struct placed where;
    TRY(dataset_load(d, index, &s, e));
    att_status status = s.classes
        ? prepare_image(&m->prep, &s.image, pool, &where, e)
        : err_data(e, "case %s has lost its label; restore it", d->cases[index].id);
    if (status == ATT_OK) status = prepare_replace_labels(&where, &s.classes, pool, e);
    if (status == ATT_OK) status = policies_prior_add_classes(s.classes, where.size, p, e);
    sample_free(&s);
    return status;
}

att_status policies_prior(const struct model *m, const struct dataset *d, const int *list,
    int count, struct host *host, struct prior *p, struct err *e)
{
    bool flat = m->facts.dims == 2;
    const int cells[3] = {
        flat ? 1 : CELLS_3D, flat ? CELLS_2D : CELLS_3D, flat ? CELLS_2D : CELLS_3D};
    TRY(prior_create(p, cells, e));
    att_status status = ATT_OK;
    for (int i = 0; i < count && status == ATT_OK; i++) {
        host_progress(host, "mean label", i, count, NULL);
        status = host_stopped(host)
            ? err_set(e, ATT_INTERRUPTED, "stopped while computing the mean label")
            : policies_prior_add_case(m, d, list[i], host->pool, p, e);
    }
    host_progress(host, "mean label", count, count, NULL);
    if (status != ATT_OK) prior_free(p);
    return status;
}
