/* SPDX-License-Identifier: Apache-2.0 */
/* Runs the networks on views, case by case; for stage 2. */
#include "hard/hard_cache.h"

#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "dataset/labelling.h"
#include "predict/look_count.h"

static const uint32_t CHANGE_STREAM =
    UINT32_MAX; /* no step has this number; steps are the streams of patches */

int hard_cache_fits(
    const struct view_rules *r, const struct hard *h, int classes, int views, double bytes)
{
    const double per_tile = (h->glimpse ? 2 : 1) * h->input.count * (double)sizeof(float) +
        classes * 5.0 * sizeof(double);
    double used = 0;
    for (int i = 0; i < views; i++) {
        struct view v;
        view_of(r, i, &v);
        used += (double)view_tiles(&v, h->tile) * per_tile;
        if (used > bytes) return i > 0 ? i : 1;
    }
    return views;
}

/* ---- filling */

struct cache_builder {
    struct hard_runner *runner;
    const struct labelling *labels;
    bool glimpse;
    int dims;
    struct look_count count;
    const struct view_rules *rules;
    struct view_image shown, plain; /* with changed intensities, for the networks; without */
    struct look look;
    uint8_t *fine, *fine_shown; /* fine labels of a case and of its view; not for arch=glimpse */
};

static att_status copy_inputs(const struct look *k, float **to, struct err *e)
{
    size_t numbers = (size_t)k->in.count * (size_t)k->tiling.count;
    TRY(MEM_ARRAY(*to, numbers, "the policy's inputs", e));
    memcpy(*to, k->inputs, numbers * sizeof **to);
    return ATT_OK;
}

static att_status make_labels(struct cache_builder *f, struct err *e)
{
    const size_t max = view_max(f->rules);
    if (f->glimpse) return ATT_OK;
    f->fine = mem_alloc(max);
    f->fine_shown = mem_alloc(max);
    return f->fine && f->fine_shown ? ATT_OK
                                    : err_memory(e, 2 * max, "the fine network's labels of a case");
}

/* Counts fine labels by running the fine network on all tiles. */
static att_status count_fine(struct cache_builder *f, struct tile_sums *sums, struct err *e)
{
    struct look *k = &f->look;
    if (!f->glimpse)
        return look_count_all(&f->count, &f->shown.image, f->shown.classes, k, f->fine, sums, e);
    for (int tile = 0; tile < k->tiling.count; tile++) {
        TRY(look_count_tile(&f->count, &f->shown.image, f->shown.classes, k, tile, true, sums, e));
        look_seen(k, tile, f->count.logits);
    }
    return ATT_OK;
}

/* As the sampler draws it for patches. A 2D network sees one slice, so no blur across slices. */
static void draw_change(
    const struct cache_builder *f, int64_t number, const struct view *v, struct augment *a)
{
    struct augment_options o = f->rules->change;
    o.through = augment_through(f->dims, v->size, f->rules->cases[v->chosen].spacing);
    augment_draw(&o, f->rules->seed, CHANGE_STREAM, (uint32_t)number, a);
    for (int c = 0; f->dims == 2 && c < AUGMENT_CHANNELS; c++) a->blur[c][0] = 0;
}

static att_status hard_cache_change(const struct train_context *c, struct cache_builder *f,
    int64_t number, const struct view *v, struct err *e)
{
    struct augment_work *work;
    struct augment_job job = {.out = f->shown.image.data, .labels = f->shown.classes};
    const struct image *from = &f->plain.image;
    job.source = (struct augment_source){
        from->data, f->plain.classes, from->channels, {v->size[0], v->size[1], v->size[2]}};
    draw_change(f, number, v, &job.a);
    TRY(augment_work_create(
        &f->rules->change, 1, from->channels, v->size, c->host->pool, &work, e));
    augment_run(work, &job, 1, LABELLING_IGNORE, c->host->pool);
    augment_work_destroy(work);
    memcpy(f->shown.image.size, v->size, sizeof v->size);
    f->shown.image.geometry = from->geometry;
    return ATT_OK;
}

static att_status hard_cache_show(const struct train_context *c, struct cache_builder *f,
    int64_t number, const struct view *v, struct err *e)
{
    const struct prepared *p = &f->rules->cases[v->chosen];
    const bool changed = number >= f->rules->count;
    view_show(v, p, changed ? &f->plain : &f->shown);
    return changed ? hard_cache_change(c, f, number, v, e) : ATT_OK;
}

static att_status fill_one(const struct train_context *c, struct cache_builder *f, int64_t number,
    struct cached *to, struct err *e)
{
    struct view v;
    struct look *k = &f->look;
    view_of(f->rules, number, &v);
    const struct prepared *p = &f->rules->cases[v.chosen];
    const bool first = number < f->rules->count;
    TRY(hard_cache_show(c, f, number, &v, e));
    TRY(look_coarse(f->runner, &f->shown.image, k, e));
    memcpy(to->grid, k->tiling.grid, sizeof to->grid);
    TRY(copy_inputs(k, &to->inputs, e));
    TRY(tile_sums_create(&to->sums, k->tiling.count, labelling_targets(f->labels), e));
    if (first || f->glimpse) {
        TRY(count_fine(f, &to->sums, e));
    } else {
        view_show_labels(&v, p, f->fine, f->fine_shown);
        for (int tile = 0; tile < k->tiling.count; tile++)
            look_count_labelled(&f->count, f->shown.classes, f->fine_shown, k, tile, &to->sums);
    }
    tile_sums_total(&to->sums);
    return f->glimpse ? copy_inputs(k, &to->seen, e) : ATT_OK;
}

static att_status hard_cache_fill_all(
    const struct train_context *c, struct cache_builder *f, struct hard_cache *cache, struct err *e)
{
    const int cases = f->rules->count;
    int done = 0;
    for (int k = 0; k < cases; k++)
        for (int i = k; i < cache->count; i += cases) {
            double begin = clock_now();
            if (host_stopped(c->host))
                return err_set(e, ATT_INTERRUPTED, "stopped while computing tiles");
            TRY(fill_one(c, f, i, &cache->view[i], e));
            *(i < cases ? &cache->first_seconds : &cache->further_seconds) += clock_now() - begin;
            host_progress(c->host, "computing tiles", ++done, cache->count, NULL);
        }
    cache->first_seconds /= cache->count < cases ? cache->count : cases;
    if (cache->count > cases) cache->further_seconds /= cache->count - cases;
    return ATT_OK;
}

static att_status alloc_flipped(struct hard_cache *cache, struct err *e)
{
    size_t tiles = 0, channels = (size_t)cache->hard->input.count;
    for (int i = 0; i < cache->count; i++) {
        size_t n = (size_t)cache->view[i].sums.tiles;
        tiles = n > tiles ? n : tiles;
    }
    struct flipped *f = &cache->flipped;
    f->inputs = mem_array(tiles, channels * sizeof *f->inputs);
    f->seen = mem_array(tiles, channels * sizeof *f->seen);
    f->from = mem_array(tiles, sizeof *f->from);
    return f->inputs && f->seen && f->from
        ? ATT_OK
        : err_memory(e, 2 * tiles * channels * sizeof *f->inputs, "a mirrored view");
}

att_status hard_cache_fill(const struct train_context *c, struct hard_runner *l,
    const struct model *m, const struct hard *h, const struct view_rules *r, int count,
    struct hard_cache *cache, struct err *e)
{
    struct cache_builder f = {
        .runner = l, .labels = &m->labels, .glimpse = h->glimpse, .dims = h->dims, .rules = r};
    *cache = (struct hard_cache){.count = count, .hard = h};
    TRY(MEM_ARRAY(cache->view, count, "the views of the training cases", e));
    att_status status = view_image_create(r, &f.shown, e);
    if (status == ATT_OK && count > r->count) status = view_image_create(r, &f.plain, e);
    if (status == ATT_OK) status = make_labels(&f, e);
    if (status == ATT_OK) status = look_count_create(&f.count, m, l, c->host, e);
    if (status == ATT_OK) status = hard_cache_fill_all(c, &f, cache, e);
    if (status == ATT_OK) status = alloc_flipped(cache, e);
    look_free(&f.look);
    look_count_free(&f.count);
    view_image_free(&f.shown);
    view_image_free(&f.plain);
    mem_free(f.fine);
    mem_free(f.fine_shown);
    if (status != ATT_OK) hard_cache_free(cache);
    return status;
}

void hard_cache_free(struct hard_cache *cache)
{
    for (int i = 0; cache->view && i < cache->count; i++) {
        mem_free(cache->view[i].inputs);
        mem_free(cache->view[i].seen);
        tile_sums_free(&cache->view[i].sums);
    }
    mem_free(cache->view);
    mem_free(cache->flipped.inputs);
    mem_free(cache->flipped.seen);
    mem_free(cache->flipped.from);
    memset(cache, 0, sizeof *cache);
}

/* ---- mirrored grids */

static bool is_position(const struct hard *h, int channel)
{
    return channel >= h->input.place && channel < h->input.place + h->dims;
}

static void flip_table(
    const struct hard *h, const float *table, const int *from, int tiles, float *out)
{
    for (int c = 0; c < h->input.count; c++, table += tiles, out += tiles) {
        const bool stays = is_position(h, c);
        for (int t = 0; t < tiles; t++) out[t] = table[stays ? t : from[t]];
    }
}

void hard_cache_flip(struct hard_cache *cache, const struct cached *v, const bool mirror[3])
{
    const int *g = v->grid, tiles = v->sums.tiles;
    struct flipped *f = &cache->flipped;
    for (int t = 0; t < tiles; t++) {
        int at[3] = {t / g[2] / g[1], t / g[2] % g[1], t % g[2]};
        for (int a = 0; a < 3; a++) at[a] = mirror[a] ? g[a] - 1 - at[a] : at[a];
        f->from[t] = (at[0] * g[1] + at[1]) * g[2] + at[2];
    }
    flip_table(cache->hard, v->inputs, f->from, tiles, f->inputs);
    if (v->seen) flip_table(cache->hard, v->seen, f->from, tiles, f->seen);
}
