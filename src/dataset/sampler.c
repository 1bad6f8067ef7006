/* SPDX-License-Identifier: Apache-2.0 */
/* Choosing patches; called by the training loop. */
#include "dataset/sampler.h"

#include <string.h>

#include "base/mem.h"
#include "dataset/prefetch.h"

_Static_assert((int)AUGMENT_CHANNELS >= (int)DATASET_CHANNELS, "every channel of an image is changed by itself");

static bool has(const struct prepared *p, int class) { return p->first[class + 1] > p->first[class]; }

static att_status find_classes(struct sampler *s, struct err *e)
{
    int total = 0;
    for (int i = 0; i < s->count; i++)
        for (int c = 1; c < s->classes; c++) total += has(&s->cases[i], c);
    s->having = mem_array((size_t)total + 1, sizeof *s->having);
    if (!s->having) return err_memory(e, ((size_t)total + 1) * sizeof *s->having, "the cases of every class");
    s->npresent = total = 0;
    for (int c = 0; c < s->classes; c++) {
        s->first[c] = total;
        for (int i = 0; c > 0 && i < s->count; i++)
            if (has(&s->cases[i], c)) s->having[total++] = i;
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
    s->jobs = mem_array((size_t)s->batch, sizeof *s->jobs);
    att_status status = s->jobs ? find_classes(s, e) : err_memory(e, (size_t)s->batch * sizeof *s->jobs, "a batch");
    if (status == ATT_OK)
        status = augment_work_create(s->batch, s->cases[0].channels, s->patch, augment_smooths(&s->augment), s->pool, &s->work, e);
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

static int below(struct rng *r, int n) { return (int)rng_below(r, (uint32_t)n); }

/* A voxel of the class: any, or any component's. */
static uint32_t draw_voxel(const struct prepared *p, int class, struct rng *r)
{
    int parts = p->parts[class + 1] - p->parts[class];
    if (rng_uniform(r) < .5 && parts > 0) {
        const int *first = p->part_first + p->parts[class] + below(r, parts);
        return p->part_places[first[0] + below(r, first[1] - first[0])];
    }
    return p->places[p->first[class] + below(r, p->first[class + 1] - p->first[class])];
}

int sampler_choose(const struct sampler *s, int64_t step, int index, struct rng *r, int *class)
{
    *r = rng_stream(s->seed, RNG_SAMPLE, (uint32_t)step, (uint32_t)index);
    bool centred = rng_uniform(r) < s->foreground && s->npresent > 0;
    *class = centred ? s->present[below(r, s->npresent)] : -1;
    if (!centred) return below(r, s->count);
    return s->having[s->first[*class] + below(r, s->first[*class + 1] - s->first[*class])];
}

void sampler_origin(const struct sampler *s, const struct prepared *p, int class, struct rng *r, int origin[3])
{
    const int *size = p->size;
    int place[3] = {0};
    if (class >= 0) {
        uint32_t v = draw_voxel(p, class, r);
        place[2] = (int)(v % (uint32_t)size[2]);
        place[1] = (int)(v / (uint32_t)size[2] % (uint32_t)size[1]);
        place[0] = (int)(v / (uint32_t)size[2] / (uint32_t)size[1]);
    }
    for (int i = 0; i < 3; i++) {
        int room = size[i] - s->patch[i];
        if (room <= 0) {
            origin[i] = -(-room / 2); /* in the middle of the patch */
        } else if (class >= 0) {
            int o = place[i] - s->patch[i] / 2;
            origin[i] = o < 0 ? 0 : o > room ? room : o;
        } else {
            origin[i] = below(r, room + 1);
        }
    }
}

int sampler_place(const struct sampler *s, int64_t step, int index, int origin[3])
{
    struct rng r;
    int class, chosen = sampler_choose(s, step, index, &r, &class);
    sampler_origin(s, &s->cases[chosen], class, &r, origin);
    return chosen;
}

void sampler_changes(const struct sampler *s, const struct prepared *p, int64_t step, int index, struct augment *a)
{
    struct augment_options o = s->augment;
    o.through = augment_through(s->dims, s->patch, p->spacing);
    for (int i = 0; i < 3; i++) o.spacing[i] = (double)p->spacing[i];
    augment_draw(&o, s->seed, (uint32_t)step, (uint32_t)index, a);
}

/* The caller's place, or the sampler's. */
static int place(const struct sampler *s, int64_t step, int index, int origin[3])
{
    const struct sampler_spot *spot = s->spots ? &s->spots[index] : NULL;
    if (!spot || spot->chosen < 0) return sampler_place(s, step, index, origin);
    memcpy(origin, spot->origin, sizeof spot->origin);
    return spot->chosen;
}

/* Where patches come from and what happens to them, of cases in memory. */
static void find_sources(const struct sampler *s, int64_t step)
{
    for (int i = 0; i < s->batch; i++) {
        struct augment_job *j = &s->jobs[i];
        const struct prepared *p = &s->cases[place(s, step, i, j->origin)];
        j->source = (struct augment_source){p->image, p->classes, p->channels, {p->size[0], p->size[1], p->size[2]}};
        sampler_changes(s, p, step, i, &j->a);
    }
}

att_status sampler_batch(const struct sampler *s, int64_t step, float *image, uint8_t *labels, struct err *e)
{
    size_t area = image_voxels(s->patch), channels = (size_t)s->cases[0].channels;
    if (s->ahead)
        TRY(prefetch_take(s->ahead, step, s->jobs, e));
    else
        find_sources(s, step);
    for (int i = 0; i < s->batch; i++) {
        s->jobs[i].out = image + (size_t)i * channels * area;
        s->jobs[i].labels = labels + (size_t)i * area;
    }
    augment_run(s->work, s->jobs, s->batch, LABELLING_IGNORE, s->pool);
    if (s->ahead) prefetch_done(s->ahead);
    return ATT_OK;
}
