/* SPDX-License-Identifier: Apache-2.0 */
/* A hash table per case: values go up to 65535, but few pairs occur. */
#include "measure/tally.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/number.h"
#include "dataset/grid.h"
#include "dataset/layout.h"
#include "format/format.h"

enum {
    SLOT_BITS = 17,
    SLOTS = 1 << SLOT_BITS,
    MAX_PAIRS = 254 * 255
};                                /* any class against any, or ignore */
static const double nearby = 0.1; /* voxels */

struct table {
    struct tally_entry slot[SLOTS]; /* voxels 0: free */
    int used;
};

/* NULL: too many pairs. */
static struct tally_entry *tally_find(struct table *t, uint16_t predicted, uint16_t truth)
{
    uint32_t at = ((uint32_t)predicted << 16 | truth) * 0x9E3779B1u >> (32 - SLOT_BITS);
    for (;; at = (at + 1) % SLOTS) {
        struct tally_entry *s = &t->slot[at];
        if (s->voxels && s->predicted == predicted && s->truth == truth) return s;
        if (s->voxels) continue;
        if (t->used == MAX_PAIRS) return NULL;
        t->used++;
        s->predicted = predicted;
        s->truth = truth;
        return s;
    }
}

static bool tally_count(
    const uint16_t *predicted, const uint16_t *truth, size_t voxels, struct table *t)
{
    for (size_t i = 0, run = 1; i < voxels; i += run, run = 1) {
        while (i + run < voxels && predicted[i + run] == predicted[i] && truth[i + run] == truth[i])
            run++;
        struct tally_entry *s = tally_find(t, predicted[i], truth[i]);
        if (!s) return false;
        s->voxels += (int64_t)run;
    }
    return true;
}

static int by_values(const void *a, const void *b)
{
    const struct tally_entry *x = a, *y = b;
    return x->predicted != y->predicted ? x->predicted - y->predicted : x->truth - y->truth;
}

static att_status tally_gather(const struct table *from, struct tally *t, struct err *e)
{
    TRY(MEM_ARRAY(t->entry, from->used, "counting voxels", e));
    for (int i = 0; i < SLOTS; i++)
        if (from->slot[i].voxels) t->entry[t->count++] = from->slot[i];
    qsort(t->entry, (size_t)t->count, sizeof *t->entry, by_values);
    return ATT_OK;
}

static att_status check_grid(const struct labelmap *p, const struct labelmap *t,
    const char *predicted, const char *truth, struct err *e)
{
    char a[NUMBER_SIZE], b[NUMBER_SIZE];
    if (memcmp(p->size, t->size, sizeof p->size) != 0)
        return err_data(e,
            "%s has %s voxels, but its label %s has %s; predict on the label's own grid", predicted,
            number_size(p->size, p->size[0] == 1, a), truth,
            number_size(t->size, t->size[0] == 1, b));
    double distance = geometry_difference(&t->geometry, &p->geometry, t->size);
    if (distance <= nearby || geometry_meets(&t->geometry, &p->geometry, t->size)) return ATT_OK;
    TRY(grid_check_spacing(predicted, &p->geometry, truth, &t->geometry, t->size, e));
    return err_data(e,
        "%s is %.3g voxels (%.3g mm) away from its label %s; predict on the label's own grid, "
        "or correct the affine",
        predicted, distance, geometry_distance(&t->geometry, &p->geometry, t->size), truth);
}

/* Fails at the first undeclared value. */
static att_status tally_check_values(
    const struct labelling *l, const struct labelmap *m, const char *path, struct err *e)
{
    size_t voxels = image_voxels(m->size);
    for (size_t i = 0; i < voxels; i++) {
        if ((i > 0 && m->data[i] == m->data[i - 1]) || labelling_class(l, m->data[i]) >= 0)
            continue;
        uint8_t *classes;
        TRY(MEM_BYTES(classes, voxels, path, e));
        att_status status = labelling_encode(l, m, path, classes, e);
        mem_free(classes);
        return status;
    }
    return ATT_OK;
}

static att_status tally_maps(const struct labelmap *p, const struct labelmap *t,
    const char *predicted, const char *truth, const struct labelling *declared, struct tally *out,
    struct err *e)
{
    TRY(check_grid(p, t, predicted, truth, e));
    if (declared) TRY(tally_check_values(declared, t, truth, e));
    if (declared) TRY(tally_check_values(declared, p, predicted, e));
    struct table *table;
    TRY(MEM_NEW(table, "counting voxels", e));
    att_status status = tally_count(p->data, t->data, image_voxels(t->size), table)
        ? tally_gather(table, out, e)
        : err_data(e,
              "%s or its label %s has too many different values for classes; save masks as class "
              "numbers",
              predicted, truth);
    mem_free(table);
    /* many programs save labels without geometry */
    const struct geometry *g = t->geometry.valid ? &t->geometry : &p->geometry;
    out->voxel = 1;
    out->length = out->unit = t->size[IMAGE_D] == 1 ? "pixels" : "voxels";
    for (int a = 0; a < 3; a++) out->spacing[a] = 1;
    out->voxels = image_voxels(t->size);
    out->volume = t->size[IMAGE_D] > 1;
    out->predicted_lossy = p->geometry.lossy;
    out->truth_lossy = t->geometry.lossy;
    out->truth_palette = t->palette;
    if (g->valid) tally_set_voxel(out, g->spacing, !g->thick);
    return status;
}

att_status tally_files(
    const struct mask_pair *pair, const struct labelling *declared, struct tally *t, struct err *e)
{
    struct labelmap p = {0}, l = {0};
    *t = (struct tally){0};
    att_status status = format_load_labels(pair->predicted, &p, e);
    if (status == ATT_OK) status = pair_load_truth(pair, &l, e);
    if (status == ATT_OK) status = tally_maps(&p, &l, pair->predicted, pair->truth, declared, t, e);
    labelmap_free(&p);
    labelmap_free(&l);
    if (status != ATT_OK) tally_free(t);
    return status;
}

void tally_set_voxel(struct tally *t, const float voxel[3], bool planes)
{
    const bool area = planes && !t->volume;
    t->voxel = (area ? 1 : (double)voxel[0]) * (double)voxel[1] * (double)voxel[2];
    t->length = "mm";
    t->unit = area ? "mm2" : "mm3";
    for (int a = 0; a < 3; a++) t->spacing[a] = (double)voxel[a];
}

void tally_to_um(struct tally *t)
{
    const bool area = strcmp(t->unit, "mm2") == 0;
    t->length = "um";
    t->unit = area ? "um2" : "um3";
    t->voxel *= area ? 1e6 : 1e9;
    for (int a = 0; a < 3; a++) t->spacing[a] *= 1000;
}

bool tally_has_length(const struct tally *t)
{
    return strcmp(t->length, "mm") == 0 || strcmp(t->length, "um") == 0;
}

double tally_shortest_side(const struct tally *t)
{
    const double min = fmin(t->spacing[1], t->spacing[2]);
    return t->volume ? fmin(min, t->spacing[0]) : min;
}

void tally_free(struct tally *t)
{
    mem_free(t->entry);
    mem_free(t->overlap);
    *t = (struct tally){0};
}

static bool is_in(int class, struct class_set set)
{
    return class >= 0 && class_set_has(set, class);
}

att_status tally_overlaps(struct tally *t, const struct labelling *l, struct err *e)
{
    const int targets = labelling_targets(l);
    mem_free(t->overlap);
    TRY(MEM_ARRAY(t->overlap, targets, "the counts of a case", e));
    for (int i = 0; i < t->count; i++) {
        const struct tally_entry *x = &t->entry[i];
        const int predicted = labelling_class(l, x->predicted),
                  truth = labelling_class(l, x->truth);
        for (int k = 0; k < targets && truth != LABELLING_IGNORE; k++) {
            const struct class_set set = labelling_target_set(l, k);
            const bool p = is_in(predicted, set), is = is_in(truth, set);
            struct overlap *o = &t->overlap[k];
            *(p ? is ? &o->tp : &o->fp : is ? &o->fn : &o->tn) += x->voxels;
        }
    }
    return ATT_OK;
}
