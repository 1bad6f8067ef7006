/* SPDX-License-Identifier: Apache-2.0 */
/* Checks the header of every file of a data set; called by all layouts. */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "dataset/grid.h"
#include "dataset/layout.h"
#include "dataset/names.h"
#include "format/format.h"
#include "image/orient.h"

struct fault {
    enum problem_kind kind;
    const char *file;
};

struct layout_facts {
    bool declared;                 /* a file states the number of channels; */
    const struct data_case *first; /* else this case does; NULL at first */
    struct files_met {
        int count;
        const char *first;
    } turning, derived, lossy, forms; /* images that ask viewers to turn them; with spacing from the
                                       * affine; labels that are cut; with two forms */
};

static void count_file(struct files_met *m, const char *file)
{
    if (m->count++ == 0) m->first = file;
}

static att_status layout_check_headers(struct data_case *c, struct layout_facts *l, int *channels,
    int size[3], struct fault *f, struct err *e)
{
    struct image m;
    *channels = 0;
    for (int i = 0; i < c->nimages; i++) {
        *f = (struct fault){PROBLEM_UNREADABLE, c->image[i]};
        TRY(format_peek_image(c->image[i], &m, e));
        if (m.geometry.asks_turning) count_file(&l->turning, c->image[i]);
        if (m.geometry.derived) count_file(&l->derived, c->image[i]);
        if (i == 0) {
            memcpy(size, m.size, sizeof m.size);
            orient_name(&m.geometry, m.size, c->axes);
            c->oblique = orient_is_oblique(&m.geometry);
            orient_name_qform(&m.geometry, m.size, c->qform_axes);
            if (m.geometry.two_forms) count_file(&l->forms, c->image[0]);
            geometry_exchange_forms(&m.geometry);
            c->qform_oblique = orient_is_oblique(&m.geometry);
        }
        f->kind = PROBLEM_SIZE;
        if (i > 0) TRY(grid_check_size(c->image[i], m.size, c->image[0], size, e));
        f->kind = PROBLEM_CHANNELS;
        if (m.channels > DATASET_CHANNELS - *channels)
            return err_set(e, ATT_DATA,
                "%s: with this file, case %s has more than %d channels; remove some", c->image[i],
                c->id, DATASET_CHANNELS);
        *channels += m.channels;
    }
    if (!c->label) return ATT_OK;
    *f = (struct fault){PROBLEM_UNREADABLE, c->label};
    TRY(format_peek_image(c->label, &m, e));
    if (m.geometry.lossy) count_file(&l->lossy, c->label);
    f->kind = PROBLEM_SIZE;
    return grid_check_size(c->label, m.size, c->image[0], size, e);
}

static att_status layout_check_case(
    struct dataset *d, struct data_case *c, struct layout_facts *l, struct fault *f, struct err *e)
{
    int channels, size[3];
    size[IMAGE_D] = 1;
    att_status status = layout_check_headers(c, l, &channels, size, f, e);
    if (size[IMAGE_D] > 1) d->dims = 3; /* even if a problem follows */
    if (status != ATT_OK) return status;
    c->samples = (double)image_voxels(size) * channels;
    *f = (struct fault){PROBLEM_CHANNELS, c->image[0]};
    if (d->channels == 0) {
        d->channels = channels;
        l->first = c;
    }
    if (channels != d->channels && l->declared)
        return err_set(e, ATT_DATA,
            "case %s has %d channel%s in %d file%s (%s) but dataset.json names %d; correct one of "
            "them",
            c->id, channels, TEXT_S(channels), c->nimages, TEXT_S(c->nimages), c->image[0],
            d->channels);
    if (channels != d->channels)
        return err_set(e, ATT_DATA,
            "%s has %d channel%s, but %s has %d; give all images the same channels", c->image[0],
            channels, TEXT_S(channels), l->first->image[0], d->channels);
    return ATT_OK;
}

/* When not collecting problems: fails with the first message; logs all if there are more. */
struct failures {
    struct err first;
    int count;
};

static void add_failure(struct failures *p, const struct err *e, struct host *host)
{
    if (p->count == 0) p->first = *e;
    if (p->count == 1) host_say(host, LOG_ERROR, "%s", p->first.text);
    if (p->count > 0) host_say(host, LOG_ERROR, "%s", e->text);
    p->count++;
}

static att_status check_gather(
    struct dataset *d, int index, const struct err *cause, const struct fault *f, struct err *e)
{
    struct problem *p = problems_add(d->problems, f->kind, f->file, cause->text, e);
    if (p) p->index = index;
    d->cases[index].bad = true;
    return p ? ATT_OK : ATT_MEMORY;
}

static att_status gather_name(struct dataset *d, int index, struct err *e)
{
    struct err cause = {0};
    if (names_check(&d->cases[index], &cause) == ATT_OK) return ATT_OK;
    struct problem *p =
        problems_add(d->problems, PROBLEM_NAME, d->cases[index].image[0], cause.text, e);
    if (p) p->index = index;
    return p ? ATT_OK : ATT_MEMORY;
}

/* "3 images such as FILE VERB WHAT", one image VERBs. */
static att_status warn_of(struct dataset *d, const struct files_met *m, enum problem_kind kind,
    const char *verb, const char *what, struct host *host, struct err *e)
{
    char text[1024];
    const bool one = m->count == 1;
    if (!m->count) return ATT_OK;
    snprintf(text, sizeof text, "%d image%s such as %.600s %s%s %s", m->count, one ? "" : "s",
        m->first, verb, one ? "s" : "", what);
    return layout_warn(d, kind, text, host, e);
}

static att_status warn_of_headers(
    struct dataset *d, const struct layout_facts *l, struct host *host, struct err *e)
{
    TRY(warn_of(d, &l->derived, PROBLEM_SPACING, "give",
        "no voxel length, or 0 (pixdim), so attunet uses the affine's; correct the headers, or "
        "give `voxel-size`",
        host, e));
    TRY(warn_of(d, &l->forms, PROBLEM_ORIENTATION, "hold",
        "a qform unlike the sform; attunet uses the sform unless `orientation` is qform, and takes "
        "labels on either",
        host, e));
    if (l->lossy.count)
        host_warn(host, WARN_LABELS_LOSSY,
            "%d label%s such as %.600s %s compressed with loss; attunet reads values below 128 "
            "as 0, others as 255",
            l->lossy.count, TEXT_S(l->lossy.count), l->lossy.first,
            l->lossy.count == 1 ? "is" : "are");
    /* Masks belong to stored pixels; a program that turned the picture drew them elsewhere. */
    return warn_of(d, &l->turning, PROBLEM_ORIENTATION, "ask",
        "viewers to turn them (EXIF, or a TIFF's Orientation), but attunet does not; if masks were "
        "drawn on turned pictures, turn the files",
        host, e);
}

att_status layout_check(struct dataset *d, struct host *host, struct err *e)
{
    struct layout_facts l = {.declared = d->channels > 0};
    struct failures p = {.count = 0};
    d->dims = 2;
    if (d->listing) return ATT_OK;
    for (int i = 0; i < d->count; i++) {
        struct err cause = {0};
        struct fault f;
        TRY(host_part(host, "reading headers", i, d->count, e));
        /* otherwise training reports it, for the cases it uses */
        if (d->problems) TRY(gather_name(d, i, e));
        if (layout_check_case(d, &d->cases[i], &l, &f, &cause) == ATT_OK) continue;
        if (d->problems && !problem_of_file(cause.status, f.file))
            return err_pass(e, cause.status, &cause);
        if (d->problems)
            TRY(check_gather(d, i, &cause, &f, e));
        else
            add_failure(&p, &cause, host);
    }
    TRY(warn_of_headers(d, &l, host, e)); /* first: turned masks differ in size */
    if (p.count > 1)
        return err_set(e, p.first.status,
            "%d of %d cases of %s cannot be used; the first: %.600s; 'attunet info %s' lists all",
            p.count, d->count, d->root, p.first.text, d->path ? d->path : d->root);
    if (p.count) return dataset_wrong(d, p.first.status, p.first.text, e);
    return host_part(host, "reading headers", d->count, d->count, e);
}
