/* SPDX-License-Identifier: Apache-2.0 */
/* Draw a case and a class, then a voxel; called by sampler.c, prefetch.c and preview.c. */
#include "feed/sampler_draw.h"

static int sampler_draw_below(struct rng *r, int n) { return (int)rng_below(r, (uint32_t)n); }

/* Any voxel of the class, or of a component. Class 0: any labelled voxel. */
static uint32_t draw_voxel(const struct prepared *p, int class, struct rng *r)
{
    const int parts = p->parts[class + 1] - p->parts[class];
    if (class > 0 && rng_uniform(r) < .5 && parts > 0) {
        const int *first = p->part_first + p->parts[class] + sampler_draw_below(r, parts);
        return p->part_places[first[0] + sampler_draw_below(r, first[1] - first[0])];
    }
    return p
        ->places[p->first[class] + sampler_draw_below(r, p->first[class + 1] - p->first[class])];
}

int sampler_choose(const struct sampler *s, int64_t step, int index, struct rng *r, int *class)
{
    *r = rng_stream(s->seed, RNG_SAMPLE, (uint32_t)step, (uint32_t)index);
    bool centred = rng_uniform(r) < s->foreground && s->npresent > 0;
    *class = centred ? s->present[sampler_draw_below(r, s->npresent)] : -1;
    if (!centred) return sampler_draw_below(r, s->count);
    return s
        ->having[s->first[*class] + sampler_draw_below(r, s->first[*class + 1] - s->first[*class])];
}

void sampler_origin(
    const struct sampler *s, const struct prepared *p, int class, struct rng *r, int origin[3])
{
    const int *size = p->size;
    int place[3] = {0};
    /* if most is ignored, a random patch would teach little */
    const bool centred = class > 0 || p->first[1] > 0;
    if (centred) {
        uint32_t v = draw_voxel(p, class > 0 ? class : 0, r);
        place[2] = (int)(v % (uint32_t)size[2]);
        place[1] = (int)(v / (uint32_t)size[2] % (uint32_t)size[1]);
        place[0] = (int)(v / (uint32_t)size[2] / (uint32_t)size[1]);
    }
    for (int i = 0; i < 3; i++) {
        int room = size[i] - s->patch[i];
        if (room <= 0) {
            origin[i] = -(-room / 2); /* centred in the patch */
        } else if (centred) {
            int o = place[i] - s->patch[i] / 2;
            origin[i] = o < 0 ? 0 : o > room ? room : o;
        } else {
            origin[i] = sampler_draw_below(r, room + 1);
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

void sampler_changes(
    const struct sampler *s, const struct prepared *p, int64_t step, int index, struct augment *a)
{
    struct augment_options o = s->augment;
    o.through = augment_through(s->dims, s->patch, p->spacing);
    for (int i = 0; i < 3; i++) o.spacing[i] = (double)p->spacing[i];
    augment_draw(&o, s->seed, (uint32_t)step, (uint32_t)index, a);
}
