/* SPDX-License-Identifier: Apache-2.0 */
#include "dataset/forms.h"

#include <stdio.h>

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

void form_find(const struct labelmap *m, struct form *f)
{
    const size_t voxels = image_voxels(m->size);
    double share;
    size_t own = 0;
    *f = (struct form){.frame = find_frame(m, &share)};
    if (!f->frame || share < .95) return;
    for (size_t i = 0; i < voxels; i++) own += m->data[i] == f->frame;
    f->framed = 2 * own > voxels;
    f->plain = own == voxels;
}

void forms_add(struct forms *all, const struct form *f)
{
    all->labels++;
    if (!f->framed) return;
    if (!all->frame) all->frame = f->frame;
    if (all->frame != f->frame) return;
    all->framed++;
    all->inner += !f->plain;
}

const char *forms_doubt(const struct forms *all, const struct dataset *d, char *text, size_t size)
{
    enum { LEAST = 5 };
    const bool known = !d->named && d->labels.value[0];
    if (known || all->inner < LEAST || 10 * all->framed < 9 * all->labels) return NULL;
    snprintf(text, size,
        "nearly all labels of %.200s have %u along their border and in most of their area, so that "
        "%u may be the background",
        d->root, all->frame, all->frame);
    return d->named ? "if 0 marks the objects there, save the labels with 0 as background"
                    : "if it is, say so there, as in "
                      "{\"labels\": {\"background\": 255, \"object\": 0}}";
}
