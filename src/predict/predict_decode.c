/* SPDX-License-Identifier: Apache-2.0 */
#include "predict/predict_decode.h"

#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "base/tasks.h"
#include "image/objects.h"
#include "predict/predict_post.h"

enum { TASK = 1 << 14 }; /* min voxels of a task */

bool decode_by_region(const struct model *m, int channels)
{
    return m->labels.regions > 0 || channels == 1;
}

const char *decode_name(const struct model *m, int channels, int k)
{
    if (m->labels.regions > 0) return m->labels.region_name[k];
    return m->labels.name[channels == 1 ? 1 : k];
}

att_status decode_begin(struct decoder *d, const struct model *m, int channels, const int size[3],
    struct pool *pool, struct prediction *out, struct err *e)
{
    *d = (struct decoder){
        .model = m, .channels = channels, .by_region = decode_by_region(m, channels), .pool = pool};
    d->voxels = image_voxels(size);
    memcpy(d->size, size, sizeof d->size);
    memcpy(out->labels.size, size, sizeof out->labels.size);
    if (!out->mask) out->classes = d->classes = mem_array(d->voxels, sizeof *d->classes);
    out->channels = channels;
    d->count = mem_array((size_t)pool_threads(pool), sizeof *d->count);
    return (d->classes || out->mask) && d->count
        ? ATT_OK
        : err_memory(e, d->voxels * sizeof *d->classes, "the predicted labels");
}

void decode_free(struct decoder *d)
{
    mem_free(d->count);
    *d = (struct decoder){0};
}

struct rows {
    struct decoder *d;
    const struct decode_part *p;
    int channel;
    struct tasks tasks;
};

/* `all`: the same row of channel 0 if all channels are present. */
static void decode_compare_row(
    const struct rows *r, const float *x, const float *all, float *best, uint8_t *classes)
{
    size_t width = (size_t)r->p->box.size[2];
    for (size_t i = 0; i < width; i++) {
        if (r->channel > 0 && !(x[i] > (all ? all[classes[i] * r->p->stride + i] : best[i])))
            continue;
        classes[i] = (uint8_t)r->channel;
        if (!all) best[i] = x[i];
    }
}

static void decide_row(const struct rows *r, const float *x, uint8_t *classes)
{
    for (int i = 0; i < r->p->box.size[2]; i++)
        if (x[i] > 0) classes[i] = (uint8_t)(r->channel + 1);
}

/* By the exponents. */
static bool finite_row(const float *x, size_t count)
{
    const uint32_t exponent = 0x7f800000;
    uint32_t bits, none = 0;
    for (size_t i = 0; i < count; i++) {
        memcpy(&bits, &x[i], sizeof bits);
        none |= (bits & exponent) == exponent;
    }
    return !none;
}

static void walk_rows(const struct rows *r, size_t from, size_t till)
{
    const struct decode_part *p = r->p;
    size_t height = (size_t)p->box.size[1], width = (size_t)p->box.size[2];
    bool finite = true;
    for (size_t i = from; i < till; i++) {
        const float *x = p->data + i / height * p->plane + i % height * p->row;
        uint8_t *classes = p->classes
            ? p->classes + i * width
            : r->d->classes + box_row(&p->box, r->d->size, (int)(i / height), (int)(i % height));
        finite = finite_row(x, width) && finite;
        if (r->d->by_region)
            decide_row(r, x, classes);
        else
            decode_compare_row(r, x, p->stride ? x - (size_t)r->channel * p->stride : NULL,
                p->best ? p->best + i * width : NULL, classes);
    }
    if (!finite) atomic_store(&r->d->overflowed, true);
}

static void decode_run_rows(void *arg, int task, int worker)
{
    const struct rows *r = arg;
    (void)worker;
    walk_rows(r, tasks_from(&r->tasks, task), tasks_till(&r->tasks, task));
}

void decode_channel(struct decoder *d, int channel, const struct decode_part *p)
{
    struct rows r = {.d = d, .p = p, .channel = channel};
    r.tasks =
        tasks_cut((size_t)p->box.size[0] * (size_t)p->box.size[1], (size_t)p->box.size[2], TASK);
    pool_run(d->pool, tasks_count(&r.tasks), decode_run_rows, &r);
}

void decode_box(struct decoder *d, const int first[3], const int extent[3], const float *logits)
{
    const size_t rows = (size_t)extent[0] * (size_t)extent[1];
    struct decode_part p = {.plane = (size_t)extent[1] * (size_t)extent[2],
        .row = (size_t)extent[2],
        .stride = image_voxels(extent)};
    memcpy(p.box.from, first, sizeof p.box.from);
    memcpy(p.box.size, extent, sizeof p.box.size);
    for (int c = 0; c < d->channels; c++) {
        p.data = logits + (size_t)c * p.stride;
        walk_rows(&(struct rows){.d = d, .p = &p, .channel = c}, 0, rows);
    }
}

/* Voxels of a channel in the mask; `count`: voxels per value. A region owns all voxels of its
 * classes, whatever its logits: that is what readers of the mask see. */
static int64_t channel_voxels(const struct decoder *d, const int64_t count[256], int channel)
{
    const struct labelling *l = &d->model->labels;
    int64_t sum = 0;
    if (l->regions == 0) return count[d->by_region ? 1 : channel];
    for (int k = 0; k < l->regions; k++) {
        const int class = labelling_class(l, l->region_value[k]);
        const bool found = class >= 0 && class < l->count;
        if (found ? class_set_has(l->region[channel], class) : k == channel) sum += count[k + 1];
    }
    return sum;
}

struct writing {
    const struct decoder *d;
    struct tasks tasks;
};

static void decode_write_labels(void *arg, int task, int worker)
{
    const struct writing *w = arg;
    const struct decoder *d = w->d;
    int64_t count[256] = {0}; /* local, to avoid false sharing */
    for (size_t i = tasks_from(&w->tasks, task); i < tasks_till(&w->tasks, task); i++) {
        d->labels[i] = decode_value(&d->model->labels, d->classes[i]);
        count[d->classes[i]]++;
    }
    for (int v = 0; v < 256; v++) d->count[worker][v] += count[v];
}

static att_status all_labels(struct decoder *d, struct prediction *out, struct err *e)
{
    struct writing w = {
        d, tasks_cut(d->voxels, 1, d->voxels >> 10 > TASK ? d->voxels >> 10 : TASK)};
    out->labels.data = d->labels = mem_array(d->voxels, sizeof *d->labels);
    if (!d->labels) return err_memory(e, d->voxels * sizeof *d->labels, "the predicted labels");
    pool_run(d->pool, tasks_count(&w.tasks), decode_write_labels, &w);
    return ATT_OK;
}

/* Objects spread over the whole mask, so that a streamed one must be read at last. */
static att_status take_streamed(struct decoder *d, struct prediction *out, struct err *e)
{
    if (!out->mask) return ATT_OK;
    TRY(MEM_BYTES(d->classes, d->voxels, "the predicted labels", e));
    out->classes = d->classes;
    TRY(scratch_read(out->mask, 0, d->classes, d->voxels, e));
    scratch_close(out->mask);
    mem_free(out->mask);
    out->mask = NULL;
    return ATT_OK;
}

static att_status decode_objects(
    struct decoder *d, int64_t smallest, struct prediction *out, struct err *e)
{
    TRY(take_streamed(d, out, e));
    out->labels.data = d->labels = mem_array(d->voxels, sizeof *d->labels);
    if (!d->labels) return err_memory(e, d->voxels * sizeof *d->labels, "the predicted labels");
    TRY(objects_from_classes(d->classes, d->size, smallest, d->labels, &out->objects, e));
    if (d->model->labels.ignore >= 0 && out->objects < UINT16_MAX)
        objects_skip(d->labels, d->voxels, d->model->labels.ignore);
    for (size_t i = 0; i < d->voxels; i++)
        d->count[0][d->labels[i] ? OBJECT_INSIDE : OBJECT_NONE]++;
    return ATT_OK;
}

att_status decode_end(struct decoder *d, const struct postprocess *post, double max,
    struct prediction *out, struct err *e)
{
    const struct drop_planes planes = {{d->size[0], d->size[1], d->size[2]}, d->classes, out->mask};
    int64_t count[256] = {0};
    out->overflowed = d->overflowed;
    if (postprocess_any(post) && !d->model->labels.objects)
        TRY(post_apply(post, &d->model->labels, &planes, max, out, e));
    if (d->model->labels.objects) {
        TRY(decode_objects(d, post->smallest[OBJECT_INSIDE], out, e));
    } else if (out->mask) {
        TRY(drop_count(&planes, count, e));
        for (int v = 0; v < 256; v++)
            out->wide =
                out->wide || (count[v] > 0 && decode_value(&d->model->labels, v) > UINT8_MAX);
    } else {
        TRY(all_labels(d, out, e));
    }
    for (int t = 0; t < pool_threads(d->pool) && !out->mask; t++)
        for (int v = 0; v < 256; v++) count[v] += d->count[t][v];
    for (int c = 0; c < d->channels; c++) out->voxels[c] = channel_voxels(d, count, c);
    return ATT_OK;
}

void decode_probabilities(const struct model *m, double temperature, float *logits, int channels,
    size_t voxels, const struct kernels *k, struct pool *pool)
{
    const float scale = (float)(1 / temperature);
    for (size_t i = 0; i < (size_t)channels * voxels && scale != 1; i++) logits[i] *= scale;
    k->probabilities(logits, channels, voxels, !decode_by_region(m, channels), pool);
}

void decode_entropy(const struct model *m, float *probabilities, int channels, size_t voxels)
{
    const bool regions = decode_by_region(m, channels);
    const double max = regions ? channels * log(2) : log(channels);
    for (size_t i = 0; i < voxels; i++) {
        double sum = 0;
        for (int c = 0; c < channels; c++) {
            const double p = (double)probabilities[(size_t)c * voxels + i];
            if (p > 0) sum -= p * log(p);
            if (regions && p < 1) sum -= (1 - p) * log(1 - p);
        }
        probabilities[i] = (float)(sum / max);
    }
}
