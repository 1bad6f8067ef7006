/* SPDX-License-Identifier: Apache-2.0 */
#include "dataset/apart.h"

#include <string.h>

#include "base/mem.h"
#include "dataset/alike.h"
#include "image/signature.h"

struct reading {
    const struct dataset *d;
    const int *list;
    int first;
    float *x; /* signatures */
    struct err *errs;
};

bool apart_possible(const struct dataset *d, const struct split *s) { return s->ntrain > 0 && s->nval > 0 && !d->pack; }

static void read_one(void *arg, int task, int worker)
{
    const struct reading *r = arg;
    const bool flat = r->d->dims == 2;
    const int i = r->first + task;
    struct image m;
    (void)worker;
    if (dataset_load_image(r->d, r->list[i], &m, &r->errs[task]) != ATT_OK) return;
    signature_take(&m, flat, r->x + (size_t)i * (size_t)signature_length(flat), &r->errs[task]);
    image_free(&m);
}

static att_status read_all(struct reading *r, int count, struct pool *pool, struct log *log, struct err *e)
{
    const int together = 4 * pool_threads(pool);
    r->errs = mem_array((size_t)together, sizeof *r->errs);
    if (!r->errs) return err_memory(e, (size_t)together * sizeof *r->errs, "the images that validate");
    att_status status = ATT_OK;
    for (r->first = 0; r->first < count && status == ATT_OK; r->first += together) {
        const int n = count - r->first < together ? count - r->first : together;
        if (log_stopped(log)) status = err_set(e, ATT_INTERRUPTED, "stopped while looking at the cases that validate");
        if (status == ATT_OK) pool_run(pool, n, read_one, r);
        for (int i = 0; i < n && status == ATT_OK; i++)
            if (r->errs[i].status != ATT_OK) status = err_set(e, r->errs[i].status, "%s", r->errs[i].text);
        log_progress(log, "looking at the cases that validate", r->first + n, count, NULL);
    }
    mem_free(r->errs);
    return status;
}

static void tell(const struct dataset *d, const struct split *s, const struct alike *list, int count, struct log *log)
{
    if (!count) return;
    log_say(log, LOG_WARN,
            "%d pair%s of images look%s alike with one that trains and one that validates, such as %s and %s: if they are of one patient, "
            "scores will be too good; 'attunet info %s --groups-out FILE' writes a groups.csv that holds them together",
            count, count == 1 ? "" : "s", count == 1 ? "s" : "", d->cases[s->train[list->a]].id, d->cases[s->val[list->b - s->ntrain]].id,
            d->path);
}

att_status apart_tell(const struct dataset *d, const struct split *s, const float *train, struct pool *pool, struct log *log, struct err *e)
{
    const bool flat = d->dims == 2;
    const size_t length = (size_t)signature_length(flat), all = (size_t)(s->ntrain + s->nval) * length;
    struct alike *list = NULL;
    int count = 0;
    float *x = mem_array(all, sizeof *x);
    if (!x) return err_memory(e, all * sizeof *x, "the signatures of images");
    memcpy(x, train, (size_t)s->ntrain * length * sizeof *x);
    struct reading r = {.d = d, .list = s->val, .x = x + (size_t)s->ntrain * length};
    att_status status = read_all(&r, s->nval, pool, log, e);
    if (status == ATT_OK) status = alike_across(x, s->ntrain, s->nval, flat, pool, &list, &count, e);
    if (status == ATT_OK) tell(d, s, list, count, log);
    mem_free(list);
    mem_free(x);
    return status;
}
