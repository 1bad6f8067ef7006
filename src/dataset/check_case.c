/* SPDX-License-Identifier: Apache-2.0 */
#include "dataset/check_case.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/mem.h"
#include "base/text.h"
#include "dataset/forms.h"
#include "dataset/grid.h"
#include "dataset/layout.h"
#include "dataset/memory_set.h"
#include "files/hash.h"
#include "format/format.h"
#include "format/joined.h"
#include "image/normalise.h"
#include "image/objects.h"
#include "image/signature.h"

/* Below this distance in voxels a header was rounded or rewritten; copying the image's fixes it. */
static const double fixable = .5;

struct case_check {
    const struct dataset *d;
    const struct data_case *c;
    struct case_facts *facts;
    struct problems *found;
    struct err *e;
};

/* Adds a problem for a failed check; other failures (memory, a stop) end the work. False: failed.
 */
static bool passed(struct case_check *l, enum problem_kind kind, const char *file,
    const struct err *cause, const struct grid_distance *distance)
{
    if (cause->status == ATT_OK) return true;
    if (!problem_of_file(cause->status, file)) {
        err_pass(l->e, cause->status, cause);
        return false;
    }
    struct problem *p = problems_add(l->found, kind, file, -1, l->e, "%s", cause->text);
    if (p && distance) {
        p->voxels = distance->voxels;
        p->mm = distance->mm;
        p->fixable = distance->voxels < fixable && file == l->c->label && joined_count(file) == 1;
    }
    return false;
}

/* Adds a problem of so many voxels; 0: no amount. */
static void say(struct case_check *l, enum problem_kind kind, const char *file, size_t voxels,
    const char *format, ...) __attribute__((format(printf, 5, 6)));
static void say(struct case_check *l, enum problem_kind kind, const char *file, size_t voxels,
    const char *format, ...)
{
    struct err cause = {.status = ATT_DATA};
    const int before = l->found->count;
    va_list args;
    va_start(args, format);
    vsnprintf(cause.text, sizeof cause.text, format, args);
    va_end(args);
    passed(l, kind, file, &cause, NULL);
    if (l->found->count > before) l->found->list[before].voxels = (double)voxels;
}

/* Read an image; *finite: no NaN or infinite samples. */
static bool read_image(struct case_check *l, int k, struct image *m, bool *finite)
{
    const char *path = l->c->image[k];
    struct err cause = {0};
    *finite = false;
    case_load_samples(l->c, k, m, finite, &cause);
    if (!passed(l, PROBLEM_UNREADABLE, path, &cause, NULL)) return false;
    format_check_finite(path, m, &cause);
    *finite = passed(l, PROBLEM_SAMPLES, path, &cause, NULL);
    return true;
}

/* NaN is no value. */
static void find_range(const float *x, size_t count, struct case_facts *f)
{
    float low = INFINITY, high = -INFINITY;
    for (size_t i = 0; i < count; i++) {
        low = x[i] < low ? x[i] : low;
        high = x[i] > high ? x[i] : high;
    }
    f->low = low;
    f->high = high;
}

static void check_range(struct case_check *l, const char *path, const struct image *m)
{
    const struct normalise usual = {.scheme = NORMALISE_ZSCORE};
    size_t voxels = image_voxels(m->size);
    for (int c = 0; c < m->channels; c++) {
        const float *x = m->data + (size_t)c * voxels;
        struct normaliser n;
        if (c == 0 && path == l->c->image[0]) find_range(x, voxels, l->facts);
        normaliser_begin(&n, &usual);
        for (int round = 0; round < n.rounds; round++) {
            normaliser_add(&n, round, x, voxels, NULL);
            normaliser_turn(&n, round);
        }
        if (!(n.high > n.low))
            say(l, PROBLEM_CONSTANT, path, 0,
                "%s: channel %d is %g everywhere, so the network learns nothing from it; replace "
                "the image, or remove it",
                path, c, (double)x[0]);
        else if (normaliser_flattens(&n))
            say(l, PROBLEM_FAINT, path, 0,
                "%s: channel %d has a standard deviation of %.3g; below 1e-8 normalising leaves "
                "almost nothing; multiply the intensities of all images, such as by 1e9",
                path, c, n.divisor);
    }
}

/* A header may state the voxel size twice, differently. */
static void check_agreement(struct case_check *l, const struct geometry *g)
{
    for (int i = 0; i < 3; i++) {
        const double own = (double)g->spacing[i], length = geometry_length(g, i);
        if (!(length > 0) || fabs(length - own) <= .01 * own) continue;
        say(l, PROBLEM_SPACING, l->c->image[0], 0,
            "%s: along %c a voxel is %.4g mm long by the header's spacing, but %.4g by its affine; "
            "attunet uses the spacing; correct the header, or give `voxel-size`",
            l->c->image[0], "dhw"[i], own, length);
        return;
    }
}

/* Finds lengths that no scanner or microscope writes in mm. */
static void check_case_check_spacing(struct case_check *l, const struct image *m)
{
    static const float min = 1e-6F, max = 100;
    bool said = false;
    const bool voxel_set = l->d->voxel[0] > 0;
    l->facts->has_spacing = m->geometry.valid || voxel_set;
    for (int i = 0; i < 3; i++) {
        /* a plane */
        const bool none = i == IMAGE_D && m->size[i] == 1 && !voxel_set && !m->geometry.thick;
        float own = l->facts->spacing[i] = none ? (float)NAN
            : voxel_set                         ? l->d->voxel[i]
                                                : m->geometry.spacing[i];
        if (!l->facts->has_spacing || none || said || (own >= min && own <= max)) continue;
        said = true;
        say(l, PROBLEM_SPACING, l->c->image[0], 0,
            "%s: a voxel is %g mm long; correct the header's spacing, or give `voxel-size`",
            l->c->image[0], (double)own);
    }
    if (m->geometry.valid && !voxel_set) check_agreement(l, &m->geometry);
}

/* Checks all files of the image but the first, which is *m. */
static bool check_case_check_channels(struct case_check *l, const struct image *m, struct hash *h)
{
    bool good = true;
    for (int i = 1; i < l->c->nimages; i++) {
        struct image more;
        struct err cause = {0};
        struct grid_distance distance;
        bool finite, read = read_image(l, i, &more, &finite);
        if (read) {
            enum problem_kind kind = grid_check(l->c->image[i], more.size, &more.geometry,
                                         l->c->image[0], m, &distance, &cause) &&
                    distance.voxels > 0
                ? PROBLEM_GEOMETRY
                : PROBLEM_SIZE;
            read = passed(l, kind, l->c->image[i], &cause, &distance);
            if (finite) check_range(l, l->c->image[i], &more);
            hash_add(
                h, more.data, image_voxels(more.size) * (size_t)more.channels * sizeof *more.data);
        }
        image_free(&more);
        good = good && read && finite;
    }
    return good;
}

/* Voxels of each value. */
struct counted {
    size_t *voxels;
    unsigned end; /* values are below it */
};

/* Reports all undeclared values and one position. */
static void say_undeclared(
    struct case_check *l, const struct labelmap *m, const struct counted *count)
{
    const struct labelling *labels = &l->d->labels;
    enum { SHOWN = 16 };
    char declared[LABELLING_TEXT], list[LABELLING_TEXT] = "", place[IMAGE_PLACE_TEXT];
    size_t voxels = 0, first = 0;
    int values = 0;
    for (unsigned v = 0; v < count->end; v++) {
        if (!count->voxels[v] || labelling_class(labels, v) >= 0) continue;
        voxels += count->voxels[v];
        if (values++ < SHOWN) text_append(list, sizeof list, "%s%u", *list ? ", " : "", v);
    }
    if (values > SHOWN) text_append(list, sizeof list, " and %d more", values - SHOWN);
    while (labelling_class(labels, m->data[first]) >= 0) first++;
    say(l, PROBLEM_VALUE, l->c->label, voxels,
        "%s: %zu voxel%s %s %s, which %s none of %s, the first at x,y,z %s; correct the labels or "
        "declare the value%s in dataset.json",
        l->c->label, voxels, voxels == 1 ? " has" : "s have",
        values == 1 ? "the value" : "the values", list, values == 1 ? "is" : "are",
        labelling_values(labels, declared, sizeof declared), image_place(m->size, first, place),
        TEXT_S(values));
}

static bool count_values(const struct labelmap *m, struct counted *count)
{
    const size_t voxels = image_voxels(m->size);
    unsigned highest = 0;
    for (size_t i = 0; i < voxels; i++) highest = m->data[i] > highest ? m->data[i] : highest;
    count->end = highest + 1;
    count->voxels = mem_array(count->end, sizeof *count->voxels);
    for (size_t i = 0; i < voxels && count->voxels; i++) count->voxels[m->data[i]]++;
    return count->voxels;
}

static void keep_look(struct case_check *l, const struct labelmap *m, const struct counted *count)
{
    struct label_look *look = l->facts->look = mem_array(1, sizeof *look);
    if (!look) {
        err_memory(l->e, sizeof *look, l->c->label);
        return;
    }
    for (unsigned v = 0; v < count->end; v++)
        if (count->voxels[v]) values_add(&look->values, v);
    look->map = *m;
    look->map.data = NULL;
}

static void check_case_check_values(struct case_check *l, const struct labelmap *m)
{
    struct counted count;
    bool declared = true, nothing_counts = true;
    if (!count_values(m, &count)) {
        err_memory(l->e, count.end * sizeof *count.voxels, l->c->label);
        return;
    }
    for (unsigned v = 0; v < count.end; v++) {
        const size_t voxels = count.voxels[v];
        int class = voxels ? labelling_class(&l->d->labels, v) : 0;
        declared = declared && class >= 0;
        nothing_counts = nothing_counts && (!voxels || class == LABELLING_IGNORE);
        if (class <= 0 || class == LABELLING_IGNORE) continue;
        class_set_add(&l->facts->present, class);
        if (l->d->labels.objects) class_set_add(&l->facts->present, OBJECT_BORDER);
        if (l->facts->rarest && voxels >= l->facts->rarest_voxels) continue;
        l->facts->rarest = class;
        l->facts->rarest_voxels = voxels;
    }
    if (!declared) say_undeclared(l, m, &count);
    if (!l->d->undeclared) keep_look(l, m, &count);
    mem_free(count.voxels);
    l->facts->labelled = declared;
    if (!declared || class_set_count(l->facts->present)) return;
    if (nothing_counts)
        say(l, PROBLEM_EMPTY, l->c->label, 0,
            "%s: all voxels have the value to ignore, so the network learns nothing from %s; check "
            "the label",
            l->c->label, l->c->image[0]);
    else
        say(l, PROBLEM_EMPTY, l->c->label, 0,
            "%s marks nothing; check that there is nothing to find in %s", l->c->label,
            l->c->image[0]);
}

/* As a mask of one class looks in which 0 marks the object. */
static bool is_hollow(const struct labelling *l, const struct labelmap *m)
{
    struct form f;
    struct err unused = {0};
    return l->count == 2 && form_find(m, false, &f, &unused) == ATT_OK && f.framed && !f.plain &&
        labelling_class(l, f.frame) > 0;
}

/* Numbers must be able to tell them apart. */
static void check_objects(struct case_check *l, const struct labelmap *m)
{
    struct err cause = {0};
    mem_free(labelling_number(m, l->d->labels.ignore, l->c->label, &cause));
    passed(l, PROBLEM_VALUE, l->c->label, &cause, NULL);
}

static void check_label(struct case_check *l, const struct image *m)
{
    struct labelmap label;
    struct err cause = {0};
    struct grid_distance distance;
    size_t overlap = 0;
    if (joined_count(l->c->label) > 1)
        joined_load(l->c->label, &label, &overlap, &cause);
    else
        case_load_labels(l->c, &label, &cause);
    if (passed(l, PROBLEM_UNREADABLE, l->c->label, &cause, NULL) && m) {
        grid_check(l->c->label, label.size, &label.geometry, l->c->image[0], m, &distance, &cause);
        passed(l, distance.voxels > 0 ? PROBLEM_GEOMETRY : PROBLEM_SIZE, l->c->label, &cause,
            &distance);
    }
    if (overlap) {
        char first[PATH_MAX];
        joined_part(l->c->label, 0, first);
        const int others = joined_count(l->c->label) - 1;
        say(l, PROBLEM_OVERLAP, l->c->label, overlap,
            "%s and %d other mask%s of its image overlap in %zu voxels; attunet counts each voxel "
            "once",
            first, others, TEXT_S(others), overlap);
    }
    if (label.data) {
        struct hash h;
        hash_begin(&h);
        hash_add(&h, label.data, image_voxels(label.size) * sizeof *label.data);
        l->facts->label = hash_end(&h);
        check_case_check_values(l, &label);
        if (l->d->labels.objects) check_objects(l, &label);
        l->facts->hollow = is_hollow(&l->d->labels, &label);
    }
    labelmap_free(&label);
}

void check_case(const struct dataset *d, int index, bool flat, struct case_facts *facts,
    float *signature, struct problems *found, struct err *e)
{
    const struct data_case *c = &d->cases[index];
    struct case_check l = {d, c, facts, found, e};
    struct image m;
    struct hash h;
    bool finite, read = read_image(&l, 0, &m, &finite);
    hash_begin(&h);
    facts->low = facts->high = NAN;
    if (read) {
        hash_add(&h, m.size, sizeof m.size);
        hash_add(&h, m.data, image_voxels(m.size) * (size_t)m.channels * sizeof *m.data);
        if (finite) check_range(&l, c->image[0], &m);
        check_case_check_spacing(&l, &m);
        /* signatures of 2D sets do not fit volumes */
        const bool fits = !flat || m.size[IMAGE_D] == 1;
        if (check_case_check_channels(&l, &m, &h) && finite && fits)
            signature_take(&m, flat && m.size[IMAGE_D] == 1, signature, e);
    }
    facts->read = read;
    facts->image = hash_end(&h);
    if (c->label) {
        struct err cause = {0};
        dataset_check_copy(c, &cause);
        if (passed(&l, PROBLEM_PARTNER, c->label, &cause, NULL)) check_label(&l, read ? &m : NULL);
    }
    image_free(&m);
}
