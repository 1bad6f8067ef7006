/* SPDX-License-Identifier: Apache-2.0 */
/* Arg-max or thresholds over logits, voxel by voxel; for predict.c. */
#include "predict/predict_decode.h"

#include <string.h>

#include "base/mem.h"

enum { TASK = 1 << 14 }; /* voxels of one task at least */

struct decoder {
    float *logits;
    size_t voxels, voxels_per_task;
    int channels;
    bool by_region;
    uint16_t background, value[LABELLING_MAX];
    uint16_t *labels;
    uint8_t *classes;
    int64_t (*count)[LABELLING_MAX]; /* per task, so that nobody shares one */
};

bool decode_by_region(const struct model *m, int channels) { return m->labels.regions > 0 || channels == 1; }

const char *decode_name(const struct model *m, int channels, int k)
{
    if (m->labels.regions > 0) return m->labels.region_name[k];
    return m->labels.name[channels == 1 ? 1 : k];
}

static void decide_class(const struct decoder *d, size_t i, int64_t *count)
{
    int best = 0;
    for (int c = 1; c < d->channels; c++)
        if (d->logits[(size_t)c * d->voxels + i] > d->logits[(size_t)best * d->voxels + i]) best = c;
    d->labels[i] = d->value[best];
    d->classes[i] = (uint8_t)best;
    count[best]++;
}

static void decide_regions(const struct decoder *d, size_t i, int64_t *count)
{
    d->labels[i] = d->background;
    d->classes[i] = 0;
    for (int c = 0; c < d->channels; c++) {
        if (!(d->logits[(size_t)c * d->voxels + i] > 0)) continue;
        d->labels[i] = d->value[c];
        d->classes[i] = (uint8_t)(c + 1);
        count[c]++;
    }
}

static void decode_voxels(void *arg, int task, int worker)
{
    const struct decoder *d = arg;
    size_t from = (size_t)task * d->voxels_per_task;
    size_t to = d->voxels - from < d->voxels_per_task ? d->voxels : from + d->voxels_per_task;
    (void)worker;
    for (size_t i = from; i < to; i++) {
        if (d->by_region)
            decide_regions(d, i, d->count[task]);
        else
            decide_class(d, i, d->count[task]);
    }
}

static void what_channels_write(const struct model *m, struct decoder *d)
{
    d->by_region = decode_by_region(m, d->channels);
    d->background = m->labels.value[0];
    for (int c = 0; c < d->channels; c++)
        d->value[c] = m->labels.regions > 0 ? m->labels.region_value[c] : m->labels.value[d->channels == 1 ? 1 : c];
}

att_status decode_logits(const struct model *m, float *logits, int channels, const int size[3], bool probabilities, struct prediction *out,
                         const struct kernels *k, struct pool *pool, struct err *e)
{
    struct decoder d = {.logits = logits, .voxels = image_voxels(size), .channels = channels};
    what_channels_write(m, &d);
    d.voxels_per_task = d.voxels >> 10 > TASK ? d.voxels >> 10 : TASK;
    size_t tasks = (d.voxels + d.voxels_per_task - 1) / d.voxels_per_task;
    memcpy(out->labels.size, size, sizeof out->labels.size);
    out->labels.data = d.labels = mem_array(d.voxels, sizeof *d.labels);
    out->classes = d.classes = mem_array(d.voxels, sizeof *d.classes);
    out->channels = channels;
    d.count = mem_array(tasks, sizeof *d.count);
    bool enough = d.labels && d.classes && d.count;
    if (enough) pool_run(pool, (int)tasks, decode_voxels, &d);
    for (size_t t = 0; enough && t < tasks; t++)
        for (int c = 0; c < channels; c++) out->voxels[c] += d.count[t][c];
    mem_free(d.count);
    if (enough && probabilities) {
        k->probabilities(logits, channels, d.voxels, !d.by_region, pool);
        out->probability = logits;
    } else {
        mem_free(logits);
    }
    return enough ? ATT_OK : err_memory(e, d.voxels * (sizeof *d.labels + sizeof *d.classes), "the predicted labels");
}
