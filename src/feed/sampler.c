/* SPDX-License-Identifier: Apache-2.0 */
/* Tables for sampler_draw.c, and batches of its patches; called by the training loop. */
#include "feed/sampler.h"

#include <string.h>

#include "base/mem.h"
#include "feed/prefetch.h"

_Static_assert(
    (int)AUGMENT_CHANNELS >= (int)DATASET_CHANNELS, "changes apply to each channel separately");

static bool sampler_has(const struct prepared *p, int class)
{
    return p->first[class + 1] > p->first[class];
}

static att_status find_classes(struct sampler *s, struct err *e)
{
    int total = 0;
    for (int i = 0; i < s->count; i++)
        for (int c = 1; c < s->classes; c++) total += sampler_has(&s->cases[i], c);
    TRY(MEM_ARRAY(s->having, (size_t)total + 1, "the cases of every class", e));
    s->npresent = total = 0;
    for (int c = 0; c < s->classes; c++) {
        s->first[c] = total;
        for (int i = 0; c > 0 && i < s->count; i++)
            if (sampler_has(&s->cases[i], c)) s->having[total++] = i;
        if (total > s->first[c]) s->present[s->npresent++] = c;
    }
    s->first[s->classes] = total;
    return ATT_OK;
}

att_status sampler_begin(struct sampler *s, struct err *e)
{
    s->having = NULL;
    s->work = NULL;
    s->ahead = NULL;
    TRY(MEM_ARRAY(s->jobs, s->batch, "a batch", e));
    att_status status = find_classes(s, e);
    if (status == ATT_OK)
        status = augment_work_create(
            &s->augment, s->batch, s->cases[0].channels, s->patch, s->pool, &s->work, e);
    if (status == ATT_OK && s->pack) status = prefetch_create(s, &s->ahead, e);
    if (status != ATT_OK) sampler_end(s);
    return status;
}

void sampler_end(struct sampler *s)
{
    prefetch_destroy(s->ahead);
    mem_free(s->jobs);
    mem_free(s->having);
    augment_work_destroy(s->work);
    s->jobs = NULL;
    s->having = NULL;
    s->work = NULL;
    s->ahead = NULL;
}

/* The caller's position, or the sampler's. */
static int sampler_find_place(const struct sampler *s, int64_t step, int index, int origin[3])
{
    const struct sampler_position *spot = s->positions ? &s->positions[index] : NULL;
    if (!spot || spot->chosen < 0) return sampler_place(s, step, index, origin);
    memcpy(origin, spot->origin, sizeof spot->origin);
    return spot->chosen;
}

/* Sources and changes of patches, for cases in memory. */
static void find_sources(const struct sampler *s, int64_t step)
{
    for (int i = 0; i < s->batch; i++) {
        struct augment_job *j = &s->jobs[i];
        const int index = sampler_index(s, i);
        const struct prepared *p = &s->cases[sampler_find_place(s, step, index, j->origin)];
        j->source = (struct augment_source){
            p->image, p->classes, p->channels, {p->size[0], p->size[1], p->size[2]}};
        sampler_changes(s, p, step, index, &j->a);
    }
}

att_status sampler_batch(
    const struct sampler *s, int64_t step, float *image, uint8_t *labels, struct err *e)
{
    size_t area = image_voxels(s->patch),
           maps = (size_t)(s->cases[0].channels * augment_slices(&s->augment));
    if (s->ahead)
        TRY(prefetch_take(s->ahead, step, s->jobs, e));
    else
        find_sources(s, step);
    for (int i = 0; i < s->batch; i++) {
        s->jobs[i].out = image + (size_t)i * maps * area;
        s->jobs[i].labels = labels + (size_t)i * area;
    }
    augment_run(s->work, s->jobs, s->batch, LABELLING_IGNORE, s->pool);
    if (s->ahead) prefetch_done(s->ahead);
    return ATT_OK;
}
