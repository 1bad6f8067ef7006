/* SPDX-License-Identifier: Apache-2.0 */
/* Arg-max or thresholds over logits, plane by plane; for predict.c. */
#include "predict/predict_decode.h"

#include <string.h>

#include "base/mem.h"
#include "predict/predict_post.h"

enum { TASK = 1 << 14 }; /* voxels of one task at least */

bool decode_by_region(const struct model *m, int channels) { return m->labels.regions > 0 || channels == 1; }

const char *decode_name(const struct model *m, int channels, int k)
{
    if (m->labels.regions > 0) return m->labels.region_name[k];
    return m->labels.name[channels == 1 ? 1 : k];
}

att_status decode_begin(struct decoder *d, const struct model *m, int channels, const int size[3], const float *all, struct pool *pool,
                        struct prediction *out, struct err *e)
{
    *d = (struct decoder){.model = m, .channels = channels, .by_region = decode_by_region(m, channels), .pool = pool};
    d->voxels = image_voxels(size);
    d->voxels_per_task = d->voxels >> 10 > TASK ? d->voxels >> 10 : TASK;
    d->tasks = (d->voxels + d->voxels_per_task - 1) / d->voxels_per_task;
    memcpy(out->labels.size, size, sizeof out->labels.size);
    out->labels.data = d->labels = mem_array(d->voxels, sizeof *d->labels);
    out->classes = d->classes = mem_array(d->voxels, sizeof *d->classes);
    out->channels = channels;
    d->count = mem_array(d->tasks, sizeof *d->count);
    d->stride = all ? d->voxels : 0;
    bool one_by_one = !all && !d->by_region;
    d->best = one_by_one ? mem_array(d->voxels, sizeof *d->best) : (float *)(uintptr_t)all; /* the caller's are only read */
    if (d->labels && d->classes && d->count && (d->best || !one_by_one)) return ATT_OK;
    return err_memory(e, d->voxels * (sizeof *d->labels + sizeof *d->classes + sizeof *d->best), "the predicted labels");
}

void decode_free(struct decoder *d)
{
    if (!d->stride) mem_free(d->best);
    mem_free(d->count);
    *d = (struct decoder){0};
}

/* ---- the walk over voxels */

typedef void walk_fn(const struct decoder *d, size_t from, size_t to, int64_t *count);

struct walk {
    const struct decoder *d;
    walk_fn *fn;
};

static void walk_task(void *arg, int task, int worker)
{
    const struct walk *w = arg;
    const struct decoder *d = w->d;
    size_t from = (size_t)task * d->voxels_per_task;
    (void)worker;
    w->fn(d, from, d->voxels - from < d->voxels_per_task ? d->voxels : from + d->voxels_per_task, d->count[task]);
}

static void walk(const struct decoder *d, walk_fn *fn)
{
    struct walk w = {d, fn};
    pool_run(d->pool, (int)d->tasks, walk_task, &w);
}

static void compare_class(const struct decoder *d, size_t from, size_t to, int64_t *count)
{
    (void)count;
    for (size_t i = from; i < to; i++) {
        if (d->channel > 0 && !(d->plane[i] > d->best[d->classes[i] * d->stride + i])) continue;
        d->classes[i] = (uint8_t)d->channel;
        if (!d->stride) d->best[i] = d->plane[i];
    }
}

static void decide_region(const struct decoder *d, size_t from, size_t to, int64_t *count)
{
    for (size_t i = from; i < to; i++) {
        if (!(d->plane[i] > 0)) continue;
        d->classes[i] = (uint8_t)(d->channel + 1);
        if (d->model->labels.regions > 0) count[d->channel]++;
    }
}

void decode_plane(struct decoder *d, int channel, const float *plane)
{
    d->channel = channel;
    d->plane = plane;
    walk(d, d->by_region ? decide_region : compare_class);
}

static void write_labels(const struct decoder *d, size_t from, size_t to, int64_t *count)
{
    const struct labelling *l = &d->model->labels;
    for (size_t i = from; i < to; i++) {
        int class = d->classes[i];
        d->labels[i] = l->regions > 0 && class > 0 ? l->region_value[class - 1] : l->value[class];
        if (l->regions > 0) continue;
        if (!d->by_region)
            count[class]++;
        else
            count[0] += class == 1;
    }
}

att_status decode_end(struct decoder *d, const struct postprocess *post, struct prediction *out, struct err *e)
{
    if (post) TRY(post_apply(post, &d->model->labels, d->by_region, out, e));
    walk(d, write_labels);
    for (size_t t = 0; t < d->tasks && !(post && d->model->labels.regions); t++)
        for (int c = 0; c < d->channels; c++) out->voxels[c] += d->count[t][c];
    return ATT_OK;
}

att_status decode_logits(const struct model *m, float *logits, int channels, const int size[3], bool probabilities,
                         const struct postprocess *post, struct prediction *out, const struct kernels *k, struct pool *pool, struct err *e)
{
    struct decoder d;
    att_status status = decode_begin(&d, m, channels, size, logits, pool, out, e);
    for (int c = 0; c < channels && status == ATT_OK; c++) decode_plane(&d, c, logits + (size_t)c * d.voxels);
    if (status == ATT_OK) status = decode_end(&d, post, out, e);
    if (status == ATT_OK && probabilities) {
        k->probabilities(logits, channels, d.voxels, !d.by_region, pool);
        out->probability = logits;
    } else {
        mem_free(logits);
    }
    decode_free(&d);
    return status;
}
