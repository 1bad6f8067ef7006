/* SPDX-License-Identifier: Apache-2.0 */
#include "dataset/forms.h"

#include <stdio.h>

#include "base/mem.h"
#include "dataset/shares.h"

/* The value of most voxels on the border of the slices, if any has most (Boyer and Moore); *share:
 * its part of them. */
static unsigned find_frame(const struct labelmap *m, double *share)
{
    const int *n = m->size;
    unsigned value = 0;
    size_t votes = 0, own = 0, all = 0;
    for (int pass = 0; pass < 2; pass++) {
        const uint16_t *x = m->data;
        for (int d = 0; d < n[0]; d++)
            for (int h = 0; h < n[1]; h++, x += n[2])
                for (int w = 0, step = h > 0 && h < n[1] - 1 && n[2] > 1 ? n[2] - 1 : 1; w < n[2];
                     w += step) {
                    if (pass) {
                        own += x[w] == value;
                        all++;
                    } else {
                        if (!votes) value = x[w];
                        votes = x[w] == value ? votes + 1 : votes - 1;
                    }
                }
    }
    *share = (double)own / (double)all;
    return value;
}

static void note_frame(const struct labelmap *m, struct form *f)
{
    const size_t voxels = image_voxels(m->size);
    double share;
    size_t own = 0;
    f->frame = find_frame(m, &share);
    if (!f->frame || share < .95) return;
    for (size_t i = 0; i < voxels; i++) own += m->data[i] == f->frame;
    f->framed = 2 * own > voxels;
    f->plain = own == voxels;
}

/* Pixels of a slice. */
struct flood {
    const uint16_t *x;
    int height, width;
    size_t *stack, waiting;
    bool *outside; /* 0 that reaches the border over faces */
    size_t lines, closed, enclosed, open;
};

static void flood_take(struct flood *f, int h, int w)
{
    const size_t i = (size_t)h * (size_t)f->width + (size_t)w;
    if (h < 0 || w < 0 || h >= f->height || w >= f->width || f->x[i] || f->outside[i]) return;
    f->outside[i] = true;
    f->stack[f->waiting++] = i;
}

static void flood_slice(struct flood *f)
{
    for (int h = 0; h < f->height; h++)
        for (int w = 0; w < f->width; w++) f->outside[(size_t)h * (size_t)f->width + (size_t)w] = 0;
    for (int h = 0; h < f->height; h++) {
        flood_take(f, h, 0);
        flood_take(f, h, f->width - 1);
    }
    for (int w = 0; w < f->width; w++) {
        flood_take(f, 0, w);
        flood_take(f, f->height - 1, w);
    }
    while (f->waiting) {
        const size_t i = f->stack[--f->waiting];
        const int h = (int)(i / (size_t)f->width), w = (int)(i % (size_t)f->width);
        flood_take(f, h - 1, w);
        flood_take(f, h + 1, w);
        flood_take(f, h, w - 1);
        flood_take(f, h, w + 1);
    }
}

/* A pixel of an area that lines enclose is near, as lines are up to two pixels wide. */
static bool encloses(const struct flood *f, int h, int w)
{
    enum { REACH = 2, SIDE = 2 * REACH + 1 };
    for (int k = 0; k < SIDE * SIDE; k++) {
        const int y = h + k / SIDE - REACH, x = w + k % SIDE - REACH;
        const size_t i = (size_t)y * (size_t)f->width + (size_t)x;
        if (y >= 0 && x >= 0 && y < f->height && x < f->width && !f->x[i] && !f->outside[i])
            return true;
    }
    return false;
}

static void flood_count(struct flood *f)
{
    for (int h = 0; h < f->height; h++)
        for (int w = 0; w < f->width; w++) {
            const size_t i = (size_t)h * (size_t)f->width + (size_t)w;
            f->lines += f->x[i] != 0;
            f->closed += f->x[i] && encloses(f, h, w);
            f->open += f->outside[i];
            f->enclosed += !f->x[i] && !f->outside[i];
        }
}

/* Nearly all lines enclose areas, unlike vessels, whose ends are free; and much lies outside,
 * unlike with borders of cells that fill the image. */
static att_status note_outline(const struct labelmap *m, struct form *f, struct err *e)
{
    const size_t plane = (size_t)m->size[1] * (size_t)m->size[2];
    struct flood o = {.height = m->size[1], .width = m->size[2]};
    att_status status = MEM_ARRAY(o.stack, plane, "the outlines of a mask", e);
    if (status == ATT_OK) status = MEM_ARRAY(o.outside, plane, "the outlines of a mask", e);
    for (int d = 0; d < m->size[0] && status == ATT_OK; d++) {
        o.x = m->data + (size_t)d * plane;
        flood_slice(&o);
        flood_count(&o);
    }
    mem_free(o.stack);
    mem_free(o.outside);
    f->outline = (double)o.closed >= .8 * (double)o.lines && 2 * o.enclosed >= o.lines &&
        (double)o.open >= .45 * (double)image_voxels(m->size);
    return status;
}

att_status form_find(const struct labelmap *m, bool thin, struct form *f, struct err *e)
{
    const size_t voxels = image_voxels(m->size);
    *f = (struct form){.framed = false};
    for (size_t i = 0; i < voxels && !f->marked; i++) f->marked = m->data[i] != 0;
    note_frame(m, f);
    return f->marked && thin ? note_outline(m, f, e) : ATT_OK;
}

void forms_add(struct forms *all, const struct form *f)
{
    all->labels++;
    all->marked += f->marked;
    all->outlines += f->outline;
    if (!f->framed) return;
    if (!all->frame) all->frame = f->frame;
    if (all->frame != f->frame) return;
    all->framed++;
    all->inner += !f->plain;
}

const char *forms_doubt(const struct forms *all, const struct dataset *d, char *text, size_t size)
{
    enum { LEAST = 5, LEAST_OUTLINES = 3 };
    const bool known = !d->named && d->labels.value[0];
    if (!known && all->inner >= LEAST && nine_tenths(all->framed, all->labels)) {
        snprintf(text, size,
            "nearly all labels of %.200s have %u along their border and in most of their area, so "
            "that %u may be the background",
            d->root, all->frame, all->frame);
        return d->named ? "if 0 marks the objects there, save the labels with 0 as background"
                        : "if it is, say so there, as in "
                          "{\"labels\": {\"background\": 255, \"object\": 0}}";
    }
    if (all->outlines < LEAST_OUTLINES || 2 * all->outlines <= all->marked) return NULL;
    snprintf(text, size, "most labels of %.200s are thin closed lines around areas of 0", d->root);
    return "if they are outlines of objects, fill them, or a network learns only the lines";
}
