/* SPDX-License-Identifier: Apache-2.0 */
#include "dataset/leakage.h"

#include <string.h>

#include "base/mem.h"
#include "base/parallel.h"
#include "dataset/duplicates.h"
#include "image/signature.h"

struct reading {
    const struct dataset *d;
    const int *list;
    float *x; /* signatures */
};

bool leakage_possible(const struct dataset *d, const struct split *s)
{
    return s->ntrain > 0 && s->nval > 0 && !d->pack;
}

static void leakage_read_one(void *arg, int i, struct err *e)
{
    const struct reading *r = arg;
    const bool flat = r->d->dims == 2;
    struct image m;
    if (dataset_load_image(r->d, r->list[i], &m, e) != ATT_OK) return;
    signature_take(&m, flat, r->x + (size_t)i * (size_t)signature_length(flat), e);
    image_free(&m);
}

static double leakage_bytes_of(void *arg, int i)
{
    const struct reading *r = arg;
    return 8 * r->d->cases[r->list[i]].samples;
}

static void dataset_leakage_warn(const struct dataset *d, const struct split *s,
    const struct duplicate *list, int count, struct host *host)
{
    if (!count) return;
    host_warn(host, WARN_DUPLICATES_ACROSS_SPLIT,
        "%d validation case%s training cases, such as %s and %s; if they show one patient, scores "
        "will be too good; `groups-out` of info writes a groups.csv that keeps them together",
        count, count == 1 ? " looks like" : "s look like", d->cases[s->val[list->b - s->ntrain]].id,
        d->cases[s->train[list->a]].id);
}

att_status leakage_check(const struct dataset *d, const struct split *s, const float *train,
    struct pool *pool, struct host *host, struct err *e)
{
    const bool flat = d->dims == 2;
    const size_t length = (size_t)signature_length(flat),
                 all = (size_t)(s->ntrain + s->nval) * length;
    struct duplicate *list = NULL;
    int count = 0;
    float *x;
    TRY(MEM_ARRAY(x, all, "the signatures of images", e));
    memcpy(x, train, (size_t)s->ntrain * length * sizeof *x);
    struct reading r = {.d = d, .list = s->val, .x = x + (size_t)s->ntrain * length};
    const struct several cases = {s->nval, d->sparing ? 1 : 4 * pool_threads(pool),
        "reading the validation cases", leakage_read_one, NULL, &r, leakage_bytes_of};
    att_status status = parallel_run(&cases, pool, host, e);
    if (status == ATT_OK)
        status = duplicates_across(x, s->ntrain, s->nval, flat, pool, &list, &count, e);
    if (status == ATT_OK) dataset_leakage_warn(d, s, list, count, host);
    mem_free(list);
    mem_free(x);
    return status;
}
