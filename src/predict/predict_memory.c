/* SPDX-License-Identifier: Apache-2.0 */
/* Counts every block that grows with the image, plus what the process already holds. */
#include "predict/predict_memory.h"

#include <math.h>
#include <string.h>

#include "base/limit.h"
#include "base/mem.h"
#include "image/objects.h"

static const double mib = 1 << 20;

/* Peak bytes per stage. */
struct memory_needs {
    double preparing, running, ending; /* without logits in flight */
    double network;                    /* part of `running` */
};

static double loaded(const struct image *m)
{
    return (double)sizeof(float) * m->channels * image_voxels_double(m->size);
}

/* Besides the loaded image: peak and remainder of preparing. */
static void estimate_preparing(
    const struct dense *w, const struct image *m, bool give, double *peak, double *left)
{
    const struct predictor *p = w->p;
    int last = 0;
    *peak = *left = 0;
    for (int t = 0; t < p->nturns; t++)
        if (p->turns[t].image == t) last = t;
    for (int t = 0; t <= last; t++) {
        double max, grown;
        if (p->turns[t].image != t) continue;
        if (!give || t != last) *left += loaded(m); /* a copy */
        prepare_bytes(&p->prep[p->turns[t].first], &w->where, m->channels, pool_threads(p->pool),
            &max, &grown);
        *peak = fmax(*peak, *left + max);
        *left += grown;
    }
}

/* The largest network of a turn, with the mean of its passes. */
static att_status estimate_networks(struct dense *w, double *max, struct err *e)
{
    *max = 0;
    for (int t = 0; t < w->p->nturns; t++) {
        double bytes = 0;
        TRY(dense_build(w, t, e));
        for (int i = 0; w->passes.means && i < w->passes.count; i++)
            bytes += (double)sizeof(real) * (double)tensor_size(&w->passes.result[i]);
        if (w->passes.moments) bytes += 2.0 * sizeof(real) * (double)tensor_size(&w->passes.pass);
        *max = fmax(*max, bytes + (double)w->p->network.run.plan.work_bytes);
    }
    return ATT_OK;
}

/* Maps: on their own grids while windows run; on the image's grid at the end; during
 * interpolation. */
static void estimate_maps(const struct dense *w, double *running, double *kept, double *moving)
{
    const struct graph *g = &w->p->network.graph;
    const int *window = w->p->turns[0].window;
    double fine = 1, own = 0, whole = image_voxels_double(w->where.whole);
    int maps = 0, padded[3];
    for (int i = 0; i < 3; i++) {
        padded[i] = w->where.size[i] > window[i] ? w->where.size[i] : window[i];
        fine *= padded[i] + window[i];
    }
    for (int i = 0; w->p->options.attention && i < g->noutputs; i++) {
        struct shape s = g->values[g->outputs[i].value].s;
        if (s.c != 1 || g->outputs[i].value == w->p->network.logits) continue;
        own += ceil((double)padded[0] * s.d / window[0] + 1) *
            ceil((double)padded[1] * s.h / window[1] + 1) *
            ceil((double)padded[2] * s.w / window[2] + 1);
        maps++;
    }
    *running = sizeof(float) * own;
    *kept = sizeof(float) * (own + maps * whole);
    *moving = maps ? 4 * sizeof(float) * fmax(fine, whole) : 0;
}

/* Post-processing by planes: a plane, and runs of two. */
static double post_plane(const struct dense *w)
{
    return 17.0 * w->where.whole[1] * w->where.whole[2];
}

/* Numbering the objects of a mask, per voxel. */
static double objects_bytes(const struct dense *w)
{
    return w->p->models[0].labels.objects ? OBJECTS_BYTES * image_voxels_double(w->where.whole) : 0;
}

/* All but the sums. At the end the prepared images are freed, and taken samples too. */
static att_status predict_memory_estimate(
    struct dense *w, const struct image *m, bool give, struct memory_needs *f, struct err *e)
{
    const struct predict_options *o = &w->p->options;
    double whole = image_voxels_double(w->where.whole), work, images, maps, maps_kept, maps_moving;
    TRY(estimate_networks(w, &work, e));
    estimate_preparing(w, m, give, &f->preparing, &images);
    estimate_maps(w, &maps, &maps_kept, &maps_moving);
    f->network = work;
    double results =
        whole + (o->probabilities ? (double)sizeof(float) * w->slab.channels * whole : 0);
    if (o->variance)
        results +=
            (double)sizeof(float) * (w->slab.channels + 1) * image_voxels_double(w->where.size);
    double labels = whole * (double)sizeof *w->out->labels.data + objects_bytes(w),
           post = postprocess_any(&o->post) ? whole + post_plane(w) : 0;
    f->running = images + work + results + maps;
    const double variance = o->variance ? sizeof(float) * 6 * whole : 0; /* and moving it */
    f->ending = variance + work + results + maps_kept + fmax(maps_moving, fmax(labels, post)) -
        (give ? loaded(m) : 0);
    return ATT_OK;
}

/* The same for a streamed image. working: bytes of decoding before all else. */
static att_status estimate_scan(
    struct dense *w, const struct image *m, double working, struct memory_needs *f, struct err *e)
{
    const struct predictor *p = w->p;
    const double all = image_voxels_double(m->size), row = m->size[2];
    double window = 0;
    *f = (struct memory_needs){
        .preparing = fmax(working, sizeof(float) * fmin(all, fmax(row, MEMORY_PART)))};
    TRY(estimate_networks(w, &f->network, e));
    for (int t = 0; t < p->nturns; t++) {
        const struct preparation *prep = &p->prep[p->turns[t].first];
        window = fmax(window,
            image_voxels_double(p->turns[t].window) * p->models[p->turns[t].first].facts.slices *
                (m->channels * (double)sizeof(float) + prep->nonzero));
        if (p->turns[t].image == t)
            f->preparing = fmax(f->preparing,
                prepare_file_bytes(prep, &w->where, MEMORY_PASS, pool_threads(p->pool)));
    }
    f->running = f->network + window;
    f->ending =
        f->network + (postprocess_any(&p->options.post) ? post_plane(w) + fmin(all, 32 * mib) : 0);
    if (p->models[0].labels.objects)
        f->ending += all * (1 + sizeof *w->out->labels.data) + objects_bytes(w);
    return ATT_OK;
}

/* Of the largest column. */
static double sums(const struct dense *w, const int columns[2])
{
    struct slab s = w->slab;
    double max = 0;
    for (int i = 0; i < columns[0]; i++)
        for (int j = 0; j < columns[1]; j++)
            if (dense_column(w, columns, i, j, &s.column)) max = fmax(max, slab_bytes(&s));
    return max;
}

/* Maps and variances need every window exactly once: one column. */
static void max_columns(const struct dense *w, int max[2])
{
    const struct predict_options *o = &w->p->options;
    for (int a = 0; a < 2; a++) max[a] = o->attention || o->variance ? 1 : w->axis[0][a + 1].count;
}

/* The next finer cut: first along h, then w, by one or an eighth. */
static bool cut_more(int columns[2], const int max[2])
{
    int axis = columns[0] < max[0] ? 0 : 1, more = columns[axis] / 8 + 1;
    if (columns[axis] >= max[axis]) return false;
    columns[axis] = max[axis] - columns[axis] < more ? max[axis] : columns[axis] + more;
    return true;
}

/* all: the whole image was counted, though its crop may be smaller. */
static att_status memory_refuse(double limit, double needed, bool all, struct err *e)
{
    char text[BYTES_TEXT], min[LIMIT_TEXT];
    bytes_text(limit, text);
    limit_text(needed, min);
    if (all)
        return err_set(e, ATT_MEMORY,
            "predicting this image takes more than %s; %s would do, and a smaller one if much "
            "of the image is zero",
            text, min);
    return err_set(e, ATT_MEMORY,
        "predicting this image takes more than %s; the smallest limit that would do is %s", text,
        min);
}

/* Needs of one way to read the image, without the sums of a column. */
struct need {
    bool filed;
    double base, running;
    double min; /* with the best number of columns */
};

static struct need memory_need_of(const struct memory_needs *f, double used, bool filed)
{
    return (struct need){filed, used + fmax(f->preparing, f->ending), used + f->running, INFINITY};
}

/* Finds the fewest columns for which a way fits; returns the first such way or -1. */
static int memory_choose(struct dense *w, struct need *ways, int count, double limit)
{
    int max[2], columns[2] = {1, 1};
    const bool filed = w->slab.filed;
    max_columns(w, max);
    for (bool more = true; more; more = cut_more(columns, max))
        for (int i = 0; i < count; i++) {
            w->slab.filed = ways[i].filed;
            double needed = fmax(ways[i].base, ways[i].running + sums(w, columns));
            w->slab.filed = filed;
            ways[i].min = fmin(ways[i].min, needed);
            if (needed > limit) continue;
            memcpy(w->columns, columns, sizeof columns);
            return i;
        }
    return -1;
}

/* Bytes of the process after dropping the previous network, which would count twice. */
static double resident_without_network(struct predictor *p)
{
    network_drop(&p->network);
    mem_trim();
    return (double)resident_pinned() + LIMIT_PREDICTING;
}

static att_status memory_cut(
    struct dense *w, const struct memory_needs *f, double used, bool filed, struct err *e)
{
    const double limit = w->p->options.max_memory;
    struct need way = memory_need_of(f, used, filed);
    return memory_choose(w, &way, 1, limit) < 0 ? memory_refuse(limit, way.min, false, e) : ATT_OK;
}

att_status memory_plan(struct dense *w, const struct image *m, bool give, struct err *e)
{
    struct memory_needs f;
    if (!(w->p->options.max_memory > 0)) return ATT_OK;
    double used = resident_without_network(w->p);
    TRY(predict_memory_estimate(w, m, give, &f, e));
    return memory_cut(w, &f, used, false, e);
}

att_status memory_plan_scan(struct dense *w, const struct image *m, struct err *e)
{
    struct memory_needs f;
    double used = resident_without_network(w->p);
    TRY(estimate_scan(w, m, 0, &f, e));
    return memory_cut(w, &f, used, true, e);
}

static bool may_crop(const struct predictor *p)
{
    bool any = false;
    for (int i = 0; i < p->count; i++) any = any || prepare_crops(&p->prep[i]);
    return any;
}

att_status memory_estimate(struct dense *w, const struct image *m,
    const struct predict_reading *how, bool *stay, struct err *e)
{
    const double limit = w->p->options.max_memory;
    struct memory_needs whole, filed;
    const bool twice = how->files > 1 ||
        turn_any(&m->geometry.turned); /* files are joined, turned images copied */
    double used = resident_without_network(w->p),
           loading = used + loaded(m) * (twice ? 2 : 1) + how->working;
    TRY(predict_memory_estimate(w, m, how->give, &whole, e));
    TRY(estimate_scan(w, m, how->working, &filed, e));
    struct need ways[2] = {
        memory_need_of(&whole, used + loaded(m), false), memory_need_of(&filed, used, true)};
    ways[0].base = fmax(ways[0].base, loading);
    int way = memory_choose(w, ways, *stay ? 2 : 1, limit);
    double min = fmin(ways[0].min, ways[1].min);
    if (!*stay) return loading <= limit ? ATT_OK : memory_refuse(limit, min, may_crop(w->p), e);
    *stay = way != 0;
    return way >= 0 || (may_crop(w->p) && used + filed.network <= limit)
        ? ATT_OK
        : memory_refuse(limit, min, may_crop(w->p), e);
}

double memory_available(const struct predictor *p)
{
    return p->options.max_memory > 0
        ? p->options.max_memory - (double)resident_pinned() - LIMIT_PREDICTING / 2
        : INFINITY;
}
