/* SPDX-License-Identifier: Apache-2.0 */
/* Which classes each case shows, for stratified folds. */
#include "base/mem.h"
#include "dataset/dataset.h"
#include "format/format.h"

struct work {
    struct dataset *d;
    int first;
    struct err *errs; /* one per task */
};

static void look(void *arg, int task, int worker)
{
    struct work *w = arg;
    const struct data_case *c = &w->d->cases[w->first + task];
    struct class_set *present = &w->d->present[w->first + task];
    struct labelmap m;
    (void)worker;
    if (!c->label || c->bad || format_load_labels(c->label, &m, &w->errs[task]) != ATT_OK) return;
    size_t voxels = image_voxels(m.size);
    for (size_t i = 0; i < voxels; i++) {
        if (i > 0 && m.data[i] == m.data[i - 1]) continue;
        int class = labelling_class(&w->d->labels, m.data[i]);
        if (class > 0 && class != LABELLING_IGNORE) class_set_add(present, class);
    }
    labelmap_free(&m);
}

static att_status look_at_all(struct work *w, struct pool *pool, struct log *log, int together, struct err *e)
{
    int count = w->d->count;
    for (w->first = 0; w->first < count; w->first += together) {
        int n = count - w->first < together ? count - w->first : together;
        if (log_stopped(log)) return err_set(e, ATT_INTERRUPTED, "stopped while looking at the labels");
        pool_run(pool, n, look, w);
        for (int i = 0; i < n; i++)
            if (w->errs[i].status != ATT_OK) return err_set(e, w->errs[i].status, "%s", w->errs[i].text);
        log_progress(log, "looking at the labels", w->first + n, count, NULL);
    }
    return ATT_OK;
}

att_status dataset_find_present(struct dataset *d, struct pool *pool, struct log *log, struct err *e)
{
    int together = d->sparing ? 1 : 4 * pool_threads(pool);
    struct work w = {.d = d};
    if (d->present) return ATT_OK;
    d->present = mem_array((size_t)d->count, sizeof *d->present);
    w.errs = mem_array((size_t)together, sizeof *w.errs);
    att_status status = d->present && w.errs ? look_at_all(&w, pool, log, together, e)
                                             : err_memory(e, (size_t)d->count * sizeof *d->present, "the classes of cases");
    mem_free(w.errs);
    if (status == ATT_OK) return ATT_OK;
    mem_free(d->present);
    d->present = NULL;
    return status;
}
