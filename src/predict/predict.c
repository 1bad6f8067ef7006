/* SPDX-License-Identifier: Apache-2.0 */
#include "predict/predict.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/text.h"
#include "predict/predict_dense.h"
#include "predict/predict_hard.h"
#include "predict/predict_slab.h"
#include "predict/predict_state.h"

enum { SIDE_MOST = 1 << 24 };

static att_status predict_check(const struct predict_options *o, struct err *e)
{
    if (!(o->overlap >= 0 && o->overlap <= 0.9))
        return err_usage(
            e, "an overlap of %g is out of range; give 0 to 0.9 of a window", o->overlap);
    for (int i = 0; i < 3; i++)
        if (o->window[i] < 0 || o->window[i] > SIDE_MOST)
            return err_usage(e, "a window of %dx%dx%d is out of range; give sizes from 1 on",
                o->window[0], o->window[1], o->window[2]);
    return ATT_OK;
}

/* Whether two preparations give equal images; patches do not matter. */
static bool same_image(const json_t *a, const json_t *b)
{
    json_t *x = json_copy((json_t *)(uintptr_t)a), *y = json_copy((json_t *)(uintptr_t)b);
    json_object_del(x, "patch");
    json_object_del(y, "patch");
    const bool same = x && y && json_equal(x, y);
    json_decref(x);
    json_decref(y);
    return same;
}

/* Groups models of equal spec and preparation into turns. */
static att_status take_turns(struct predictor *p, struct err *e)
{
    json_t *preparation[ENSEMBLE_MAX] = {NULL};
    bool ok = true;
    for (int i = 0; i < p->count && ok; i++) {
        preparation[i] = preparation_to_json(&p->prep[i]);
        ok = preparation[i] != NULL;
        int t = 0;
        while (ok && t < p->nturns &&
            !(strcmp(p->models[p->turns[t].first].spec.text, p->models[i].spec.text) == 0 &&
                json_equal(preparation[p->turns[t].first], preparation[i])))
            t++;
        if (t == p->nturns) {
            int image = 0;
            while (
                ok && image < t && !same_image(preparation[p->turns[image].first], preparation[i]))
                image++;
            p->turns[p->nturns++] = (struct turn){.first = i, .image = image};
        }
        p->turns[t].models++;
        p->turn_of[i] = t;
    }
    for (int i = 0; i < p->count; i++) json_decref(preparation[i]);
    return ok ? ATT_OK : err_memory(e, 1, "the description of a model");
}

/* Maps of different networks have different grids. */
static att_status check_maps(const struct predictor *p, struct err *e)
{
    const struct model *a = &p->models[0];
    for (int i = 1; p->options.attention && i < p->count; i++) {
        const struct model *b = &p->models[i];
        bool windows = (p->options.window[1] && p->options.window[2]) ||
            memcmp(a->prep.patch, b->prep.patch, sizeof a->prep.patch) == 0;
        if (strcmp(a->spec.text, b->spec.text) != 0 || !windows)
            return err_usage(e,
                "models 1 and %d are different networks, so their attention maps cannot be "
                "averaged; ask for the maps of one model",
                i + 1);
    }
    return ATT_OK;
}

/* Models that add their logits need one spacing: the finest of similar plans (ensemble.c), and one
 * `trained`. A 2D network does not know the slice distance; another may. */
static att_status agree_on_voxels(struct predictor *p, struct err *e)
{
    double min[3] = {0}, max[3] = {0}, spacing[3];
    memcpy(spacing, p->models->prep.spacing, sizeof spacing);
    TRY(MEM_ARRAY(p->prep, p->count, "the predictor", e));
    for (int i = 0; i < p->count; i++)
        for (int a = 0; a < 3; a++) {
            const double mm = p->models[i].prep.trained[a];
            if (mm > 0 && !(min[a] > 0 && min[a] < mm)) min[a] = mm;
            if (mm > max[a]) max[a] = mm;
            if (p->models[i].prep.spacing[a] < spacing[a])
                spacing[a] = p->models[i].prep.spacing[a];
        }
    for (int a = 0; a < 3; a++) p->differ = p->differ || max[a] > PREPARE_SAME * min[a];
    for (int i = 0; i < p->count; i++) {
        p->prep[i] = p->models[i].prep;
        memcpy(p->prep[i].spacing, spacing, sizeof spacing);
        for (int a = 0; a < 3; a++)
            p->prep[i].trained[a] = p->differ || p->options.as_is ? 0 : min[a];
    }
    return ATT_OK;
}

/* The mean of logits that were divided by different numbers would give other labels. */
static void agree_on_temperature(struct predictor *p)
{
    const double first = p->models->logit_temperature;
    p->temperature = first > 0 ? first : 1;
    for (int i = 1; i < p->count; i++)
        if (p->models[i].logit_temperature != first) p->temperature = 1;
}

static att_status predict_set_up(struct predictor *p, struct err *e)
{
    if (p->options.conv) {
        snprintf(p->conv, sizeof p->conv, "%s", p->options.conv);
        p->options.conv = p->conv;
    }
    if (hard_is(&p->models[0].spec))
        return hard_runner_create(p->models, p->kernels, p->pool, p->options.conv, &p->runner, e);
    TRY(take_turns(p, e));
    return check_maps(p, e);
}

att_status predictor_create_several(const struct model *models, int count, const struct kernels *k,
    struct pool *pool, const struct predict_options *o, struct predictor **p, struct err *e)
{
    *p = NULL;
    if (count < 1 || count > ENSEMBLE_MAX)
        return err_usage(e, "%d models cannot predict together; give 1 to %d", count, ENSEMBLE_MAX);
    TRY(predict_check(o, e));
    for (int i = 0; i < count; i++) TRY(hard_check(&models[i], count, o, e));
    if (o->variance && count == 1 && !o->mirror[0] && !o->mirror[1] && !o->mirror[2])
        return err_usage(e,
            "there is no variance, because one model predicts without mirror images; set `mirror`, "
            "or give several models");
    TRY(MEM_NEW(*p, "the predictor", e));
    **p = (struct predictor){
        .models = models, .count = count, .kernels = k, .pool = pool, .options = *o};
    agree_on_temperature(*p);
    att_status status = agree_on_voxels(*p, e);
    if (status == ATT_OK) status = predict_set_up(*p, e);
    if (status == ATT_OK) return ATT_OK;
    predictor_free(*p);
    *p = NULL;
    return status;
}

att_status predictor_create(const struct model *m, const struct kernels *k, struct pool *pool,
    const struct predict_options *o, struct predictor **p, struct err *e)
{
    return predictor_create_several(m, 1, k, pool, o, p, e);
}

bool predictor_has(const struct predictor *p, const struct predict_options *o)
{
    const struct predict_options *h = &p->options;
    bool conv = h->conv && o->conv ? strcmp(h->conv, o->conv) == 0 : h->conv == o->conv;
    return conv && memcmp(h->window, o->window, sizeof h->window) == 0 &&
        memcmp(h->mirror, o->mirror, sizeof h->mirror) == 0 && h->work == o->work &&
        h->overlap == o->overlap && h->has_overlap == o->has_overlap &&
        h->attention == o->attention && h->variance == o->variance && h->progress == o->progress &&
        postprocess_same(&h->post, &o->post) && h->max_memory == o->max_memory &&
        h->has_tiles == o->has_tiles && h->tiles == o->tiles && h->has_cost == o->has_cost &&
        h->cost == o->cost && h->share == o->share && h->as_is == o->as_is &&
        h->diverging == o->diverging;
}

void predictor_probabilities(struct predictor *p, bool wanted)
{
    p->options.probabilities = wanted;
}

void predictor_free(struct predictor *p)
{
    if (!p) return;
    network_drop(&p->network);
    hard_runner_free(p->runner);
    mem_free(p->prep);
    mem_free(p);
}

void prediction_free(struct prediction *p)
{
    labelmap_free(&p->labels);
    mem_free(p->classes);
    if (p->mask) scratch_close(p->mask);
    mem_free(p->mask);
    mem_free(p->probability);
    mem_free(p->variance);
    for (int i = 0; i < p->nmaps; i++) {
        mem_free(p->maps[i].data);
        mem_free(p->maps[i].own_data);
    }
    mem_free(p->maps);
    if (p->tiles) mem_free(p->tiles->list);
    mem_free(p->tiles);
    memset(p, 0, sizeof *p);
}

/* Of floats [channels][size]; SIZE_MAX on overflow. */
static size_t volume_bytes(int channels, const int size[3])
{
    size_t bytes = (size_t)channels * sizeof(float);
    for (int i = 0; i < 3; i++)
        if (__builtin_mul_overflow(bytes, (size_t)size[i], &bytes)) return SIZE_MAX;
    return bytes;
}

att_status predictor_fits(const struct predictor *p, const struct image *m, struct err *e)
{
    const struct preparation *prep = p->prep;
    char names[4 * LABELLING_NAME] = "";
    size_t used = 0;
    for (int c = 0; c < prep->channels && used < sizeof names; c++)
        used += (size_t)snprintf(
            names + used, sizeof names - used, "%s%s", c ? ", " : "", prep->channel_name[c]);
    if (m->channels != prep->channels)
        return err_data(e,
            "the image has %d channel%s but the model takes %d (%s); give images like those it "
            "was trained on",
            m->channels, TEXT_S(m->channels), prep->channels, names);
    for (int i = 0; i < 3; i++)
        if (m->size[i] < 1 || m->size[i] > SIDE_MOST)
            return err_data(e,
                "an image of %dx%dx%d voxels cannot be predicted; give one with sides from 1 to %d",
                m->size[0], m->size[1], m->size[2], SIDE_MOST);
    if (volume_bytes(m->channels, m->size) <= PTRDIFF_MAX) return ATT_OK;
    return err_data(e, "an image of %dx%dx%d voxels is larger than any memory; crop or resample it",
        m->size[0], m->size[1], m->size[2]);
}

/* Zeroed [channels][size]; NULL with the error set. */
static float *volume_of(int channels, const int size[3], const char *what, struct err *e)
{
    const size_t bytes = volume_bytes(channels, size);
    float *v = bytes < SIZE_MAX ? mem_array(bytes / sizeof *v, sizeof *v) : NULL;
    if (!v) err_memory(e, bytes, what);
    return v;
}

att_status predictor_prepare(const struct predictor *p, int by, struct image *m, bool give,
    struct image *x, struct placed *where, struct err *e)
{
    *x = (struct image){.channels = m->channels,
        .size = {m->size[0], m->size[1], m->size[2]},
        .geometry = m->geometry};
    x->geometry.header = NULL;
    x->geometry.header_size = 0;
    if (give) {
        x->data = m->data;
        m->data = NULL;
    } else {
        x->data = volume_of(m->channels, m->size, "the normalised image", e);
        if (!x->data) return ATT_MEMORY;
        memcpy(x->data, m->data, image_voxels(m->size) * (size_t)m->channels * sizeof *m->data);
    }
    return prepare_image(&p->prep[by], x, p->pool, where, e);
}

att_status predictor_outside(
    const struct predictor *p, const struct placed *where, struct prediction *out, struct err *e)
{
    int channels = p->models[0].facts.classes;
    size_t voxels = image_voxels(where->whole);
    bool classes = !decode_by_region(&p->models[0], channels);
    out->probability = volume_of(channels, where->whole, "the probabilities", e);
    if (!out->probability) return ATT_MEMORY;
    for (int c = 0; c < channels; c++)
        for (size_t i = 0; i < voxels; i++)
            out->probability[(size_t)c * voxels + i] = c == 0 && classes ? CERTAIN : -CERTAIN;
    return ATT_OK;
}

/* State of one image. */
struct passage {
    struct image x; /* prepared */
    struct placed where;
    float *logits; /* whole image, or NULL */
};

static att_status predict_decide(
    const struct predictor *p, struct passage *w, struct prediction *out, struct err *e)
{
    struct decoder d;
    int channels = p->models[0].facts.classes;
    struct slab s = {.where = &w->where, .channels = channels, .decoder = &d, .pool = p->pool};
    att_status status = decode_begin(&d, &p->models[0], channels, w->where.whole, p->pool, out, e);
    s.probability = out->probability;
    if (status == ATT_OK) status = slab_decide(&s, w->logits, e);
    if (status == ATT_OK) status = decode_end(&d, &p->options.post, INFINITY, out, e);
    decode_free(&d);
    return status;
}

/* Whole logits are kept only for resampling or probabilities. */
static att_status predict_look_at(struct predictor *p, struct image *m, bool give,
    struct passage *w, struct prediction *out, struct host *host, struct err *e)
{
    struct hard_prediction h = {.runner = p->runner,
        .model = p->models,
        .options = &p->options,
        .pool = p->pool,
        .x = &w->x};
    TRY(predictor_prepare(p, 0, m, give, &w->x, &w->where, e));
    out->flattened = w->where.flattened;
    h.where = &w->where;
    if (prepare_moves(&w->where) || p->options.probabilities) {
        h.logits = w->logits = volume_of(
            p->models[0].facts.classes, w->where.size, "the logits of the whole image", e);
        if (!w->logits) return ATT_MEMORY;
    }
    if (p->options.probabilities) TRY(predictor_outside(p, &w->where, out, e));
    TRY(hard_predict(&h, out, host, e));
    image_free(&w->x);
    return w->logits ? predict_decide(p, w, out, e) : ATT_OK;
}

static att_status predict_look(struct predictor *p, struct image *m, bool give,
    struct prediction *out, struct host *host, struct err *e)
{
    struct passage w = {.logits = NULL};
    att_status status = predict_look_at(p, m, give, &w, out, host, e);
    image_free(&w.x);
    mem_free(w.logits);
    return status;
}

static att_status check_logits(
    const struct predictor *p, const struct prediction *out, struct err *e)
{
    if (!out->overflowed || p->options.diverging) return ATT_OK;
    return err_model(e,
        "the network's output for this image is not finite: its weights or the image's "
        "intensities are too large; look at the image with 'attunet info', or train the model "
        "again");
}

static att_status predict_predict(struct predictor *p, struct image *m, bool give,
    struct prediction *out, struct host *host, struct err *e)
{
    const struct model *model = &p->models[0];
    TRY(predictor_fits(p, m, e));
    TRY(geometry_copy(&m->geometry, &out->labels.geometry, e));
    TRY(p->runner ? predict_look(p, m, give, out, host, e)
                  : dense_predict(p, m, give, out, host, e));
    TRY(check_logits(p, out, e));
    if (out->probability && !p->options.logits)
        decode_probabilities(model, p->temperature, out->probability, out->channels,
            image_voxels(out->labels.size), p->kernels, p->pool);
    return ATT_OK;
}

static void compare_voxels(const struct predictor *p, const struct image *m, struct prediction *out)
{
    const struct geometry g = geometry_effective(&m->geometry);
    out->spacing = prepare_spacing_fit(p->prep, m);
    for (int i = 0; i < p->count && p->differ && !p->options.as_is; i++)
        if (prepare_spacing_fit(&p->models[i].prep, m) != SPACING_FITS) out->spacing = SPACING_FAR;
    for (int a = 0; a < 3 && out->spacing == SPACING_RESAMPLED; a++)
        out->target[a] =
            m->size[a] > 1 && p->prep->trained[a] > 0 ? (float)p->prep->trained[a] : g.spacing[a];
}

static att_status ended(att_status status, double begin, struct prediction *out)
{
    if (status == ATT_OK)
        out->seconds = clock_now() - begin;
    else
        prediction_free(out);
    return status;
}

static att_status predict_start(struct predictor *p, struct image *m, bool give,
    struct prediction *out, struct host *host, struct err *e)
{
    double begin = clock_now();
    memset(out, 0, sizeof *out);
    compare_voxels(p, m, out);
    att_status status = predict_predict(p, m, give, out, host, e);
    return ended(status, begin, out);
}

att_status predict_estimate(struct predictor *p, const struct image *m,
    const struct predict_reading *how, bool *stay, struct err *e)
{
    *stay = *stay && p->options.max_memory > 0 && !p->options.attention &&
        !p->options.probabilities && !p->options.variance && !p->runner;
    if (!(p->options.max_memory > 0)) return ATT_OK;
    TRY(predictor_fits(p, m, e));
    return dense_estimate(p, m, how, stay, e);
}

static att_status scan_it(struct predictor *p, struct scan *scan, const char *folder,
    struct prediction *out, struct host *host, struct err *e)
{
    TRY(predictor_fits(p, &scan->m, e));
    TRY(geometry_copy(&scan->m.geometry, &out->labels.geometry, e));
    TRY(dense_predict_scan(p, scan, folder, out, host, e));
    return check_logits(p, out, e);
}

att_status predict_scan(struct predictor *p, struct scan *scan, const char *folder,
    struct prediction *out, struct host *host, struct err *e)
{
    double begin = clock_now();
    memset(out, 0, sizeof *out);
    compare_voxels(p, &scan->m, out);
    att_status status = scan_it(p, scan, folder, out, host, e);
    return ended(status, begin, out);
}

att_status predict_image(struct predictor *p, const struct image *m, struct prediction *out,
    struct host *host, struct err *e)
{
    return predict_start(p, (struct image *)(uintptr_t)m, false, out, host, e); /* only read */
}

att_status predict_image_consume(
    struct predictor *p, struct image *m, struct prediction *out, struct host *host, struct err *e)
{
    return predict_start(p, m, true, out, host, e);
}
