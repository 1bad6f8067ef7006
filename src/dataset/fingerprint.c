/* SPDX-License-Identifier: Apache-2.0 */
/* Measures several cases at a time and merges them in order, so results do not depend on threads.
 */
#include "dataset/fingerprint.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/order.h"
#include "base/parallel.h"
#include "dataset/fingerprint_case.h"
#include "dataset/groups.h"
#include "dataset/pack.h"
#include "image/signature.h"

enum {
    SAMPLES = 4000,
    FEWEST_SAMPLES = 64,
    ALL_SAMPLES = 1 << 22
}; /* intensities kept: per channel and case (max, min), and in all */

struct column {
    const struct fingerprint_case *cases;
    enum fingerprint_measure what;
    int axis;
};

static double measure_of(const void *arg, int i)
{
    const struct column *col = arg;
    const struct fingerprint_case *c = &col->cases[i];
    switch (col->what) {
    case FINGERPRINT_SIZE:
        return c->size[col->axis];
    case FINGERPRINT_BOX:
        return c->box[col->axis];
    case FINGERPRINT_SPACING:
        return c->has_spacing ? (double)c->spacing[col->axis] : (double)NAN;
    case FINGERPRINT_SHARE:
        break;
    }
    return (double)image_voxels(c->box) / (double)image_voxels(c->size);
}

double fingerprint_of_cases(
    const struct fingerprint *f, enum fingerprint_measure what, int axis, double share)
{
    return order_quantile_each(measure_of, &(struct column){f->cases, what, axis}, f->count, share);
}

struct work {
    const struct dataset *d;
    const int *list;
    int room;
    struct case_print *prints; /* one per case */
    float *signatures;         /* of each case; or NULL */
};

static void dataset_fingerprint_measure(void *arg, int i, struct err *e)
{
    struct work *w = arg;
    if (w->d->pack)
        pack_print(w->d, w->list[i], w->room, &w->prints[i], e);
    else
        case_print_take(w->d, w->list[i], w->room, &w->prints[i],
            w->signatures ? w->signatures + (size_t)i * (size_t)signature_length(w->d->dims == 2)
                          : NULL,
            e);
}

/* For a loaded case, its classes, and a component number per voxel. */
static double fingerprint_bytes_of(void *arg, int i)
{
    const struct work *w = arg;
    return 16 * w->d->cases[w->list[i]].samples;
}

static att_status merge_range(const struct case_print *prints, int count, bool foreground,
    int channel, struct fingerprint_range *r, struct err *e)
{
    double sum = 0, squares = 0;
    size_t samples = 0;
    *r = (struct fingerprint_range){.min = INFINITY, .max = -INFINITY};
    for (int i = 0; i < count; i++) {
        const struct case_range *c =
            foreground ? &prints[i].foreground[channel] : &prints[i].all[channel];
        if (!c->samples) continue;
        r->count += c->count;
        r->min = fmin(r->min, c->min);
        r->max = fmax(r->max, c->max);
        sum += c->sum;
        samples += (size_t)c->samples;
    }
    if (!samples) {
        *r = (struct fingerprint_range){0};
        return ATT_OK;
    }
    r->mean = sum / r->count;
    float *x;
    TRY(MEM_ARRAY(x, samples, "intensities", e));
    size_t at = 0;
    for (int i = 0; i < count; i++) {
        const struct case_range *c =
            foreground ? &prints[i].foreground[channel] : &prints[i].all[channel];
        if (!c->samples) continue;
        squares += c->squares + c->count * (c->mean - r->mean) * (c->mean - r->mean);
        memcpy(x + at, c->sample, (size_t)c->samples * sizeof *x);
        at += (size_t)c->samples;
    }
    r->std = sqrt(squares / r->count);
    r->low = order_quantile_floats(x, (int)samples, .005);
    r->median = order_quantile_floats(x, (int)samples, .5);
    r->high = order_quantile_floats(x, (int)samples, .995);
    mem_free(x);
    return ATT_OK;
}

static att_status merge_components(const struct case_print *prints, int count, int class,
    struct fingerprint_class *k, struct err *e)
{
    size_t at = 0;
    for (int i = 0; i < count; i++) k->components += prints[i].class[class].components;
    if (!k->components) return ATT_OK;
    int64_t *size;
    TRY(MEM_ARRAY(size, k->components, "the components of a class", e));
    for (int i = 0; i < count; i++) {
        const struct case_class *c = &prints[i].class[class];
        if (!c->components) continue;
        memcpy(size + at, c->component, (size_t)c->components * sizeof *size);
        at += (size_t)c->components;
    }
    qsort(size, at, sizeof *size, order_sizes);
    k->smallest = size[0];
    k->low = order_quantile_sizes(size, (int)at, .02);
    k->median = order_quantile_sizes(size, (int)at, .5);
    mem_free(size);
    return ATT_OK;
}

/* Thickness of a class along an axis by case. */
struct runs {
    const struct case_print *prints;
    int class, axis;
};

static double run_of(const void *arg, int i)
{
    const struct runs *r = arg;
    const struct case_class *c = &r->prints[i].class[r->class];
    return c->voxels ? c->thickness[r->axis] : (double)NAN;
}

static att_status merge_class(const struct case_print *prints, int count, int class,
    struct fingerprint_class *k, struct err *e)
{
    for (int a = 0; a < 3; a++)
        k->thickness[a] = order_quantile_each(run_of, &(struct runs){prints, class, a}, count, .5);
    for (int i = 0; i < count; i++) {
        k->cases += prints[i].class[class].voxels > 0;
        k->voxels += prints[i].class[class].voxels;
    }
    return merge_components(prints, count, class, k, e);
}

static att_status count_groups(
    const struct dataset *d, const int *list, int count, struct fingerprint *f, struct err *e)
{
    int all;
    int *group = mem_array((size_t)d->count, sizeof *group);
    uint8_t *seen = mem_alloc((size_t)d->count);
    att_status status = group && seen ? groups_read(d, group, &all, e)
                                      : err_memory(e, (size_t)d->count * sizeof *group, "groups");
    for (int i = 0; status == ATT_OK && all > 0 && i < count; i++) {
        f->groups += !seen[group[list[i]]];
        seen[group[list[i]]] = 1;
    }
    mem_free(group);
    mem_free(seen);
    return status;
}

static att_status fingerprint_merge(
    const struct case_print *prints, const struct dataset *d, struct fingerprint *f, struct err *e)
{
    for (int i = 0; i < f->count; i++) {
        f->cases[i] = prints[i].facts;
        f->empty += !prints[i].facts.foreground;
    }
    for (int c = 0; c < f->channels; c++) {
        const char *name = d->channel_name[c] ? d->channel_name[c] : "image";
        snprintf(f->channel_name[c], sizeof f->channel_name[c], "%.*s", LABELLING_NAME - 1, name);
        TRY(merge_range(prints, f->count, false, c, &f->all[c], e));
        TRY(merge_range(prints, f->count, true, c, &f->foreground[c], e));
    }
    for (int c = 0; c < f->classes; c++) {
        memcpy(f->class_name[c], d->labels.name[c], sizeof f->class_name[c]);
        TRY(merge_class(prints, f->count, c, &f->class[c], e));
    }
    return ATT_OK;
}

static int samples_each(int channels, int count)
{
    int64_t each = ALL_SAMPLES / ((int64_t)channels * count);
    return each > SAMPLES ? SAMPLES : each < FEWEST_SAMPLES ? FEWEST_SAMPLES : (int)each;
}

/* Divides one block of samples among cases and channels, for all voxels and for the foreground. */
static void fingerprint_share_samples(
    float *sample, int channels, int room, struct case_print *prints, int count)
{
    for (int i = 0; i < count; i++)
        for (int c = 0; c < channels; c++) {
            float *mine = sample + 2 * ((size_t)i * (size_t)channels + (size_t)c) * (size_t)room;
            prints[i].all[c].sample = mine;
            prints[i].foreground[c].sample = mine + room;
        }
}

att_status fingerprint_take(const struct dataset *d, const int *list, int count, struct pool *pool,
    struct host *host, struct fingerprint *f, float *signatures, struct err *e)
{
    struct work w = {
        .d = d, .list = list, .signatures = signatures, .room = samples_each(d->channels, count)};
    size_t samples = 2 * (size_t)count * (size_t)d->channels * (size_t)w.room;
    memset(f, 0, sizeof *f);
    f->dims = d->dims;
    f->channels = d->channels;
    f->classes = d->labels.count;
    f->count = count;
    f->cases = mem_array((size_t)count, sizeof *f->cases);
    w.prints = mem_array((size_t)count, sizeof *w.prints);
    float *sample = mem_array(samples, sizeof *sample);
    att_status status = f->cases && w.prints && sample
        ? count_groups(d, list, count, f, e)
        : err_memory(e, samples * sizeof *sample, "the fingerprint");
    if (status == ATT_OK) {
        fingerprint_share_samples(sample, d->channels, w.room, w.prints, count);
        const struct several cases = {count, d->sparing ? 1 : 4 * pool_threads(pool),
            "measuring the cases", dataset_fingerprint_measure, NULL, &w, fingerprint_bytes_of};
        status = parallel_run(&cases, pool, host, e);
        if (status == ATT_OK) status = fingerprint_merge(w.prints, d, f, e);
        for (int i = 0; i < count; i++) case_print_free(&w.prints[i]);
    }
    mem_free(w.prints);
    mem_free(sample);
    if (status != ATT_OK) fingerprint_free(f);
    return status;
}

void fingerprint_free(struct fingerprint *f)
{
    mem_free(f->cases);
    memset(f, 0, sizeof *f);
}
