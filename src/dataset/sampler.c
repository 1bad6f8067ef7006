/* SPDX-License-Identifier: Apache-2.0 */
/* Choosing patches; called by the training loop. */
#include "dataset/sampler.h"

#include <string.h>

#include "base/mem.h"

enum { PLACES = 4096 };

static void count_classes(const struct sample *s, size_t voxels, int64_t *count)
{
    for (size_t i = 0; i < voxels; i++) count[s->classes[i]]++;
}

att_status prepared_make(struct sample *s, int classes, struct prepared *p, struct err *e)
{
    memset(p, 0, sizeof *p);
    size_t voxels = image_voxels(s->image.size);
    if (voxels > UINT32_MAX)
        return err_set(e, ATT_DATA, "an image of %zu voxels is too large to train on; crop it or use --resize", voxels);
    int64_t count[256] = {0}, seen[256] = {0};
    count_classes(s, voxels, count);
    int total = 0;
    for (int c = 0; c < classes; c++) {
        p->first[c] = total;
        if (c > 0) total += (int)(count[c] < PLACES ? count[c] : PLACES);
    }
    for (int c = classes; c <= LABELLING_MAX; c++) p->first[c] = total;
    p->places = mem_array((size_t)total + 1, sizeof *p->places);
    if (!p->places) return err_memory(e, (size_t)total * sizeof *p->places, "places of foreground");
    int filled[256] = {0};
    for (size_t i = 0; i < voxels; i++) {
        int c = s->classes[i];
        if (c == 0 || c >= classes) continue;
        int room = p->first[c + 1] - p->first[c];
        /* The k-th of `count` voxels is kept when it is the first whose share reaches the next of `room` places. */
        if (seen[c]++ * room >= filled[c] * count[c] && filled[c] < room) p->places[p->first[c] + filled[c]++] = (uint32_t)i;
    }
    p->image = s->image.data;
    p->classes = s->classes;
    p->channels = s->image.channels;
    memcpy(p->size, s->image.size, sizeof p->size);
    s->image.data = NULL;
    s->classes = NULL;
    return ATT_OK;
}

void prepared_free(struct prepared *p)
{
    mem_free(p->image);
    mem_free(p->classes);
    mem_free(p->places);
    memset(p, 0, sizeof *p);
}

/* A voxel of one of the classes the case has, each class equally likely; false when it has none. */
static bool draw_place(const struct sampler *s, const struct prepared *p, struct rng *r, int place[3])
{
    int present[LABELLING_MAX], n = 0;
    for (int c = 1; c < s->classes; c++)
        if (p->first[c + 1] > p->first[c]) present[n++] = c;
    if (!n) return false;
    int c = present[rng_below(r, (uint32_t)n)];
    uint32_t v = p->places[p->first[c] + (int)rng_below(r, (uint32_t)(p->first[c + 1] - p->first[c]))];
    place[2] = (int)(v % (uint32_t)p->size[2]);
    place[1] = (int)(v / (uint32_t)p->size[2] % (uint32_t)p->size[1]);
    place[0] = (int)(v / (uint32_t)p->size[2] / (uint32_t)p->size[1]);
    return true;
}

static void draw_origin(const struct sampler *s, const struct prepared *p, struct rng *r, int origin[3])
{
    int place[3];
    bool centred = rng_uniform(r) < s->foreground && draw_place(s, p, r, place);
    for (int i = 0; i < 3; i++) {
        int room = p->size[i] - s->patch[i];
        if (room <= 0) {
            origin[i] = -(-room / 2); /* in the middle of the patch */
        } else if (centred) {
            int o = place[i] - s->patch[i] / 2;
            origin[i] = o < 0 ? 0 : o > room ? room : o;
        } else {
            origin[i] = (int)rng_below(r, (uint32_t)room + 1);
        }
    }
}

struct job {
    const struct sampler *s;
    int64_t step;
    float *image;
    uint8_t *labels;
};

static void draw_patch(void *arg, int task, int worker)
{
    (void)worker;
    const struct job *j = arg;
    const struct sampler *s = j->s;
    struct rng r = rng_stream(s->seed, RNG_SAMPLE, (uint32_t)j->step, (uint32_t)task);
    const struct prepared *p = &s->cases[rng_below(&r, (uint32_t)s->count)];
    int origin[3];
    draw_origin(s, p, &r, origin);
    struct rng changes = rng_stream(s->seed, RNG_AUGMENT, (uint32_t)j->step, (uint32_t)task);
    struct augment a;
    augment_draw(&s->augment, &changes, &a);
    size_t area = image_voxels(s->patch);
    struct augment_source from = {p->image, p->classes, p->channels, {p->size[0], p->size[1], p->size[2]}};
    augment_patch(&from, origin, s->patch, LABELLING_IGNORE, &a, j->image + (size_t)task * area * (size_t)p->channels,
                  j->labels + (size_t)task * area);
}

void sampler_batch(const struct sampler *s, int64_t step, float *image, uint8_t *labels, struct pool *pool)
{
    struct job j = {s, step, image, labels};
    pool_run(pool, s->batch, draw_patch, &j);
}
