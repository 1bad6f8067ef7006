/* SPDX-License-Identifier: Apache-2.0 */
/* Prediction of one image in memory.  A 2D network runs a volume slice by slice: its windows are one slice deep. */
#include "predict/predict.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "model/prepare.h"
#include "predict/predict_decode.h"
#include "predict/predict_maps.h"
#include "predict/predict_window.h"

enum { SIDE_MOST = 1 << 24, CERTAIN = 16 /* a logit */ };

struct predictor {
    const struct model *model;
    const struct kernels *kernels;
    struct pool *pool;
    struct predict_options options;
    int window[3]; /* of the network that stands; 0,0,0: none does */
    struct graph graph;
    struct run run;
    int input, logits;
};

/* An image on its way through. */
struct passage {
    struct image x; /* on the network's grid */
    struct placed where;
    int channels; /* of the logits */
    float *sum;   /* logits */
    struct window_axis axis[3];
    struct map_sums maps;
};

static att_status check(const struct model *m, const struct predict_options *o, struct err *e)
{
    if (m->facts.classes > LABELLING_MAX)
        return err_set(e, ATT_MODEL, "the network has %d outputs; labels can be told apart up to %d", m->facts.classes, LABELLING_MAX);
    if (!(o->overlap >= 0 && o->overlap <= 0.9))
        return err_set(e, ATT_USAGE, "an overlap of %g is out of range; give 0 to 0.9 of a window", o->overlap);
    for (int i = 0; i < 3; i++)
        if (o->window[i] < 0 || o->window[i] > SIDE_MOST)
            return err_set(e, ATT_USAGE, "a window of %dx%dx%d is out of range; give sizes from 1 on", o->window[0], o->window[1],
                           o->window[2]);
    return ATT_OK;
}

att_status predictor_create(const struct model *m, const struct kernels *k, struct pool *pool, const struct predict_options *o,
                            struct predictor **p, struct err *e)
{
    *p = NULL;
    TRY(check(m, o, e));
    *p = mem_alloc(sizeof **p);
    if (!*p) return err_memory(e, sizeof **p, "the predictor");
    **p = (struct predictor){.model = m, .kernels = k, .pool = pool, .options = *o};
    return ATT_OK;
}

static void drop_network(struct predictor *p)
{
    if (!p->window[0]) return;
    run_free(&p->run);
    graph_free(&p->graph);
    memset(p->window, 0, sizeof p->window);
}

void predictor_probabilities(struct predictor *p, bool wanted) { p->options.probabilities = wanted; }

void predictor_free(struct predictor *p)
{
    if (!p) return;
    drop_network(p);
    mem_free(p);
}

void prediction_free(struct prediction *p)
{
    labelmap_free(&p->labels);
    mem_free(p->classes);
    mem_free(p->probability);
    for (int i = 0; i < p->nmaps; i++) {
        mem_free(p->maps[i].data);
        mem_free(p->maps[i].own_data);
    }
    mem_free(p->maps);
    memset(p, 0, sizeof *p);
}

static att_status plan_network(struct predictor *p, struct err *e)
{
    TRY(model_build(p->model, &p->graph, 1, p->window, &p->input, e));
    p->logits = graph_find_output(&p->graph, "logits");
    if (p->logits < 0) return err_set(e, ATT_MODEL, "the network has no output called logits");
    return run_create(&p->graph, p->kernels, p->pool, p->options.conv, &p->run, e);
}

/* The network for windows of this size; the one that stands if it is that. */
static att_status raise_network(struct predictor *p, const int window[3], struct err *e)
{
    if (memcmp(window, p->window, sizeof p->window) == 0) return ATT_OK;
    drop_network(p);
    memcpy(p->window, window, sizeof p->window);
    /* A finished parameter set is only read. */
    graph_init(&p->graph, (struct params *)(uintptr_t)&p->model->params, false);
    att_status status = plan_network(p, e);
    if (status == ATT_OK) return ATT_OK;
    graph_free(&p->graph);
    memset(p->window, 0, sizeof p->window);
    return status;
}

static int round_up(int size, int multiple) { return (size + multiple - 1) / multiple * multiple; }

static void choose_window(const struct predictor *p, const int size[3], int window[3])
{
    const struct arch_facts *f = &p->model->facts;
    for (int i = 0; i < 3; i++) {
        int wanted = i == 0 && f->dims == 2 ? 1 : p->options.window[i] ? p->options.window[i] : p->model->prep.patch[i];
        int whole = round_up(size[i], f->multiple[i]), asked = round_up(wanted, f->multiple[i]);
        window[i] = asked > 0 && asked < whole ? asked : whole;
    }
}

static att_status check_image(const struct predictor *p, const struct image *m, struct err *e)
{
    const struct preparation *prep = &p->model->prep;
    char names[4 * LABELLING_NAME] = "";
    size_t used = 0;
    for (int c = 0; c < prep->channels && used < sizeof names; c++)
        used += (size_t)snprintf(names + used, sizeof names - used, "%s%s", c ? ", " : "", prep->channel_name[c]);
    if (m->channels != prep->channels)
        return err_set(e, ATT_DATA, "the image has %d channel%s where the model takes %d (%s); give images like those it was trained on",
                       m->channels, m->channels == 1 ? "" : "s", prep->channels, names);
    for (int i = 0; i < 3; i++)
        if (m->size[i] < 1 || m->size[i] > SIDE_MOST)
            return err_set(e, ATT_DATA, "an image of %dx%dx%d voxels cannot be predicted; give one with sides from 1 to %d", m->size[0],
                           m->size[1], m->size[2], SIDE_MOST);
    return ATT_OK;
}

/* A zeroed [channels][size]. */
static float *volume(int channels, const int size[3], const char *what, struct err *e)
{
    size_t count = (size_t)channels;
    bool fits = true;
    for (int i = 0; i < 3; i++) fits = fits && !__builtin_mul_overflow(count, (size_t)size[i], &count);
    float *v = fits ? mem_array(count, sizeof *v) : NULL;
    if (!v) err_memory(e, fits && count <= SIZE_MAX / sizeof *v ? count * sizeof *v : SIZE_MAX, what);
    return v;
}

/* A copy on the network's grid; it knows its spacing, but has no header. */
static att_status prepare(const struct predictor *p, const struct image *m, struct passage *w, struct err *e)
{
    w->channels = p->model->facts.classes;
    w->x = (struct image){.channels = m->channels, .size = {m->size[0], m->size[1], m->size[2]}, .geometry = m->geometry};
    w->x.geometry.header = NULL;
    w->x.geometry.header_size = 0;
    w->x.data = volume(m->channels, m->size, "the normalised image", e);
    if (!w->x.data) return ATT_MEMORY;
    memcpy(w->x.data, m->data, image_voxels(m->size) * (size_t)m->channels * sizeof *m->data);
    return prepare_image(&p->model->prep, &w->x, p->pool, &w->where, e);
}

/* The part of the image at `origin`, 0 where it reaches beyond, into the network's input. */
static void load_window(const struct predictor *p, const struct passage *w, const int origin[3])
{
    struct tensor t = run_tensor(&p->run, p->input);
    memset(t.p, 0, tensor_size(&t) * sizeof *t.p);
    int lo[3], hi[3];
    for (int i = 0; i < 3; i++) {
        lo[i] = origin[i] < 0 ? -origin[i] : 0;
        hi[i] = p->window[i] < w->where.size[i] - origin[i] ? p->window[i] : w->where.size[i] - origin[i];
    }
    for (int c = 0; c < t.s.c; c++)
        for (int d = lo[0]; d < hi[0]; d++)
            for (int h = lo[1]; h < hi[1]; h++) {
                size_t row =
                    ((size_t)c * (size_t)w->where.size[0] + (size_t)(origin[0] + d)) * (size_t)w->where.size[1] + (size_t)(origin[1] + h);
                const float *from = w->x.data + row * (size_t)w->where.size[2] + (ptrdiff_t)origin[2];
                real *to = tensor_channel(&t, 0, c) + ((size_t)d * (size_t)t.s.h + (size_t)h) * (size_t)t.s.w * (size_t)t.lanes;
                for (int i = lo[2]; i < hi[2]; i++) to[(size_t)i * (size_t)t.lanes] = (real)from[i];
            }
}

static att_status run_windows(struct predictor *p, struct passage *w, struct prediction *out, struct log *log, struct err *e)
{
    const struct window_axis *a = w->axis;
    int64_t total = (int64_t)a[0].count * a[1].count * a[2].count;
    if (total > INT32_MAX) return err_set(e, ATT_USAGE, "the image falls into %lld windows; choose larger ones", (long long)total);
    for (out->windows = 0; out->windows < total; out->windows++) {
        if (log && atomic_load(&log->stop))
            return err_set(e, ATT_INTERRUPTED, "stopped after %d of %lld windows", out->windows, (long long)total);
        int n = out->windows, index[3] = {n / a[2].count / a[1].count, n / a[2].count % a[1].count, n % a[2].count}, origin[3];
        for (int i = 0; i < 3; i++) origin[i] = a[i].first[index[i]];
        load_window(p, w, origin);
        run_forward(&p->run);
        struct tensor logits = run_tensor(&p->run, p->logits);
        window_add(a, index, &logits, w->sum, p->pool);
        maps_add(&w->maps, &p->run, index, out, p->pool);
        if (p->options.progress && total > 1) log_progress(log, "windows", n + 1, total, NULL);
    }
    return ATT_OK;
}

/* Windows of the prepared image into sums of logits and maps. */
static att_status cover(struct predictor *p, struct passage *w, struct prediction *out, struct log *log, struct err *e)
{
    int window[3];
    choose_window(p, w->where.size, window);
    TRY(raise_network(p, window, e));
    for (int i = 0; i < 3; i++) TRY(window_axis_make(w->where.size[i], window[i], p->options.overlap, 1, &w->axis[i], e));
    if (p->options.attention) TRY(maps_begin(&w->maps, &p->graph, w->where.size, window, p->options.overlap, out, e));
    w->sum = volume(w->channels, w->where.size, "the logits of the whole image", e);
    return w->sum ? run_windows(p, w, out, log, e) : ATT_MEMORY;
}

/* Logits to the image's own grid. Where nothing was taken is background: the first class for certain, and no region. */
static att_status bring_back(const struct predictor *p, struct passage *w, struct err *e)
{
    if (!prepare_moves(&w->where)) return ATT_OK;
    float outside[LABELLING_MAX];
    for (int c = 0; c < w->channels; c++) outside[c] = c == 0 && !decode_by_region(p->model, w->channels) ? CERTAIN : -CERTAIN;
    float *back = volume(w->channels, w->where.whole, "the logits on the image's grid", e);
    if (!back) return ATT_MEMORY;
    att_status status = prepare_back(&p->model->prep, &w->where, w->sum, w->channels, outside, back, p->pool, e);
    mem_free(w->sum);
    w->sum = back;
    return status;
}

static att_status predict(struct predictor *p, const struct image *m, struct passage *w, struct prediction *out, struct log *log,
                          struct err *e)
{
    TRY(check_image(p, m, e));
    TRY(geometry_copy(&m->geometry, &out->labels.geometry, e));
    TRY(prepare(p, m, w, e));
    TRY(cover(p, w, out, log, e));
    image_free(&w->x);
    TRY(maps_end(&w->maps, &p->model->prep, &w->where, p->window, out, p->pool, e));
    TRY(bring_back(p, w, e));
    float *logits = w->sum;
    w->sum = NULL;
    return decode_logits(p->model, logits, w->channels, m->size, p->options.probabilities, out, p->kernels, p->pool, e);
}

att_status predict_image(struct predictor *p, const struct image *m, struct prediction *out, struct log *log, struct err *e)
{
    double start = log_clock();
    struct passage w = {0};
    memset(out, 0, sizeof *out);
    att_status status = predict(p, m, &w, out, log, e);
    image_free(&w.x);
    mem_free(w.sum);
    for (int i = 0; i < 3; i++) window_axis_free(&w.axis[i]);
    maps_free(&w.maps);
    if (status != ATT_OK) prediction_free(out);
    out->seconds = log_clock() - start;
    return status;
}
