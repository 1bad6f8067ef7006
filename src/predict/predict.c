/* SPDX-License-Identifier: Apache-2.0 */
/* Prediction of one image in memory.  A 2D network runs a volume slice by slice: its windows are one slice deep. */
#include "predict/predict.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "model/prepare.h"
#include "predict/ensemble.h"
#include "predict/predict_decode.h"
#include "predict/predict_maps.h"
#include "predict/predict_network.h"
#include "predict/predict_passes.h"
#include "predict/predict_window.h"

enum { SIDE_MOST = 1 << 24, CERTAIN = 16 /* a logit */ };

/* Models of one spec and one preparation: they share windows and the network, and take turns at every window. */
struct turn {
    int first, models; /* the first of them, and how many */
    int window[3];
    int64_t windows, passes; /* of a window */
};

struct predictor {
    const struct model *models;
    int count;
    const struct kernels *kernels;
    struct pool *pool;
    struct predict_options options;
    char conv[32];
    int turn_of[ENSEMBLE_MAX], nturns;
    struct turn turns[ENSEMBLE_MAX]; /* windows and passes: of the image at work */
    struct network network;
};

/* An image on its way through. */
struct passage {
    struct image x; /* on the network's grid */
    struct placed where;
    int channels;  /* of the logits */
    float *sum;    /* logits */
    int64_t total; /* passes over all windows */
    struct window_axis axis[3];
    struct map_sums maps;
    struct passes passes;
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

/* Gives every model its turn: that of the first one that is described alike. */
static att_status take_turns(struct predictor *p, struct err *e)
{
    json_t *preparation[ENSEMBLE_MAX] = {NULL};
    bool known = true;
    for (int i = 0; i < p->count && known; i++) {
        json_t *j = model_to_json(&p->models[i]);
        preparation[i] = json_incref(json_object_get(j, "preparation"));
        json_decref(j);
        known = preparation[i] != NULL;
        int t = 0;
        while (known && t < p->nturns &&
               !(strcmp(p->models[p->turns[t].first].spec.text, p->models[i].spec.text) == 0 &&
                 json_equal(preparation[p->turns[t].first], preparation[i])))
            t++;
        if (t == p->nturns) p->turns[p->nturns++] = (struct turn){.first = i};
        p->turns[t].models++;
        p->turn_of[i] = t;
    }
    for (int i = 0; i < p->count; i++) json_decref(preparation[i]);
    return known ? ATT_OK : err_memory(e, 1, "the description of a model");
}

/* Maps of networks that are not alike lie on different grids. */
static att_status check_maps(const struct predictor *p, struct err *e)
{
    const struct model *a = &p->models[0];
    for (int i = 1; p->options.attention && i < p->count; i++) {
        const struct model *b = &p->models[i];
        bool windows = (p->options.window[1] && p->options.window[2]) || memcmp(a->prep.patch, b->prep.patch, sizeof a->prep.patch) == 0;
        if (strcmp(a->spec.text, b->spec.text) != 0 || !windows)
            return err_set(e, ATT_USAGE,
                           "models 1 and %d are different networks, whose attention maps cannot be averaged; ask for the maps of one model",
                           i + 1);
    }
    return ATT_OK;
}

static att_status set_up(struct predictor *p, struct err *e)
{
    if (p->options.conv) {
        snprintf(p->conv, sizeof p->conv, "%s", p->options.conv);
        p->options.conv = p->conv;
    }
    TRY(take_turns(p, e));
    return check_maps(p, e);
}

att_status predictor_create_several(const struct model *models, int count, const struct kernels *k, struct pool *pool,
                                    const struct predict_options *o, struct predictor **p, struct err *e)
{
    *p = NULL;
    if (count < 1 || count > ENSEMBLE_MAX)
        return err_set(e, ATT_USAGE, "%d models cannot predict together; give 1 to %d", count, ENSEMBLE_MAX);
    for (int i = 0; i < count; i++) TRY(check(&models[i], o, e));
    *p = mem_alloc(sizeof **p);
    if (!*p) return err_memory(e, sizeof **p, "the predictor");
    **p = (struct predictor){.models = models, .count = count, .kernels = k, .pool = pool, .options = *o};
    att_status status = set_up(*p, e);
    if (status == ATT_OK) return ATT_OK;
    predictor_free(*p);
    *p = NULL;
    return status;
}

att_status predictor_create(const struct model *m, const struct kernels *k, struct pool *pool, const struct predict_options *o,
                            struct predictor **p, struct err *e)
{
    return predictor_create_several(m, 1, k, pool, o, p, e);
}

bool predictor_has(const struct predictor *p, const struct predict_options *o)
{
    const struct predict_options *h = &p->options;
    bool conv = h->conv && o->conv ? strcmp(h->conv, o->conv) == 0 : h->conv == o->conv;
    return conv && memcmp(h->window, o->window, sizeof h->window) == 0 && memcmp(h->mirror, o->mirror, sizeof h->mirror) == 0 &&
           h->overlap == o->overlap && h->attention == o->attention && h->progress == o->progress && h->post == o->post;
}

void predictor_probabilities(struct predictor *p, bool wanted) { p->options.probabilities = wanted; }

void predictor_free(struct predictor *p)
{
    if (!p) return;
    network_drop(&p->network);
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

static int round_up(int size, int multiple) { return (size + multiple - 1) / multiple * multiple; }

/* The windows of a turn over an image of `size`, and the passes over each. */
static void lay_windows(const struct predictor *p, struct turn *t, const int size[3])
{
    const struct model *m = &p->models[t->first];
    t->windows = 1;
    t->passes = t->models;
    for (int i = 0; i < 3; i++) {
        int wanted = i == 0 && m->facts.dims == 2 ? 1 : p->options.window[i] ? p->options.window[i] : m->prep.patch[i];
        int whole = round_up(size[i], m->facts.multiple[i]), asked = round_up(wanted, m->facts.multiple[i]);
        t->window[i] = asked > 0 && asked < whole ? asked : whole;
        t->windows *= window_origins(size[i], t->window[i], p->options.overlap, NULL);
        if (p->options.mirror[i] && t->window[i] > 1) t->passes *= 2;
    }
}

static att_status check_image(const struct predictor *p, const struct image *m, struct err *e)
{
    const struct preparation *prep = &p->models[0].prep;
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
static att_status prepare(const struct predictor *p, const struct model *by, const struct image *m, struct passage *w, struct err *e)
{
    image_free(&w->x);
    w->x = (struct image){.channels = m->channels, .size = {m->size[0], m->size[1], m->size[2]}, .geometry = m->geometry};
    w->x.geometry.header = NULL;
    w->x.geometry.header_size = 0;
    w->x.data = volume(m->channels, m->size, "the normalised image", e);
    if (!w->x.data) return ATT_MEMORY;
    memcpy(w->x.data, m->data, image_voxels(m->size) * (size_t)m->channels * sizeof *m->data);
    return prepare_image(&by->prep, &w->x, p->pool, &w->where, e);
}

/* Every model of turn `t` over the window at `origin`, every mirror image of it. */
static att_status run_window(struct predictor *p, int t, struct passage *w, const int origin[3], struct prediction *out, struct log *log,
                             struct err *e)
{
    const char *what = p->count > 1 || p->turns[t].passes > 1 ? "passes" : "windows";
    int64_t pass = 0, flips = p->turns[t].passes / p->turns[t].models;
    for (int i = 0; i < p->count; i++)
        for (int64_t f = 0; p->turn_of[i] == t && f < flips; f++) {
            bool mirror[3];
            int64_t bits = f;
            if (log && atomic_load(&log->stop))
                return err_set(e, ATT_INTERRUPTED, "stopped after %lld of %lld %s", (long long)out->passes, (long long)w->total, what);
            for (int a = 2; a >= 0; a--) {
                bool mirrored = p->options.mirror[a] && p->turns[t].window[a] > 1;
                mirror[a] = mirrored && bits & 1;
                if (mirrored) bits >>= 1;
            }
            TRY(network_raise(&p->network, &p->models[i], p->turns[t].window, p->kernels, p->pool, p->options.conv, e));
            network_load(&p->network, &w->x, origin, mirror);
            run_forward(&p->network.run);
            passes_add(&w->passes, &p->network.run, pass++, mirror, p->pool);
            out->passes++;
            if (p->options.progress && w->total > 1) log_progress(log, what, out->passes, w->total, NULL);
        }
    return ATT_OK;
}

static att_status run_windows(struct predictor *p, int t, struct passage *w, struct prediction *out, struct log *log, struct err *e)
{
    const struct window_axis *a = w->axis;
    float share = (float)p->turns[t].models / (float)p->count;
    for (int n = 0; n < p->turns[t].windows; n++) {
        int index[3] = {n / a[2].count / a[1].count, n / a[2].count % a[1].count, n % a[2].count}, origin[3];
        for (int i = 0; i < 3; i++) origin[i] = a[i].first[index[i]];
        TRY(run_window(p, t, w, origin, out, log, e));
        window_add(a, index, &w->passes.result[0], share, w->sum, p->pool);
        maps_add(&w->maps, w->passes.result + 1, index, share, out, p->pool);
        out->windows++;
    }
    return ATT_OK;
}

/* Windows of the prepared image into sums of logits and maps. */
static att_status cover(struct predictor *p, int t, struct passage *w, struct prediction *out, struct log *log, struct err *e)
{
    const struct turn *turn = &p->turns[t];
    passes_free(&w->passes);
    TRY(network_raise(&p->network, &p->models[turn->first], turn->window, p->kernels, p->pool, p->options.conv, e));
    for (int i = 0; i < 3; i++) {
        window_axis_free(&w->axis[i]);
        TRY(window_axis_make(w->where.size[i], turn->window[i], p->options.overlap, 1, &w->axis[i], e));
    }
    /* Where there are maps, every turn has the same windows and the same outputs. */
    if (p->options.attention && t == 0)
        TRY(maps_begin(&w->maps, &p->network.graph, w->where.size, turn->window, p->options.overlap, out, e));
    w->passes.values[0] = p->network.logits;
    for (int i = 0; i < w->maps.count; i++) w->passes.values[1 + i] = w->maps.list[i].value;
    w->passes.count = 1 + w->maps.count;
    TRY(passes_begin(&w->passes, &p->network.run, turn->passes, e));
    return run_windows(p, t, w, out, log, e);
}

static att_status count_passes(struct predictor *p, struct passage *w, struct err *e)
{
    int64_t windows = 0;
    for (int t = 0; t < p->nturns; t++) {
        lay_windows(p, &p->turns[t], w->where.size);
        windows += p->turns[t].windows;
        if (windows > INT32_MAX) return err_set(e, ATT_USAGE, "the image falls into %lld windows; choose larger ones", (long long)windows);
        w->total += p->turns[t].windows * p->turns[t].passes;
    }
    return ATT_OK;
}

/* All turns into sums of logits and maps. */
static att_status run_models(struct predictor *p, const struct image *m, struct passage *w, struct prediction *out, struct log *log,
                             struct err *e)
{
    w->channels = p->models[0].facts.classes;
    for (int t = 0; t < p->nturns; t++) {
        struct placed before = w->where;
        TRY(prepare(p, &p->models[p->turns[t].first], m, w, e));
        if (t > 0 && memcmp(&before, &w->where, sizeof before) != 0)
            return err_set(e, ATT_MODEL, "models 1 and %d bring this image to different grids", p->turns[t].first + 1);
        if (t == 0) {
            TRY(count_passes(p, w, e));
            w->sum = volume(w->channels, w->where.size, "the logits of the whole image", e);
            if (!w->sum) return ATT_MEMORY;
        }
        TRY(cover(p, t, w, out, log, e));
    }
    image_free(&w->x);
    passes_free(&w->passes);
    return maps_end(&w->maps, &p->models[0].prep, &w->where, p->turns[0].window, out, p->pool, e);
}

/* Logits of `count` channels from `first` on to the image's own grid. Where nothing was taken is background: the first class for certain,
 * and no region. */
static att_status bring_back(const struct predictor *p, const struct passage *w, int first, int count, float *y, struct err *e)
{
    float outside[LABELLING_MAX];
    bool classes = !decode_by_region(&p->models[0], w->channels);
    for (int c = 0; c < count; c++) outside[c] = first + c == 0 && classes ? CERTAIN : -CERTAIN;
    const float *x = w->sum + (size_t)first * image_voxels(w->where.size);
    return prepare_back(&p->models[0].prep, &w->where, x, count, outside, y, p->pool, e);
}

/* Of logits on another grid one plane at a time is brought back. */
static att_status decode_by_plane(const struct predictor *p, const struct passage *w, struct prediction *out, struct err *e)
{
    struct decoder d = {0};
    float *plane = volume(1, w->where.whole, "the logits on the image's grid", e);
    att_status status = plane ? decode_begin(&d, &p->models[0], w->channels, w->where.whole, NULL, p->pool, out, e) : ATT_MEMORY;
    for (int c = 0; c < w->channels && status == ATT_OK; c++) {
        status = bring_back(p, w, c, 1, plane, e);
        if (status == ATT_OK) decode_plane(&d, c, plane);
    }
    if (status == ATT_OK) status = decode_end(&d, p->options.post, out, e);
    decode_free(&d);
    mem_free(plane);
    return status;
}

static att_status decode(const struct predictor *p, struct passage *w, struct prediction *out, struct err *e)
{
    if (prepare_moves(&w->where) && !p->options.probabilities) return decode_by_plane(p, w, out, e);
    if (prepare_moves(&w->where)) {
        float *back = volume(w->channels, w->where.whole, "the logits on the image's grid", e);
        if (!back) return ATT_MEMORY;
        att_status status = bring_back(p, w, 0, w->channels, back, e);
        mem_free(w->sum);
        w->sum = back;
        TRY(status);
    }
    float *logits = w->sum;
    w->sum = NULL;
    return decode_logits(&p->models[0], logits, w->channels, w->where.whole, p->options.probabilities, p->options.post, out, p->kernels,
                         p->pool, e);
}

static att_status predict(struct predictor *p, const struct image *m, struct passage *w, struct prediction *out, struct log *log,
                          struct err *e)
{
    TRY(check_image(p, m, e));
    TRY(geometry_copy(&m->geometry, &out->labels.geometry, e));
    TRY(run_models(p, m, w, out, log, e));
    return decode(p, w, out, e);
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
    passes_free(&w.passes);
    if (status != ATT_OK) prediction_free(out);
    out->seconds = log_clock() - start;
    return status;
}
