/* SPDX-License-Identifier: Apache-2.0 */
#include "dataset/fingerprint_case.h"

#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "image/nonzero.h"
#include "image/parts.h"
#include "image/signature.h"

void case_print_free(struct case_print *p)
{
    for (int c = 0; c < LABELLING_MAX; c++) {
        mem_free(p->class[c].component);
        p->class[c].component = NULL;
    }
}

/* Over all voxels; with `classes`, over the foreground. */
static void measure_range(
    const float *x, const uint8_t *classes, size_t voxels, int room, struct case_range *r)
{
    size_t total = voxels, seen = 0;
    if (classes) {
        total = 0;
        for (size_t i = 0; i < voxels; i++)
            total += classes[i] != 0 && classes[i] != LABELLING_IGNORE;
    }
    if (!total) return;
    size_t every = (total - 1) / (size_t)room + 1;
    r->count = (double)total;
    r->min = INFINITY;
    r->max = -INFINITY;
    for (size_t i = 0; i < voxels; i++) {
        if (classes && (classes[i] == 0 || classes[i] == LABELLING_IGNORE)) continue;
        double v = (double)x[i];
        r->min = fmin(r->min, v);
        r->max = fmax(r->max, v);
        r->sum += v;
        if (seen++ % every == 0) r->sample[r->samples++] = x[i];
    }
    r->mean = r->sum / r->count;
    for (size_t i = 0; i < voxels; i++)
        if (!classes || (classes[i] != 0 && classes[i] != LABELLING_IGNORE))
            r->squares += ((double)x[i] - r->mean) * ((double)x[i] - r->mean);
}

/* Runs of a class along each axis; a run starts after a voxel of another class. */
static void count_runs(const struct sample *s, struct case_class *class)
{
    const int *n = s->image.size;
    const size_t step[3] = {(size_t)n[1] * (size_t)n[2], (size_t)n[2], 1};
    int64_t runs[LABELLING_MAX][3];
    memset(runs, 0, sizeof runs);
    const uint8_t *p = s->classes;
    for (int d = 0; d < n[0]; d++)
        for (int h = 0; h < n[1]; h++)
            for (int w = 0; w < n[2]; w++, p++) {
                const int at[3] = {d, h, w};
                if (*p >= LABELLING_MAX) continue; /* ignored */
                for (int a = 0; a < 3; a++)
                    runs[*p][a] += at[a] == 0 || p[-(ptrdiff_t)step[a]] != *p;
            }
    for (int c = 0; c < LABELLING_MAX; c++)
        for (int a = 0; a < 3; a++)
            if (runs[c][a]) class[c].thickness[a] = (double)class[c].voxels / (double)runs[c][a];
}

static att_status count_components(
    const struct sample *s, int c, const struct box *b, struct case_class *class, struct err *e)
{
    bool member[256] = {false};
    struct parts p;
    member[c] = true;
    TRY(parts_find_in(b, s->classes, s->image.size, member, &p, e));
    class->components = p.count;
    class->component = p.voxels;
    p.voxels = NULL;
    parts_free(&p);
    return ATT_OK;
}

static att_status measure_classes(
    const struct dataset *d, const struct sample *s, struct case_print *p, struct err *e)
{
    struct box box[256];
    int64_t voxels[256];
    box_find_each(s->classes, s->image.size, box, voxels);
    for (int c = 0; c < LABELLING_MAX; c++) p->class[c].voxels = voxels[c];
    count_runs(s, p->class);
    for (int c = 0; c < d->labels.count; c++) {
        if (c == 0 || !p->class[c].voxels) continue;
        p->facts.foreground = true;
        TRY(count_components(s, c, &box[c], &p->class[c], e));
    }
    return ATT_OK;
}

static void note_flattened(const struct case_range *r, int channel, struct fingerprint_case *facts)
{
    for (int s = 0; s < NORMALISE_SCHEMES; s++)
        if (normalise_flattens(
                (enum normalise_scheme)s, r->min, r->max, sqrt(r->squares / r->count)))
            facts->flattened[s] |= UINT32_C(1) << channel;
}

static att_status fingerprint_case_measure(
    const struct dataset *d, const struct sample *s, int room, struct case_print *p, struct err *e)
{
    const struct image *m = &s->image;
    size_t voxels = image_voxels(m->size);
    struct box box;
    memcpy(p->facts.size, m->size, sizeof p->facts.size);
    const struct geometry g = geometry_effective(&m->geometry);
    memcpy(p->facts.spacing, g.spacing, sizeof p->facts.spacing);
    p->facts.has_spacing = g.valid;
    nonzero_box(m, &box);
    memcpy(p->facts.box, box.size, sizeof p->facts.box);
    for (int c = 0; c < m->channels; c++) {
        measure_range(m->data + (size_t)c * voxels, NULL, voxels, room, &p->all[c]);
        note_flattened(&p->all[c], c, &p->facts);
        if (s->classes)
            measure_range(
                m->data + (size_t)c * voxels, s->classes, voxels, room, &p->foreground[c]);
    }
    return s->classes ? measure_classes(d, s, p, e) : ATT_OK;
}

att_status case_print_take(const struct dataset *d, int index, int room, struct case_print *p,
    float *signature, struct err *e)
{
    struct sample s;
    TRY(dataset_load(d, index, &s, e));
    att_status status = fingerprint_case_measure(d, &s, room, p, e);
    if (status == ATT_OK && signature)
        status = signature_take(&s.image, d->dims == 2, signature, e);
    sample_free(&s);
    return status;
}
