/* SPDX-License-Identifier: Apache-2.0 */
/* Classes in each case, for stratified folds. */
#include "base/mem.h"
#include "base/parallel.h"
#include "dataset/dataset.h"
#include "dataset/memory_set.h"
#include "image/objects.h"

static void present_read_one(void *arg, int index, struct err *e)
{
    const struct dataset *d = arg;
    const struct data_case *c = &d->cases[index];
    struct class_set *present = &d->present[index];
    struct labelmap m;
    if (!c->label || c->bad || case_load_labels(c, &m, e) != ATT_OK) return;
    size_t voxels = image_voxels(m.size);
    for (size_t i = 0; i < voxels; i++) {
        if (i > 0 && m.data[i] == m.data[i - 1]) continue;
        int class = labelling_class(&d->labels, m.data[i]);
        if (class > 0 && class != LABELLING_IGNORE) class_set_add(present, class);
        if (class > 0 && d->labels.objects) class_set_add(present, OBJECT_BORDER);
    }
    labelmap_free(&m);
}

static double present_bytes_of(void *arg, int index)
{
    return 4 * ((const struct dataset *)arg)->cases[index].samples;
}

att_status dataset_find_present(
    struct dataset *d, struct pool *pool, struct host *host, struct err *e)
{
    if (d->present) return ATT_OK;
    TRY(MEM_ARRAY(d->present, d->count, "the classes of cases", e));
    const struct several cases = {d->count, d->sparing ? 1 : 4 * pool_threads(pool),
        "reading labels", present_read_one, NULL, d, present_bytes_of};
    att_status status = parallel_run(&cases, pool, host, e);
    if (status == ATT_OK) return ATT_OK;
    mem_free(d->present);
    d->present = NULL;
    return status;
}
