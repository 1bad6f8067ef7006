/* SPDX-License-Identifier: Apache-2.0 */
/* Loading the training cases; called by train.c. */
#include "train/cases.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "format/format.h"
#include "model/prepare.h"

static int by_value(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

att_status cases_facts(const struct dataset *d, const int *list, int count, struct recipe_facts *f, struct err *e)
{
    float *sizes = mem_array((size_t)count * 6, sizeof *sizes);
    if (!sizes) return err_memory(e, (size_t)count * 6 * sizeof *sizes, "the sizes of the cases");
    float *spacings = sizes + (size_t)count * 3;
    att_status status = ATT_OK;
    for (int i = 0; i < count && status == ATT_OK; i++) {
        int channels, size[3];
        float spacing[3];
        status = format_peek(d->cases[list[i]].image[0], &channels, size, spacing, e);
        if (status != ATT_OK) break;
        for (int a = 0; a < 3; a++) {
            sizes[a * count + i] = (float)size[a];
            spacings[a * count + i] = spacing[a];
        }
    }
    for (int a = 0; a < 3; a++) {
        qsort(sizes + a * count, (size_t)count, sizeof *sizes, by_value);
        qsort(spacings + a * count, (size_t)count, sizeof *spacings, by_value);
        f->median[a] = (int)sizes[a * count + count / 2];
        f->spacing[a] = spacings[a * count + count / 2];
    }
    f->cases = count;
    mem_free(sizes);
    return status;
}

/* ---- normalisation from the data */

enum { SAMPLES = 4000 }; /* foreground samples kept of each case */

/* Evenly spread foreground samples of one channel. */
static void gather(const struct sample *s, int channel, float *out, int *count)
{
    size_t voxels = image_voxels(s->image.size), seen = 0, total = 0;
    for (size_t i = 0; i < voxels; i++) total += s->classes[i] != 0 && s->classes[i] != LABELLING_IGNORE;
    size_t every = total / SAMPLES + 1;
    for (size_t i = 0; i < voxels; i++)
        if (s->classes[i] != 0 && s->classes[i] != LABELLING_IGNORE && seen++ % every == 0)
            out[(*count)++] = s->image.data[(size_t)channel * voxels + i];
}

static void ct_numbers(float *x, int count, struct normalise *n)
{
    qsort(x, (size_t)count, sizeof *x, by_value);
    n->lower = count ? (double)x[(int)(.005 * (count - 1))] : 0;
    n->upper = count ? (double)x[(int)(.995 * (count - 1))] : 1;
    double sum = 0, squares = 0;
    for (int i = 0; i < count; i++) sum += (double)x[i];
    n->mean = count ? sum / count : 0;
    for (int i = 0; i < count; i++) squares += ((double)x[i] - n->mean) * ((double)x[i] - n->mean);
    n->std = count ? sqrt(squares / count) : 1;
}

/* Every case is loaded once: its samples go to the blocks of all CT channels. */
static att_status ct_samples(const struct train_context *c, const struct dataset *d, const int *list, int count,
                             const struct preparation *p, float *x, int *n, struct err *e)
{
    for (int i = 0; i < count; i++) {
        struct sample s;
        if (atomic_load(&c->log->stop)) return err_set(e, ATT_INTERRUPTED, "stopped while measuring intensities");
        TRY(dataset_load(d, list[i], &s, e));
        for (int k = 0; k < p->channels; k++)
            if (p->normalise[k].scheme == NORMALISE_CT) gather(&s, k, x + (size_t)k * (size_t)count * SAMPLES, &n[k]);
        sample_free(&s);
        log_progress(c->log, "measuring intensities", i + 1, count, NULL);
    }
    return ATT_OK;
}

static att_status ct_statistics(const struct train_context *c, const struct dataset *d, const int *list, int count, struct preparation *p,
                                struct err *e)
{
    int n[DATASET_CHANNELS] = {0};
    size_t each = (size_t)count * SAMPLES;
    float *x = mem_array((size_t)p->channels * each, sizeof *x);
    if (!x) return err_memory(e, (size_t)p->channels * each * sizeof *x, "intensity statistics");
    att_status status = ct_samples(c, d, list, count, p, x, n, e);
    for (int k = 0; k < p->channels && status == ATT_OK; k++)
        if (p->normalise[k].scheme == NORMALISE_CT) ct_numbers(x + (size_t)k * each, n[k], &p->normalise[k]);
    mem_free(x);
    return status;
}

att_status cases_preparation(const struct train_context *c, const struct dataset *d, const int *list, int count, const struct recipe *r,
                             const struct model *init, struct preparation *p, struct err *e)
{
    memset(p, 0, sizeof *p);
    p->channels = d->channels;
    memcpy(p->resize, r->resize, sizeof p->resize);
    for (int i = 0; i < 3; i++) p->spacing[i] = (float)r->spacing[i];
    p->nonzero = r->nonzero;
    memcpy(p->patch, r->patch, sizeof p->patch);
    bool measure = false;
    for (int i = 0; i < d->channels; i++) {
        const char *name = d->channel_name[i] ? d->channel_name[i] : "image";
        snprintf(p->channel_name[i], sizeof p->channel_name[i], "%.*s", LABELLING_NAME - 1, name);
        if (init && !strcmp(r->normalise, "auto")) {
            p->normalise[i] = init->prep.normalise[i];
            continue;
        }
        p->normalise[i].scheme = strcasecmp(name, "CT") ? NORMALISE_ZSCORE : NORMALISE_CT;
        if (strcmp(r->normalise, "auto") != 0 && !normalise_by_name(r->normalise, &p->normalise[i].scheme))
            return err_set(e, ATT_USAGE, "--normalise %s is unknown: choose auto, zscore, ct, minmax01, rgb or none", r->normalise);
        measure |= p->normalise[i].scheme == NORMALISE_CT;
    }
    return measure ? ct_statistics(c, d, list, count, p, e) : ATT_OK;
}

/* ---- loading */

/* The label goes where the image went. */
static att_status bring_classes(const struct train_context *c, const struct preparation *prep, const struct placed *where, struct sample *s,
                                struct err *e)
{
    if (!prepare_moves(where)) return ATT_OK;
    uint8_t *classes = mem_alloc(image_voxels(where->size));
    if (!classes) return err_memory(e, image_voxels(where->size), "labels on the network's grid");
    att_status status = prepare_labels(prep, where, s->classes, classes, c->pool, e);
    mem_free(s->classes);
    s->classes = classes;
    return status;
}

static att_status prepare(const struct train_context *c, const struct dataset *d, int index, const struct model *m, struct sample *s,
                          struct err *e)
{
    struct placed where;
    struct err cause = {0};
    if (!s->classes) return err_set(e, ATT_DATA, "case %s has no label to train on", d->cases[index].id);
    att_status status = prepare_image(&m->prep, &s->image, c->pool, &where, &cause);
    if (status != ATT_OK) return err_set(e, status, "case %s: %s", d->cases[index].id, cause.text);
    memcpy(s->image.geometry.spacing, where.spacing, sizeof where.spacing);
    return bring_classes(c, &m->prep, &where, s, e);
}

static att_status load_one(const struct train_context *c, const struct dataset *d, int index, const struct model *m, struct prepared *p,
                           struct err *e)
{
    struct sample s;
    TRY(dataset_load(d, index, &s, e));
    att_status status = prepare(c, d, index, m, &s, e);
    if (status == ATT_OK) status = prepared_make(&s, m->labels.count, p, e);
    sample_free(&s);
    return status;
}

att_status cases_load(const struct train_context *c, const struct dataset *d, const int *list, int count, const struct model *m,
                      struct prepared **cases, struct err *e)
{
    *cases = mem_array((size_t)count, sizeof **cases);
    if (!*cases) return err_memory(e, (size_t)count * sizeof **cases, "the list of training cases");
    for (int i = 0; i < count; i++) {
        att_status status = atomic_load(&c->log->stop) ? err_set(e, ATT_INTERRUPTED, "stopped while loading the data")
                                                       : load_one(c, d, list[i], m, &(*cases)[i], e);
        if (status != ATT_OK) {
            cases_free(*cases, count);
            *cases = NULL;
            return status;
        }
        log_progress(c->log, "loading", i + 1, count, NULL);
    }
    return ATT_OK;
}

void cases_free(struct prepared *cases, int count)
{
    for (int i = 0; cases && i < count; i++) prepared_free(&cases[i]);
    mem_free(cases);
}
