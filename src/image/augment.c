/* SPDX-License-Identifier: Apache-2.0 */
/* Augment a batch stage by stage; called by the sampler. Each stage cuts its patches into parts, so
 * that threads share few patches evenly. */
#include "image/augment.h"

#include <string.h>

#include "base/ints.h"
#include "base/mem.h"
#include "image/augment_parts.h"

static void cut_up(struct augment_work *w)
{
    const int *patch = w->patch;
    w->area = image_voxels(patch);
    w->flat_parts = (int)divide_up_size(w->area, PART);
    w->rows = w->lines = patch[2] < PART ? PART / patch[2] : 1;
    w->row_parts = divide_up(patch[0] * patch[1], w->rows);
    if (w->lines > patch[1]) w->lines = patch[1];
    w->plane_parts = divide_up(patch[1], w->lines);
    w->own_size = max_size(augment_warp_own(patch), augment_filter_own(patch, w->lines));
    w->own_size = (w->own_size + 15) / 16 * 16; /* a cache line each */
}

static att_status allocate(struct augment_work *w, const struct augment_options *o, struct err *e)
{
    size_t jobs = (size_t)w->jobs, units = jobs * (size_t)w->maps;
    const bool smoothing = o->blur > 0 || o->low_resolution > 0;
    w->units = mem_array(units, sizeof *w->units);
    w->listed = mem_array(units, sizeof(struct unit *));
    w->bend = mem_array(jobs, sizeof *w->bend);
    w->moments = mem_array(units, (size_t)w->flat_parts * sizeof *w->moments);
    w->beyond = mem_array(jobs, sizeof *w->beyond);
    w->part_beyond = mem_array(jobs, (size_t)w->row_parts * sizeof *w->part_beyond);
    w->own = mem_array((size_t)w->threads, w->own_size * sizeof *w->own);
    w->spare = smoothing ? mem_array(units, w->area * sizeof *w->spare) : NULL;
    w->empty = o->masked ? mem_array(jobs, w->area) : NULL;
    bool good = w->units && w->listed && w->bend && w->moments && w->beyond && w->part_beyond &&
        w->own && (w->spare || !smoothing) && (w->empty || !o->masked);
    return good ? ATT_OK : err_memory(e, units * w->area * sizeof *w->spare, "augmentation");
}

att_status augment_work_create(const struct augment_options *o, int jobs, int channels,
    const int patch[3], const struct pool *pool, struct augment_work **work, struct err *e)
{
    struct augment_work *w;
    *work = NULL;
    TRY(MEM_NEW(w, "augmentation", e));
    w->jobs = jobs;
    w->slices = augment_slices(o);
    w->maps = channels * w->slices;
    w->threads = pool_threads(pool);
    memcpy(w->patch, patch, sizeof w->patch);
    cut_up(w);
    att_status status = allocate(w, o, e);
    if (status == ATT_OK)
        *work = w;
    else
        augment_work_destroy(w);
    return status;
}

void augment_work_destroy(struct augment_work *w)
{
    if (!w) return;
    void *blocks[] = {w->units, w->listed, w->bend, w->moments, w->beyond, w->part_beyond, w->own,
        w->spare, w->empty, w};
    for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++) mem_free(blocks[i]);
}

size_t augment_work_bytes(const struct augment_work *w)
{
    size_t jobs = (size_t)w->jobs, units = jobs * (size_t)w->maps;
    size_t of_unit =
        sizeof *w->units + sizeof(struct unit *) + (size_t)w->flat_parts * sizeof *w->moments;
    size_t of_job =
        sizeof *w->bend + sizeof *w->beyond + (size_t)w->row_parts * sizeof *w->part_beyond;
    size_t smoothing = w->spare ? w->area * sizeof *w->spare : 0, mask = w->empty ? w->area : 0;
    return sizeof *w + units * (of_unit + smoothing) + jobs * (of_job + mask) +
        (size_t)w->threads * w->own_size * sizeof *w->own;
}

/* Select the units of a stage. */
typedef bool unit_fn(const struct unit *u);
static bool augment_is_first(const struct unit *u) { return u->map == 0; }
static bool is_masked(const struct unit *u) { return u->map == 0 && u->empty; }
static bool is_noisy(const struct unit *u) { return u->job->a.noise > 0; }
static bool is_blurred(const struct unit *u)
{
    const float *sigma = u->job->a.blur[u->channel];
    return sigma[0] > 0 || sigma[1] > 0 || sigma[2] > 0;
}
static bool is_brightened(const struct unit *u)
{
    return u->job->a.brightness[u->channel] != 1 || u->job->a.offset != 0;
}
static bool is_contrasted(const struct unit *u) { return u->job->a.contrast[u->channel] != 1; }
static bool is_coarse(const struct unit *u) { return u->job->a.low[u->channel] < 1; }
static bool is_inverted(const struct unit *u) { return u->job->a.inverted[u->channel] != 1; }
static bool is_gamma(const struct unit *u) { return u->job->a.gamma[u->channel] != 1; }
static bool is_cut(const struct unit *u) { return u->job->a.boxes > 0; }
static bool is_unfinished(const struct unit *u)
{
    return *u->beyond || u->empty || u->x != u->home;
}
static bool is_beyond(const struct unit *u) { return u->map == 0 && *u->beyond; }

struct stage {
    struct augment_work *w;
    int parts; /* of every listed unit */
    part_fn *run;
};

static void augment_run_part(void *arg, int task, int worker)
{
    const struct stage *s = arg;
    struct augment_work *w = s->w;
    struct part p = {
        w, w->listed[task / s->parts], task % s->parts, w->own + (size_t)worker * w->own_size};
    s->run(&p);
}

static void run_stage(
    struct augment_work *w, unit_fn *concerns, int parts, part_fn *run, struct pool *pool)
{
    struct stage s = {w, parts, run};
    w->listed_count = 0;
    for (int i = 0; i < w->count; i++)
        if (concerns(&w->units[i])) w->listed[w->listed_count++] = &w->units[i];
    if (w->listed_count) pool_run(pool, w->listed_count * parts, augment_run_part, &s);
}

/* A filter writes to the unit's other buffer. */
static void run_filter(struct augment_work *w, unit_fn *concerns, part_fn *run, struct pool *pool)
{
    run_stage(w, concerns, w->patch[0] * w->plane_parts, run, pool);
    for (int i = 0; i < w->listed_count; i++) {
        struct unit *u = w->listed[i];
        float *swap = u->x;
        u->x = u->free;
        u->free = swap;
    }
}

static void run_measure(struct augment_work *w, unit_fn *concerns, struct pool *pool)
{
    run_stage(w, concerns, w->flat_parts, augment_measure, pool);
    for (int i = 0; i < w->listed_count; i++) augment_know(w, w->listed[i]);
}

static void run_gamma(struct augment_work *w, unit_fn *concerns, part_fn *run, struct pool *pool)
{
    run_measure(w, concerns, pool);
    run_stage(w, concerns, w->flat_parts, run, pool);
    for (int i = 0; i < w->listed_count; i++) augment_compare(w, w->listed[i]);
    run_stage(w, concerns, w->flat_parts, augment_restore, pool);
}

static void augment_begin(
    struct augment_work *w, const struct augment_job *jobs, int count, uint8_t outside)
{
    w->outside = outside;
    w->count = count * w->maps;
    for (int i = 0; i < w->count; i++) {
        const int job = i / w->maps, map = i % w->maps;
        struct unit *u = &w->units[i];
        *u = (struct unit){.job = &jobs[job],
            .map = map,
            .channel = map % AUGMENT_CHANNELS,
            .beyond = &w->beyond[job]};
        u->x = u->home = jobs[job].out + (size_t)map * w->area;
        u->free = w->spare ? w->spare + (size_t)i * w->area : NULL;
        u->empty = w->empty ? w->empty + (size_t)job * w->area : NULL;
    }
    for (int i = 0; i < count; i++)
        if (jobs[i].a.bend > 0) augment_bend(&w->bend[i], &jobs[i].a, w->patch);
}

static void run_warp(struct augment_work *w, struct pool *pool)
{
    run_stage(w, augment_is_first, w->row_parts, augment_warp, pool);
    for (int i = 0; i < w->count / w->maps; i++) {
        w->beyond[i] = false;
        for (int k = 0; k < w->row_parts; k++) w->beyond[i] |= w->part_beyond[i * w->row_parts + k];
    }
}

/* nnU-Net's order; mirroring, its last, is part of the warp. */
void augment_run(struct augment_work *w, const struct augment_job *jobs, int count, uint8_t outside,
    struct pool *pool)
{
    augment_begin(w, jobs, count, outside);
    run_warp(w, pool);
    run_stage(w, is_masked, w->flat_parts, augment_note_empty, pool);
    run_stage(w, is_noisy, w->flat_parts, augment_noise, pool);
    run_filter(w, is_blurred, augment_blur, pool);
    run_stage(w, is_brightened, w->flat_parts, augment_brighten, pool);
    run_measure(w, is_contrasted, pool);
    run_stage(w, is_contrasted, w->flat_parts, augment_contrast, pool);
    run_filter(w, is_coarse, augment_coarsen, pool);
    run_gamma(w, is_inverted, augment_gamma_inverted, pool);
    run_gamma(w, is_gamma, augment_gamma, pool);
    run_measure(w, is_cut, pool);
    run_stage(w, is_cut, 1, augment_cut_out, pool);
    run_stage(w, is_unfinished, w->flat_parts, augment_finish, pool);
    run_stage(w, is_beyond, w->flat_parts, augment_name_beyond, pool);
}
