/* SPDX-License-Identifier: Apache-2.0 */
#include "dataset/check.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/order.h"
#include "base/parallel.h"
#include "base/text.h"
#include "dataset/check_case.h"
#include "dataset/groups.h"
#include "dataset/looks.h"
#include "dataset/orientation.h"
#include "image/signature.h"

struct work {
    struct dataset *d;
    bool flat;
    int old_count;            /* problems found before */
    struct case_facts *facts; /* by case */
    float *signatures;        /* by case */
    struct problems *found;   /* of cases in flight */
    int in_flight;
    struct looks looks;
};

/* Failures not due to the data go to `e`. */
static void check_one_case(void *arg, int i, struct err *e)
{
    struct work *w = arg;
    check_case(w->d, i, w->flat, &w->facts[i],
        w->signatures + (size_t)i * (size_t)signature_length(w->flat), &w->found[i % w->in_flight],
        e);
}

static double check_bytes_of(void *arg, int i)
{
    return 12 * ((const struct work *)arg)->d->cases[i].samples;
}

/* Opening has already reported these from the headers. */
static bool check_is_old(const struct problems *old, int count, const struct problem *p, int index)
{
    for (int i = 0; i < count; i++)
        if ((old->list[i].index == index && old->list[i].kind == p->kind) ||
            !strcmp(old->list[i].text, p->text))
            return true;
    return false;
}

static att_status check_merge(void *arg, int index, struct err *e)
{
    struct work *w = arg;
    struct problems *from = &w->found[index % w->in_flight];
    for (int i = 0; i < from->count; i++) {
        if (check_is_old(w->d->problems, w->old_count, &from->list[i], index)) continue;
        const struct problem *x = &from->list[i];
        struct problem *p = problems_add(w->d->problems, x->kind, x->file, index, e, "%s", x->text);
        if (!p) return ATT_MEMORY;
        p->voxels = x->voxels;
        p->mm = x->mm;
        p->fixable = x->fixable;
        w->d->cases[index].bad |= problem_is_error(p->kind);
    }
    problems_free(from);
    struct label_look **look = &w->facts[index].look;
    if (*look) looks_add(&w->looks, &(*look)->map, &(*look)->values, index);
    mem_free(*look);
    *look = NULL;
    return ATT_OK;
}

/* Adds a problem of case `index`; -1: of the whole set. */
#define CHECK_ADD(w, kind, file, index, e, ...)                                                    \
    (problems_add((w)->d->problems, kind, file, index, e, __VA_ARGS__) ? ATT_OK : ATT_MEMORY)

/* Probably a typing error, or one mask saved with other values. */
static att_status add_rare_class(const struct work *w, int class, int index, struct err *e)
{
    const struct case_facts *f = &w->facts[index];
    const struct data_case *c = &w->d->cases[index];
    char voxels[48] = "";
    if (f->rarest == class)
        snprintf(
            voxels, sizeof voxels, ", %zu voxel%s", f->rarest_voxels, TEXT_S(f->rarest_voxels));
    return CHECK_ADD(w, PROBLEM_CLASS, c->label, index, e,
        "%.400s: no other case has the class %s (value %u%s); correct the label if this is a "
        "mistake",
        c->label, w->d->labels.name[class], w->d->labels.value[class], voxels);
}

static att_status check_classes(const struct work *w, struct err *e)
{
    int labelled = 0;
    for (int i = 0; i < w->d->count; i++) labelled += w->facts[i].labelled;
    for (int c = 1; c < w->d->labels.count && labelled; c++) {
        int cases = 0, last = 0;
        for (int i = 0; i < w->d->count; i++) {
            if (!class_set_has(w->facts[i].present, c)) continue;
            cases++;
            last = i;
        }
        if (cases == 1 && labelled >= CLASS_RARE_MIN_CASES) TRY(add_rare_class(w, c, last, e));
        if (cases) continue;
        TRY(CHECK_ADD(w, PROBLEM_CLASS, NULL, -1, e,
            "no case has the class %s, so the network cannot learn it; add cases, or remove the "
            "class",
            w->d->labels.name[c]));
    }
    return ATT_OK;
}

/* Objects lie inside an image, and what surrounds them is background. */
static att_status check_hollow(const struct work *w, struct err *e)
{
    int count = 0, first = 0, labelled = 0;
    for (int i = w->d->count - 1; i >= 0; i--) {
        labelled += w->facts[i].labelled;
        count += w->facts[i].hollow;
        if (w->facts[i].hollow) first = i;
    }
    if (!count || w->d->doubt) return ATT_OK; /* the question is about all masks */
    const char *label = w->d->cases[first].label;
    return CHECK_ADD(w, PROBLEM_LOOK, label, first, e,
        "%d of %d masks, such as %.400s, mark%s the edge of the image and most inside, but not "
        "all; "
        "if 0 marks the object there, exchange the values",
        count, labelled, label, count == 1 ? "s" : "");
}

/* Air of a CT is at -1000; others hardly reach below -500, and pictures have no negative value. */
static att_status check_numbers_of_ct(const struct work *w, struct err *e)
{
    int first[2] = {0}, count[2] = {0};
    for (int i = w->d->count - 1; i >= 0; i--) {
        const struct case_facts *f = &w->facts[i];
        const bool ct = f->low < -500 && f->low >= -4096 && f->high > 100;
        if (!ct && !(f->low >= 0)) continue;
        count[ct]++;
        first[ct] = i;
    }
    if (!count[0] || !count[1]) return ATT_OK;
    const int few = count[1] < count[0];
    const char *other = w->d->cases[first[0]].image[0];
    return CHECK_ADD(w, PROBLEM_LOOK, w->d->cases[first[few]].image[0], first[few], e,
        "%d image%s such as %.400s %s numbers like those of CT (from %.6g), but %d such as %.400s "
        "%s none below 0; if all are CT, save all in Hounsfield units; if not, the network learns "
        "both kinds through one channel",
        count[1], TEXT_S(count[1]), w->d->cases[first[1]].image[0], count[1] == 1 ? "has" : "have",
        (double)w->facts[first[1]].low, count[0], other, count[0] == 1 ? "has" : "have");
}

/* Without declared classes it is a question (layout_meaning.c). */
static att_status check_looks(const struct work *w, struct err *e)
{
    char what[500];
    const char *advice = looks_differ(&w->looks, w->d, what, sizeof what);
    return advice ? CHECK_ADD(w, PROBLEM_LOOK, NULL, -1, e, "%s; %s", what, advice) : ATT_OK;
}

struct column {
    const struct case_facts *facts;
    int axis;
};

static double check_spacing_of(const void *arg, int i)
{
    const struct column *c = arg;
    return c->facts[i].has_spacing ? (double)c->facts[i].spacing[c->axis] : (double)NAN;
}

enum { FAR = 5 }; /* factor from the median */

static att_status check_spacings(const struct work *w, struct err *e)
{
    static const char axes[] = "dhw";
    int with = 0, without = 0, first = -1;
    for (int i = 0; i < w->d->count; i++) {
        with += w->facts[i].has_spacing;
        without += w->facts[i].read && !w->facts[i].has_spacing;
        if (first < 0 && without) first = i;
    }
    if (with && first >= 0)
        TRY(CHECK_ADD(w, PROBLEM_SPACING, w->d->cases[first].image[0], first, e,
            "%d of %d images %s no voxel spacing, such as %.600s, so their distances and "
            "volumes are unknown; give `voxel-size`, or convert to a format with spacing",
            without, with + without, without == 1 ? "states" : "state",
            w->d->cases[first].image[0]));
    for (int a = 0; a < 3; a++) {
        double median =
            order_quantile_each(check_spacing_of, &(struct column){w->facts, a}, w->d->count, .5);
        for (int i = 0; i < w->d->count; i++) {
            double own = check_spacing_of(&(struct column){w->facts, a}, i);
            if (!(own > FAR * median || own * FAR < median)) continue;
            TRY(CHECK_ADD(w, PROBLEM_SPACING, w->d->cases[i].image[0], i, e,
                "%.600s: voxels are %.4g mm long along %c, but the median of the data set is %.4g; "
                "correct the header if it is wrong",
                w->d->cases[i].image[0], own, axes[a], median));
        }
    }
    return ATT_OK;
}

/* Training turns volumes with unusual axes unless oblique; but the header may be wrong. Not where
 * the user chose other axes, or none. */
static att_status check_axes(const struct work *w, struct err *e)
{
    const struct dataset *d = w->d;
    const char *usual = orientation_max(d);
    if (strcmp(usual, d->axes) != 0) return ATT_OK;
    for (int i = 0; i < d->count; i++) {
        const struct data_case *c = &d->cases[i];
        if (!orientation_differs(c, usual)) continue;
        TRY(CHECK_ADD(w, PROBLEM_ORIENTATION, c->image[0], i, e,
            "%.600s has the axes %s (directions of x, y and z), but most images have %s; %s",
            c->image[0], c->axes, usual,
            c->oblique ? "they are oblique, so attunet cannot turn it; resample it and its label "
                         "to the axes of the body"
                       : "training turns it; if its header is wrong, correct it, or give "
                         "`orientation` none"));
    }
    return ATT_OK;
}

/* Equal images in one group are fine unless their labels differ. */
static att_status say_duplicate(
    const struct work *w, const struct duplicate *x, bool grouped, struct err *e)
{
    const struct case_facts *a = &w->facts[x->a], *b = &w->facts[x->b];
    const struct data_case *first = &w->d->cases[x->a], *second = &w->d->cases[x->b];
    const bool equal = a->image == b->image,
               contradict = equal && a->label != b->label && a->labelled && b->labelled;
    if (grouped && !contradict) return ATT_OK;
    if (equal)
        return CHECK_ADD(w, PROBLEM_SAME, second->image[0], x->b, e,
            "%.400s and %.400s are equal%s; keep one of them%s", first->image[0], second->image[0],
            contradict ? ", but their labels differ" : "", grouped ? "" : ", or both in one group");
    return CHECK_ADD(w, PROBLEM_DUPLICATE, second->image[0], x->b, e,
        "%.400s and %.400s are similar (correlation %.2f%s); keep them in one group",
        first->image[0], second->image[0], (double)x->likeness, x->mirrored ? ", mirrored" : "");
}

static att_status find_duplicates(struct work *w, struct pool *pool, struct check *c, struct err *e)
{
    int groups = 0, *group = mem_array((size_t)w->d->count, sizeof *group);
    if (!group) return err_memory(e, (size_t)w->d->count * sizeof *group, "the groups");
    att_status status = groups_read_or_none(w->d, group, &groups, e);
    if (status == ATT_OK)
        status = duplicates_find(
            w->signatures, w->d->count, w->flat, pool, &c->duplicates, &c->pairs, e);
    for (int i = 0; status == ATT_OK && i < c->pairs; i++) {
        const struct duplicate *x = &c->duplicates[i];
        status = say_duplicate(w, x, groups && group[x->a] == group[x->b], e);
    }
    mem_free(group);
    return status;
}

att_status check_all(
    struct dataset *d, struct pool *pool, struct host *host, struct check *c, struct err *e)
{
    struct work w = {.d = d,
        .flat = d->dims == 2,
        .old_count = d->problems->count,
        .in_flight = 4 * pool_threads(pool)};
    const struct several cases = {d->count, w.in_flight, "checking the cases", check_one_case,
        check_merge, &w, check_bytes_of};
    size_t bytes = (size_t)d->count * (size_t)signature_length(w.flat) * sizeof *w.signatures;
    *c = (struct check){0};
    w.facts = mem_array((size_t)d->count, sizeof *w.facts);
    w.signatures = mem_alloc(bytes);
    w.found = mem_array((size_t)w.in_flight, sizeof *w.found);
    bool good = w.facts && w.signatures && w.found;
    att_status status = good ? parallel_run(&cases, pool, host, e)
                             : err_memory(e, bytes, "the checks of the cases");
    for (int i = 0; good && i < w.in_flight; i++) problems_free(&w.found[i]);
    if (status == ATT_OK) status = check_classes(&w, e);
    if (status == ATT_OK) status = check_hollow(&w, e);
    if (status == ATT_OK) status = check_looks(&w, e);
    if (status == ATT_OK) status = check_numbers_of_ct(&w, e);
    if (status == ATT_OK) status = check_spacings(&w, e);
    if (status == ATT_OK) status = check_axes(&w, e);
    if (status == ATT_OK) status = find_duplicates(&w, pool, c, e);
    for (int i = 0; status == ATT_OK && i < d->count; i++) {
        c->labelled += w.facts[i].labelled;
        c->empty += w.facts[i].labelled && !class_set_count(w.facts[i].present);
    }
    for (int i = 0; w.facts && i < d->count; i++) mem_free(w.facts[i].look);
    mem_free(w.facts);
    mem_free(w.signatures);
    mem_free(w.found);
    if (status != ATT_OK) check_free(c);
    return status;
}

void check_free(struct check *c)
{
    mem_free(c->duplicates);
    *c = (struct check){0};
}
