/* SPDX-License-Identifier: Apache-2.0 */
/* Windows in layers, layers into slabs. A 2D network takes a volume slice by slice. */
#include "predict/predict_dense.h"

#include <stdlib.h>
#include <string.h>

#include "base/ints.h"
#include "base/limit.h"
#include "base/mem.h"
#include "predict/predict_mask.h"
#include "predict/predict_memory.h"

static att_status dense_lay_windows(struct dense *w, int t, struct err *e)
{
    const struct predictor *p = w->p;
    struct turn *turn = &w->p->turns[t];
    const struct model *m = &p->models[turn->first];
    turn->passes = turn->models;
    for (int i = 0; i < 3; i++) {
        int wanted = i == 0 && m->facts.dims == 2 ? 1
            : p->options.window[i]                ? p->options.window[i]
                                                  : m->prep.patch[i];
        int size = w->where.size[i], whole = round_up(size, m->facts.multiple[i]),
            asked = round_up(wanted, m->facts.multiple[i]);
        /* Instance norm counts the zeros around a small image, so keep as many as in training. */
        const int side = asked > 0 && (asked < whole || m->facts.instance) ? asked : whole;
        if (side != turn->window[i]) turn->macs = 0;
        turn->window[i] = side;
        TRY(window_axis_make(size, turn->window[i], p->options.overlap, 1, &w->axis[t][i], e));
        if (w->mirror[i] && turn->window[i] > 1) turn->passes *= 2;
    }
    return ATT_OK;
}

static int by_plane(const void *x, const void *y)
{
    const struct slab_layer *a = x, *b = y;
    if (a->first != b->first) return a->first < b->first ? -1 : 1;
    return a->turn != b->turn ? a->turn - b->turn : a->index - b->index;
}

static att_status order_layers(struct dense *w, struct err *e)
{
    size_t count = 0;
    for (int t = 0; t < w->p->nturns; t++) count += (size_t)w->axis[t][0].count;
    TRY(MEM_ARRAY(w->layers, count, "the windows of an image", e));
    for (int t = 0; t < w->p->nturns; t++)
        for (int i = 0; i < w->axis[t][0].count; i++) {
            const struct window_axis *a = &w->axis[t][0];
            int first = a->first[i], end = first + a->cells;
            w->layers[w->nlayers++] =
                (struct slab_layer){t, i, first > 0 ? first : 0, end < a->size ? end : a->size};
        }
    qsort(w->layers, count, sizeof *w->layers, by_plane);
    return ATT_OK;
}

/* Counts each window once, as without a memory limit, so that no limit changes the mask. */
static att_status limit_mirroring(struct dense *w, struct err *e)
{
    double work = 0;
    bool any = false;
    for (int t = 0; t < w->p->nturns; t++) {
        struct turn *turn = &w->p->turns[t];
        if (turn->macs == 0)
            TRY(network_macs(&w->p->models[turn->first], turn->window, &turn->macs, e));
        double windows = 1;
        for (int i = 0; i < 3; i++) windows *= w->axis[t][i].count;
        work += turn->macs * windows * (double)turn->passes;
        any = any || turn->passes > turn->models;
    }
    if (!any || work <= w->p->options.work) return ATT_OK;
    for (int t = 0; t < w->p->nturns; t++) w->p->turns[t].passes = w->p->turns[t].models;
    memset(w->mirror, 0, sizeof w->mirror);
    if (w->out) w->out->work = work;
    return ATT_OK;
}

static att_status lay_all(struct dense *w, struct err *e)
{
    int64_t windows = 0;
    for (int t = 0; t < w->p->nturns; t++) {
        TRY(dense_lay_windows(w, t, e));
        int64_t count = (int64_t)w->axis[t][1].count * w->axis[t][2].count;
        if (count <= INT32_MAX) windows += count * w->axis[t][0].count;
        if (count > INT32_MAX || windows > INT32_MAX)
            return err_usage(e,
                "the image is cut into %lld windows, which is too many; choose a larger window",
                (long long)(windows > count ? windows : count));
    }
    if (w->p->options.work > 0) TRY(limit_mirroring(w, e));
    return order_layers(w, e);
}

/* Starts where a window of the first turn does, so that few windows reach into two columns. */
static int column_start(const struct dense *w, int axis, int n, int i)
{
    const struct window_axis *a = &w->axis[0][axis];
    int size = w->where.size[axis], here = w->where.crop.size[axis],
        at = (int)((int64_t)i * a->count / n);
    if (i == 0 || i == n) return i ? here : 0;
    return (int)((int64_t)a->first[at] * here / size);
}

bool dense_column(const struct dense *w, const int columns[2], int i, int j, struct box *column)
{
    const int at[2] = {i, j};
    *column = box_whole(w->where.crop.size);
    for (int a = 0; a < 2; a++) {
        column->from[a + 1] = column_start(w, a + 1, columns[a], at[a]);
        column->size[a + 1] = column_start(w, a + 1, columns[a], at[a] + 1) - column->from[a + 1];
    }
    return box_voxels(column) > 0;
}

/* Windows that reach `needs` along h and w. */
static void reaching(
    const struct dense *w, int turn, const struct box *needs, int from[3], int till[3])
{
    for (int i = 1; i < 3; i++)
        window_reaching(
            &w->axis[turn][i], needs->from[i], needs->from[i] + needs->size[i], &from[i], &till[i]);
}

static void count_passes(struct dense *w)
{
    for (int c = 0; c < w->columns[0] * w->columns[1]; c++) {
        struct box needs;
        if (!dense_column(w, w->columns, c / w->columns[1], c % w->columns[1], &w->slab.column))
            continue;
        slab_needs(&w->slab, &needs);
        for (int i = 0; i < w->nlayers; i++) {
            int from[3], till[3], t = w->layers[i].turn;
            reaching(w, t, &needs, from, till);
            w->total += (int64_t)(till[1] - from[1]) * (till[2] - from[2]) * w->p->turns[t].passes;
        }
    }
}

static void say_columns(const struct dense *w)
{
    int64_t passes = 0;
    for (int i = 0; i < w->nlayers; i++) {
        const struct window_axis *a = w->axis[w->layers[i].turn];
        passes += (int64_t)a[1].count * a[2].count * w->p->turns[w->layers[i].turn].passes;
    }
    if (w->columns[0] * w->columns[1] > 1)
        host_say(w->host, LOG_INFO,
            "to keep the memory limit, the image is cut into %d columns, which takes %.0f %% "
            "more windows",
            w->columns[0] * w->columns[1], 100.0 * (double)(w->total - passes) / (double)passes);
}

/* The image that a window reads; *at: the window's origin in it. */
static att_status see_window(
    struct dense *w, int t, const int origin[3], const struct image **x, int at[3], struct err *e)
{
    const struct turn *turn = &w->p->turns[t];
    struct box b;
    *x = &w->x[turn->image];
    memcpy(at, origin, 3 * sizeof *at);
    if (!w->scan) return ATT_OK;
    for (int i = 0; i < 3; i++) {
        /* and neighbouring slices */
        const int more = i == 0 ? w->p->models[turn->first].facts.slices / 2 : 0;
        int end = origin[i] + turn->window[i] + more;
        b.from[i] = origin[i] > more ? origin[i] - more : 0;
        b.size[i] = (end < w->where.size[i] ? end : w->where.size[i]) - b.from[i];
        w->part.size[i] = b.size[i];
        at[i] = origin[i] - b.from[i];
    }
    *x = &w->part;
    return prepare_file_read(w->file[turn->image], &b, w->part.data, w->part_mask, e);
}

/* All models of turn t with all mirror images, at `origin`. */
static att_status run_window(struct dense *w, int t, const int origin[3], struct err *e)
{
    struct predictor *p = w->p;
    struct prediction *out = w->out;
    const char *what = p->count > 1 || p->turns[t].passes > 1 ? "passes" : "windows";
    int64_t pass = 0, flips = p->turns[t].passes / p->turns[t].models;
    const struct image *x;
    int place[3];
    TRY(see_window(w, t, origin, &x, place, e));
    for (int i = 0; i < p->count; i++)
        for (int64_t f = 0; p->turn_of[i] == t && f < flips; f++) {
            bool mirror[3];
            int64_t bits = f;
            if (host_stopped(w->host))
                return err_set(e, ATT_INTERRUPTED, "stopped after %lld of %lld %s",
                    (long long)out->passes, (long long)w->total, what);
            for (int a = 2; a >= 0; a--) {
                bool mirrored = w->mirror[a] && p->turns[t].window[a] > 1;
                mirror[a] = mirrored && bits & 1;
                if (mirrored) bits >>= 1;
            }
            TRY(network_build(&p->network, &p->models[i], p->turns[t].window, p->kernels, p->pool,
                p->options.conv, e));
            network_load(&p->network, x, place, mirror);
            run_forward(&p->network.run);
            passes_add(&w->passes, &p->network.run, pass++, mirror, p->pool);
            TRY(run_check(&p->network.run, e));
            out->passes++;
            if (p->options.progress && w->total > 1)
                host_progress(w->host, what, out->passes, w->total, NULL);
            if (out->passes == w->total && host_stopped(w->host))
                return err_set(e, ATT_INTERRUPTED, "stopped during the last pass");
        }
    return ATT_OK;
}

att_status dense_build(struct dense *w, int t, struct err *e)
{
    struct predictor *p = w->p;
    const struct turn *turn = &p->turns[t];
    if (w->turn == t) return ATT_OK;
    w->turn = -1;
    passes_free(&w->passes);
    TRY(network_build(&p->network, &p->models[turn->first], turn->window, p->kernels, p->pool,
        p->options.conv, e));
    w->passes.values[0] = p->network.logits;
    for (int i = 0; i < w->maps.count; i++) w->passes.values[1 + i] = w->maps.list[i].value;
    w->passes.count = 1 + w->maps.count;
    w->passes.moments = p->options.variance;
    w->passes.sharpness = 1 / p->temperature;
    w->passes.regions = decode_by_region(p->models, w->slab.channels);
    TRY(passes_begin(&w->passes, &p->network.run, turn->passes, e));
    w->turn = t;
    return ATT_OK;
}

static att_status run_layer(struct dense *w, const struct slab_layer *layer, struct err *e)
{
    int t = layer->turn, index[3] = {layer->index}, from[3], till[3], origin[3];
    const struct window_axis *a = w->axis[t];
    float share = (float)w->p->turns[t].models / (float)w->p->count;
    const struct box whole = box_whole(w->where.size);
    TRY(dense_build(w, t, e));
    reaching(w, t, &w->slab.buffered, from, till);
    for (index[1] = from[1]; index[1] < till[1]; index[1]++)
        for (index[2] = from[2]; index[2] < till[2]; index[2]++) {
            for (int i = 0; i < 3; i++) origin[i] = a[i].first[index[i]];
            TRY(run_window(w, t, origin, e));
            window_add(
                a, index, &w->passes.result[0], share, &w->slab.buffered, w->slab.sum, w->p->pool);
            maps_add(&w->maps, w->passes.result + 1, index, share, w->out, w->p->pool);
            if (w->moments)
                window_add(a, index, &w->passes.result[w->passes.count], share, &whole, w->moments,
                    w->p->pool);
            w->out->windows++;
        }
    return ATT_OK;
}

static att_status run_column(struct dense *w, struct err *e)
{
    TRY(slab_begin(&w->slab, e));
    for (int i = 0; i < w->nlayers; i++) {
        slab_enter(&w->slab, i);
        TRY(run_layer(w, &w->layers[i], e));
        TRY(slab_leave(&w->slab, i, e));
    }
    return ATT_OK;
}

static att_status run_columns(struct dense *w, struct err *e)
{
    for (int c = 0; c < w->columns[0] * w->columns[1]; c++) {
        if (!dense_column(w, w->columns, c / w->columns[1], c % w->columns[1], &w->slab.column))
            continue;
        att_status status = run_column(w, e);
        slab_free(&w->slab);
        TRY(status);
    }
    return ATT_OK;
}

static att_status dense_check_grid(
    const struct dense *w, int t, const struct placed *where, struct err *e)
{
    if (prepare_agree(where, &w->where)) return ATT_OK;
    return err_model(e,
        "models 1 and %d resample this image to different grids; predict with each alone",
        w->p->turns[t].first + 1);
}

/* The last turn with its own image may take the samples. */
static att_status prepare_all(struct dense *w, struct image *m, bool give, struct err *e)
{
    struct predictor *p = w->p;
    int last = 0;
    for (int t = 0; t < p->nturns; t++)
        if (p->turns[t].image == t) last = t;
    for (int t = 0; t < p->nturns; t++) {
        struct placed where;
        if (p->turns[t].image != t) continue;
        TRY(predictor_prepare(p, p->turns[t].first, m, give && t == last, &w->x[t], &where, e));
        w->out->flattened |= where.flattened;
        TRY(dense_check_grid(w, t, &where, e));
    }
    return ATT_OK;
}

static att_status dense_lay_out(struct dense *w, struct err *e)
{
    struct predictor *p = w->p;
    const struct model *model = &p->models[0];
    w->slab = (struct slab){.where = &w->where, .channels = model->facts.classes, .pool = p->pool};
    w->slab.filed = w->scan != NULL;
    TRY(lay_all(w, e));
    w->slab.layers = w->layers;
    w->slab.count = w->nlayers;
    w->slab.decoder = &w->decoder;
    return ATT_OK;
}

static att_status lay_out_image(struct dense *w, const struct image *m, struct err *e)
{
    TRY(prepare_place(w->p->prep, m, &w->where, e));
    return dense_lay_out(w, e);
}

static att_status dense_set_up(struct dense *w, struct image *m, bool give, struct err *e)
{
    struct predictor *p = w->p;
    TRY(lay_out_image(w, m, e));
    TRY(memory_plan(w, m, give, e));
    count_passes(w);
    say_columns(w);
    TRY(prepare_all(w, m, give, e));
    TRY(decode_begin(
        &w->decoder, &p->models[0], w->slab.channels, w->where.whole, p->pool, w->out, e));
    if (p->options.probabilities) TRY(predictor_outside(p, &w->where, w->out, e));
    w->slab.probability = w->out->probability;
    if (p->options.variance)
        TRY(MEM_ARRAY(w->moments, (size_t)(w->slab.channels + 1) * image_voxels(w->where.size),
            "the variance of the probabilities", e));
    if (!p->options.attention) return ATT_OK;
    /* With maps, all turns have the same windows and outputs. */
    TRY(dense_build(w, 0, e));
    w->turn = -1;
    return maps_begin(&w->maps, &p->network.graph, w->where.size, p->turns[0].window,
        p->options.overlap, w->out, e);
}

static att_status end_variance(struct dense *w, struct err *e)
{
    if (!w->moments) return ATT_OK;
    passes_variance(w->moments, w->slab.channels, decode_by_region(w->p->models, w->slab.channels),
        image_voxels(w->where.size));
    TRY(MEM_ARRAY(w->out->variance, image_voxels(w->where.whole), "the variance map", e));
    return prepare_back(&w->where, w->moments, 1, NULL, w->out->variance, w->p->pool, e);
}

static att_status dense_finish(struct dense *w, struct err *e)
{
    struct predictor *p = w->p;
    for (int t = 0; t < p->nturns; t++) image_free(&w->x[t]);
    image_free(&w->part);
    passes_free(&w->passes);
    TRY(maps_end(&w->maps, &w->where, p->turns[0].window, w->out, p->pool, e));
    TRY(end_variance(w, e));
    return decode_end(&w->decoder, &p->options.post, memory_available(p), w->out, e);
}

static att_status prepare_files(struct dense *w, const struct box *taken, struct err *e)
{
    struct predictor *p = w->p;
    for (int t = 0; t < p->nturns; t++) {
        const struct preparation *prep = &p->prep[p->turns[t].first];
        struct box whole = box_whole(w->scan->m.size);
        struct placed where;
        if (p->turns[t].image != t) continue;
        TRY(prepare_place_box(prep, &w->scan->m, prepare_crops(prep) ? taken : &whole, &where, e));
        TRY(dense_check_grid(w, t, &where, e));
        struct prepared_file *f;
        TRY(MEM_NEW(f, "an image that stays in its file", e));
        att_status status = prepare_file_begin(
            prep, w->scan, &where, MEMORY_PASS, w->folder, p->pool, w->host, f, e);
        if (status != ATT_OK) mem_free(f);
        TRY(status);
        w->out->flattened |= f->where.flattened;
        w->file[t] = f;
    }
    return ATT_OK;
}

static att_status room_for_parts(struct dense *w, struct err *e)
{
    size_t max = 0;
    bool masked = false;
    for (int t = 0; t < w->p->nturns; t++) {
        const struct turn *turn = &w->p->turns[t];
        size_t voxels = image_voxels(turn->window) * (size_t)w->p->models[turn->first].facts.slices;
        max = voxels > max ? voxels : max;
        masked = masked || w->p->prep[turn->first].nonzero;
    }
    w->part = (struct image){.channels = w->scan->m.channels,
        .data = mem_array(max, (size_t)w->scan->m.channels * sizeof(float))};
    w->part_mask = mem_array(max, masked);
    return w->part.data && w->part_mask
        ? ATT_OK
        : err_memory(e, max * sizeof(float), "a window of the image");
}

/* Temporary files besides decompressed input, for an image of this place. */
static double temporary_bytes(const struct dense *w, const struct placed *where)
{
    const struct predictor *p = w->p;
    double bytes = (double)image_voxels(where->whole);
    for (int t = 0; t < p->nturns; t++)
        if (p->turns[t].image == t)
            bytes +=
                prepare_file_temporary(&p->prep[p->turns[t].first], where, w->scan->m.channels);
    return bytes;
}

/* Asks for room for temporaries and the mask. An unknown crop counts as the whole image. */
static att_status ask_for_room(
    const struct dense *w, double inflated, const struct placed *where, struct err *e)
{
    const double mask = (double)image_voxels(where->whole) * mask_bytes(&w->p->models[0].labels);
    return scratch_room(w->folder, inflated + temporary_bytes(w, where) + mask, "predicting it", e);
}

static att_status ask_before(const struct dense *w, struct err *e)
{
    const struct box whole = box_whole(w->scan->m.size);
    struct placed max;
    TRY(prepare_place_box(w->p->prep, &w->scan->m, &whole, &max, e));
    return ask_for_room(w, scan_temporary(w->scan), &max, e);
}

static void say_files(const struct dense *w)
{
    char text[BYTES_TEXT];
    host_say(w->host, LOG_INFO,
        "to keep the memory limit, the image is read by parts, with %s of temporary files",
        bytes_text(temporary_bytes(w, &w->where) + scan_temporary(w->scan), text));
}

static att_status set_up_scan(struct dense *w, struct err *e)
{
    struct predictor *p = w->p;
    const struct preparation *prep = p->prep;
    struct box taken, whole = box_whole(w->scan->m.size);
    TRY(ask_before(w, e));
    TRY(scan_begin(w->scan, w->folder, w->host, e));
    TRY(scan_survey(w->scan, MEMORY_PART, &taken, w->host, e));
    TRY(prepare_place_box(prep, &w->scan->m, prepare_crops(prep) ? &taken : &whole, &w->where, e));
    TRY(dense_lay_out(w, e));
    TRY(memory_plan_scan(w, &w->scan->m, e));
    TRY(ask_for_room(w, 0, &w->where, e)); /* again: the disk may have filled */
    say_files(w);
    count_passes(w);
    say_columns(w);
    TRY(prepare_files(w, &taken, e));
    TRY(room_for_parts(w, e));
    TRY(mask_begin(w->folder, w->where.whole, w->out, e));
    w->slab.mask = w->out->mask;
    return decode_begin(
        &w->decoder, &p->models[0], w->slab.channels, w->where.whole, p->pool, w->out, e);
}

static void release(struct dense *w)
{
    for (int t = 0; t < w->p->nturns; t++) {
        if (w->file[t]) prepare_file_close(w->file[t]);
        mem_free(w->file[t]);
        image_free(&w->x[t]);
        for (int i = 0; i < 3; i++) window_axis_free(&w->axis[t][i]);
    }
    image_free(&w->part);
    mem_free(w->part_mask);
    slab_free(&w->slab);
    decode_free(&w->decoder);
    maps_free(&w->maps);
    passes_free(&w->passes);
    mem_free(w->moments);
    mem_free(w->layers);
    mem_free(w);
}

static struct dense *dense_begin(
    struct predictor *p, struct prediction *out, struct host *host, struct err *e)
{
    struct dense *w;
    if (MEM_NEW(w, "the windows of an image", e) != ATT_OK) return NULL;
    *w = (struct dense){.p = p, .turn = -1, .columns = {1, 1}, .out = out, .host = host};
    memcpy(w->mirror, p->options.mirror, sizeof w->mirror);
    return w;
}

att_status dense_predict(struct predictor *p, struct image *m, bool give, struct prediction *out,
    struct host *host, struct err *e)
{
    struct dense *w = dense_begin(p, out, host, e);
    if (!w) return ATT_MEMORY;
    att_status status = dense_set_up(w, m, give, e);
    if (status == ATT_OK) status = run_columns(w, e);
    if (status == ATT_OK) status = dense_finish(w, e);
    release(w);
    return status;
}

att_status dense_predict_scan(struct predictor *p, struct scan *scan, const char *folder,
    struct prediction *out, struct host *host, struct err *e)
{
    struct dense *w = dense_begin(p, out, host, e);
    if (!w) return ATT_MEMORY;
    w->scan = scan;
    w->folder = folder;
    att_status status = set_up_scan(w, e);
    if (status == ATT_OK) status = run_columns(w, e);
    if (status == ATT_OK) status = dense_finish(w, e);
    release(w);
    return status;
}

att_status dense_estimate(struct predictor *p, const struct image *m,
    const struct predict_reading *how, bool *stay, struct err *e)
{
    struct dense *w = dense_begin(p, NULL, NULL, e);
    if (!w) return ATT_MEMORY;
    att_status status = lay_out_image(w, m, e);
    if (status == ATT_OK) status = memory_estimate(w, m, how, stay, e);
    release(w);
    return status;
}
