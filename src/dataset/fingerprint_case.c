/* SPDX-License-Identifier: Apache-2.0 */
/* Measuring one case; called by fingerprint.c. */
#include "dataset/fingerprint_case.h"

#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "image/components.h"
#include "image/nonzero.h"

void case_print_free(struct case_print *p)
{
    for (int c = 0; c < LABELLING_MAX; c++) {
        mem_free(p->class[c].component);
        p->class[c].component = NULL;
    }
}

/* ---- intensities */

/* Of all voxels, or of those with a class. */
static void measure_range(const float *x, const uint8_t *classes, size_t voxels, int room, struct case_range *r)
{
    size_t total = voxels, seen = 0;
    if (classes) {
        total = 0;
        for (size_t i = 0; i < voxels; i++) total += classes[i] != 0 && classes[i] != LABELLING_IGNORE;
    }
    if (!total) return;
    size_t every = (total - 1) / (size_t)room + 1;
    r->count = (double)total;
    r->least = INFINITY;
    r->most = -INFINITY;
    for (size_t i = 0; i < voxels; i++) {
        if (classes && (classes[i] == 0 || classes[i] == LABELLING_IGNORE)) continue;
        double v = (double)x[i];
        r->least = fmin(r->least, v);
        r->most = fmax(r->most, v);
        r->sum += v;
        if (seen++ % every == 0) r->sample[r->samples++] = x[i];
    }
    r->mean = r->sum / r->count;
    for (size_t i = 0; i < voxels; i++)
        if (!classes || (classes[i] != 0 && classes[i] != LABELLING_IGNORE))
            r->squares += ((double)x[i] - r->mean) * ((double)x[i] - r->mean);
}

/* ---- classes */

/* The box that a class fills; lo > hi when it has no voxel. */
struct box {
    int lo[3], hi[3];
};

/* Counts voxels, and along each axis the rows that they stand in: a row begins where the voxel before is of another class. */
static void count_classes(const struct sample *s, struct case_class *class, struct box *box)
{
    const int *n = s->image.size;
    const size_t step[3] = {(size_t)n[1] * (size_t)n[2], (size_t)n[2], 1};
    int64_t runs[LABELLING_MAX][3];
    memset(runs, 0, sizeof runs);
    for (int c = 0; c < LABELLING_MAX; c++) box[c] = (struct box){{n[0], n[1], n[2]}, {-1, -1, -1}};
    const uint8_t *p = s->classes;
    for (int d = 0; d < n[0]; d++)
        for (int h = 0; h < n[1]; h++)
            for (int w = 0; w < n[2]; w++, p++) {
                const int at[3] = {d, h, w};
                if (*p >= LABELLING_MAX) continue; /* ignored */
                class[*p].voxels++;
                for (int a = 0; a < 3; a++) {
                    if (at[a] == 0 || p[-(ptrdiff_t)step[a]] != *p) runs[*p][a]++;
                    if (at[a] < box[*p].lo[a]) box[*p].lo[a] = at[a];
                    if (at[a] > box[*p].hi[a]) box[*p].hi[a] = at[a];
                }
            }
    for (int c = 0; c < LABELLING_MAX; c++)
        for (int a = 0; a < 3; a++)
            if (runs[c][a]) class[c].run[a] = (double)class[c].voxels / (double)runs[c][a];
}

static att_status count_components(const struct sample *s, int c, const struct box *b, struct case_class *class, struct err *e)
{
    const int *n = s->image.size, size[3] = {b->hi[0] - b->lo[0] + 1, b->hi[1] - b->lo[1] + 1, b->hi[2] - b->lo[2] + 1};
    size_t voxels = image_voxels(size);
    uint8_t *mask = mem_alloc(voxels), *to = mask;
    int32_t *label = mem_array(voxels, sizeof *label);
    att_status status = mask && label ? ATT_OK : err_memory(e, voxels * 5, "the components of a class");
    for (int d = 0; status == ATT_OK && d < size[0]; d++)
        for (int h = 0; h < size[1]; h++) {
            const uint8_t *row = s->classes + ((size_t)(b->lo[0] + d) * (size_t)n[1] + (size_t)(b->lo[1] + h)) * (size_t)n[2] + b->lo[2];
            for (int w = 0; w < size[2]; w++) *to++ = row[w] == c;
        }
    if (status == ATT_OK) status = components_label(mask, size, label, &class->components, e);
    if (status == ATT_OK && !(class->component = mem_array((size_t) class->components, sizeof *class->component)))
        status = err_memory(e, (size_t) class->components * sizeof *class->component, "the components of a class");
    if (status == ATT_OK) components_sizes(label, voxels, class->components, class->component);
    mem_free(mask);
    mem_free(label);
    return status;
}

static att_status measure_classes(const struct dataset *d, const struct sample *s, struct case_print *p, struct err *e)
{
    struct box box[LABELLING_MAX];
    count_classes(s, p->class, box);
    for (int c = 0; c < d->labels.count; c++) {
        if (c == 0 || !p->class[c].voxels) continue;
        p->facts.foreground = true;
        TRY(count_components(s, c, &box[c], &p->class[c], e));
    }
    return ATT_OK;
}

static att_status measure(const struct dataset *d, const struct sample *s, int room, struct case_print *p, struct err *e)
{
    const struct image *m = &s->image;
    size_t voxels = image_voxels(m->size);
    int from[3];
    memcpy(p->facts.size, m->size, sizeof p->facts.size);
    memcpy(p->facts.spacing, m->geometry.spacing, sizeof p->facts.spacing);
    p->facts.known = m->geometry.known;
    nonzero_box(m, from, p->facts.box);
    for (int c = 0; c < m->channels; c++) {
        measure_range(m->data + (size_t)c * voxels, NULL, voxels, room, &p->all[c]);
        if (s->classes) measure_range(m->data + (size_t)c * voxels, s->classes, voxels, room, &p->foreground[c]);
    }
    return s->classes ? measure_classes(d, s, p, e) : ATT_OK;
}

att_status case_print_take(const struct dataset *d, int index, int room, struct case_print *p, struct err *e)
{
    struct sample s;
    TRY(dataset_load(d, index, &s, e));
    att_status status = measure(d, &s, room, p, e);
    sample_free(&s);
    return status;
}
