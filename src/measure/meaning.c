/* SPDX-License-Identifier: Apache-2.0 */
#include "measure/meaning.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "dataset/described.h"
#include "dataset/layout.h"
#include "dataset/mask_values.h"
#include "dataset/numbered.h"
#include "files/file.h"
#include "files/json_file.h"
#include "measure/label_set.h"
#include "model/model.h"
#include "model/run_files.h"

static att_status read_description(const char *folder, struct meaning *m, struct err *e)
{
    static const char *const places[] = {"dataset.json", "../dataset.json"};
    for (size_t i = 0; i < 2 && folder && !m->from; i++) {
        if (!file_has(folder, places[i])) continue;
        char *path = file_join(folder, places[i]);
        json_t *root = NULL;
        att_status status = path ? json_file_read(path, &root, e) : err_path(e);
        if (status == ATT_OK) status = described_check_keys(root, path, e);
        m->declared = json_object_get(root, "labels"); /* it may have no labels */
        if (m->declared && status == ATT_OK) status = nnunet_labels(root, path, &m->labels, e);
        json_decref(root);
        mem_free(path);
        TRY(status);
        if (m->declared) m->from = "dataset.json";
    }
    return ATT_OK;
}

static void use_labels(
    const struct labelling *labels, bool numbered, const char *from, struct meaning *m)
{
    m->numbered = numbered || labels->objects;
    m->labels = *labels;
    if (labels->objects) labelling_of_foreground(1, &m->labels);
    m->from = from;
}

/* A folder of masks has no model, which is fine. */
static att_status meaning_of_model(const char *predictions, struct meaning *m, struct err *e)
{
    static const char *const places[] = {"%s/" RUN_MODEL, "%s/" RUN_FOLD "0/" RUN_MODEL};
    for (size_t i = 0; i < 2 && !m->from; i++) {
        struct model model;
        struct err why = {0};
        char *path = mem_text(places[i], predictions);
        if (!path) return err_path(e);
        att_status status = file_exists(path) ? model_load(path, &model, &why) : ATT_MODEL;
        mem_free(path);
        if (status == ATT_MEMORY) return err_pass(e, status, &why);
        if (status != ATT_OK) continue;
        use_labels(&model.labels, false, "the run's model", m);
        model_free(&model);
    }
    return ATT_OK;
}

/* As predict has written it beside its masks; says nothing of masks from elsewhere. */
static att_status meaning_of_masks(
    const char *predictions, struct meaning *m, struct host *host, struct err *e)
{
    struct err why = {0};
    json_t *j = NULL;
    const bool folder = file_is_folder(predictions);
    char *path = folder
        ? file_join(predictions, MASK_LABELS)
        : mem_text("%.*s" MASK_LABELS, (int)(file_base(predictions) - predictions), predictions);
    att_status status = !path ? err_path(e)
        : file_exists(path)   ? json_file_read(path, &j, e)
                              : ATT_OK;
    if (json_is_object(j) && !json_object_size(j))
        host_warn(host, WARN_CLASSES_DIFFER,
            "%s says that these masks are of models with different classes; attunet compares "
            "values, so check that they mean the same",
            path);
    else if (j) {
        /* Not by a copy, which would be large on a small stack. */
        status = labelling_from_json(j, &m->labels, &why);
        if (status == ATT_OK) use_labels(&m->labels, false, "the masks' model", m);
        if (status == ATT_MEMORY) err_pass(e, status, &why);
        if (status != ATT_OK && status != ATT_MEMORY)
            status = err_data(e, "%s is not as predict wrote it; remove it", path);
    }
    json_decref(j);
    mem_free(path);
    return status;
}

/* The first class of `a`, besides the background, whose name has another value in `b`; 0: none. */
static int meaning_moved(const struct labelling *a, const struct labelling *b, int *other)
{
    for (int i = 1; i < a->count && !a->nonzero && !b->nonzero; i++)
        for (int k = 1; k < b->count; k++)
            if (strcmp(a->name[i], b->name[k]) == 0 && a->value[i] != b->value[k]) {
                *other = k;
                return i;
            }
    return 0;
}

static bool meaning_names(const struct labelling *l, const char *name)
{
    for (int i = 1; i < l->count; i++)
        if (strcmp(l->name[i], name) == 0) return true;
    return false;
}

/* A value that both sides name, each as no class of the other: maybe another organ. */
static void warn_renamed(
    const struct labelling *own, const struct labelling *its, const char *labels, struct host *host)
{
    for (int i = 1; i < own->count && !own->nonzero && !its->nonzero; i++) {
        const int k = labelling_class(its, own->value[i]);
        if (k < 1 || strncmp(own->name[i], "label ", 6) == 0 ||
            strncmp(its->name[k], "label ", 6) == 0 || meaning_names(its, own->name[i]) ||
            meaning_names(own, its->name[k]))
            continue;
        host_warn(host, WARN_CLASSES_DIFFER,
            "the model calls the value %u %s, but %s calls it %s; check that these are the same "
            "class",
            own->value[i], own->name[i], labels, its->name[k]);
        return;
    }
}

/* Masks have the values of their model; `its`: the meaning of the labels, or NULL. */
static att_status meaning_agrees(const struct labelling *own, const struct labelling *its,
    const char *labels, struct host *host, struct err *e)
{
    int k = 0;
    const int i = its ? meaning_moved(own, its, &k) : 0;
    if (its && !i) warn_renamed(own, its, labels, host);
    return i ? err_data(e,
                   "the model writes %s as %u, but %s has it as %u, so their masks do not compare; "
                   "give the labels the values of the model",
                   own->name[i], own->value[i], labels, its->value[k])
             : ATT_OK;
}

/* Whether the second argument, and not the first one, has what `predict` leaves beside masks. */
static void say_exchanged(const char *predictions, const char *labels, struct host *host)
{
    if (!file_is_folder(predictions) || file_has(predictions, MASK_LABELS) ||
        !file_is_folder(labels) || !file_has(labels, MASK_LABELS))
        return;
    host_say(host, LOG_INFO,
        "%s holds masks that predict wrote, but counts as the truth, and %s as the prediction; "
        "give the predictions first, then the true masks",
        labels, predictions);
}

/* What the model says, unless a dataset.json says it; masks that number objects are compared so. */
static att_status meaning_from_model(const char *predictions, const char *labels,
    const struct labelling *its, struct meaning *m, struct host *host, struct err *e)
{
    struct meaning *own;
    TRY(MEM_NEW(own, "the meaning of masks", e));
    att_status status = meaning_of_model(predictions, own, e);
    const bool run = own->from;
    if (status == ATT_OK && !run) say_exchanged(predictions, labels, host);
    if (status == ATT_OK && !run) status = meaning_of_masks(predictions, own, host, e);
    if (status == ATT_OK && own->from) {
        status = meaning_agrees(&own->labels, m->from ? &m->labels : its, labels, host, e);
        if ((run && !m->from) || own->numbered) *m = *own;
    }
    mem_free(own);
    return status;
}

static att_status meaning_of_set(
    const char *labels, struct meaning *m, struct host *host, struct err *e)
{
    struct dataset *d; /* large for a small stack */
    bool found = false;
    TRY(MEM_NEW(d, "the data set of labels", e));
    att_status status = label_set_open(labels, true, d, &found, host, e);
    if (status == ATT_OK && found) {
        if (d->numbered) status = mask_values_join(d, e);
        use_labels(&d->labels, d->numbered, "the data set", m);
        dataset_free(d);
    }
    mem_free(d);
    return status;
}

att_status meaning_read(const char *predictions, const char *labels, const struct mask_pairs *p,
    struct meaning *m, struct host *host, struct err *e)
{
    const bool objects = p->labels && p->labels->objects; /* with numbers of attunet's own */
    if (!objects) TRY(read_description(p->folder, m, e));
    TRY(meaning_from_model(predictions, labels ? labels : predictions, p->labels, m, host, e));
    if (!m->from && p->labels) use_labels(p->labels, p->numbered, "the data set", m);
    return m->from ? ATT_OK : meaning_of_set(labels, m, host, e);
}

struct found {
    struct values truth, predicted, own;
    struct numbered numbered;
};

static void meaning_gather(const struct tally *tally, int count, int ignore, struct found *f)
{
    for (int i = 0; i < count; i++) {
        memset(&f->own, 0, sizeof f->own);
        for (int k = 0; k < tally[i].count; k++) {
            values_add(&f->predicted, tally[i].entry[k].predicted);
            if (tally[i].entry[k].truth != ignore) values_add(&f->own, tally[i].entry[k].truth);
        }
        for (int w = 0; w < VALUES / 64; w++) f->truth.bits[w] |= f->own.bits[w];
        numbered_add(&f->numbered, &f->own, i);
    }
    values_add(&f->truth, 0);
    values_add(&f->predicted, 0);
}

/* Number of values but 0. */
static int nonzero_values(const struct values *v) { return values_count(v) - 1; }

/* The first value that only one side has, or 0. */
static unsigned meaning_alone(const struct values *here, const struct values *there, int ignore)
{
    for (unsigned value = 1; value < VALUES; value++)
        if (values_have(here, value) && !values_have(there, value) && (int)value != ignore)
            return value;
    return 0;
}

/* Such as labels of 0, 1, 2 and predictions of 0, 255: every Dice is 0. */
static void warn_classes_differ(const struct found *f, int ignore, struct host *host)
{
    const unsigned missing = meaning_alone(&f->truth, &f->predicted, ignore),
                   surplus = meaning_alone(&f->predicted, &f->truth, ignore);
    if (missing && surplus)
        host_warn(host, WARN_CLASSES_DIFFER,
            "no prediction has %u, which labels have, and no label has %u, which predictions "
            "have; check that these are the same classes",
            missing, surplus);
}

/* 1 and 255 are both usual for foreground; other values may be two classes. */
static void warn_joined(const struct found *f, int ignore, struct host *host)
{
    const unsigned truth = meaning_alone(&f->truth, &f->predicted, ignore),
                   predicted = meaning_alone(&f->predicted, &f->truth, ignore);
    if (!truth || !predicted || nonzero_values(&f->truth) != 1 ||
        (truth == 1 && predicted == 255) || (truth == 255 && predicted == 1))
        return;
    host_warn(host, WARN_CLASSES_GUESSED,
        "labels have 0 and %u but predictions 0 and %u, so attunet compares them as one class; if "
        "these are two classes, name them in a dataset.json next to the labels",
        truth, predicted);
}

static bool meaning_covers(const struct labelling *l, const struct values *v)
{
    for (unsigned value = 0; value < VALUES; value++)
        if (values_have(v, value) && labelling_class(l, value) < 0) return false;
    return true;
}

/* Does not compare two predicted classes with one, unless that is of objects, which both sides may
 * number. */
static bool use_meaning(
    const struct meaning *m, const struct found *f, int ignore, struct labelling *l)
{
    *l = m->labels;
    /* it would lose a class */
    if (ignore >= 0 && ignore != l->ignore && labelling_class(l, (unsigned)ignore) >= 0)
        return false;
    l->ignore = ignore;
    return meaning_covers(l, &f->truth) && meaning_covers(l, &f->predicted) &&
        (!l->nonzero || m->numbered || nonzero_values(&f->predicted) <= 1);
}

/* `objects`: the labels number objects, which may be compared with one predicted class. */
static att_status meaning_use_values(
    struct found *f, bool objects, int ignore, struct labelling *l, struct err *e)
{
    char name[LABELLING_NAME];
    struct values all = f->truth;
    *l = (struct labelling){.ignore = ignore};
    l->nonzero = (objects || nonzero_values(&f->truth) == 1) && nonzero_values(&f->predicted) <= 1;
    if (!l->nonzero)
        for (int i = 0; i < VALUES / 64; i++) all.bits[i] |= f->predicted.bits[i];
    if (ignore >= 0) values_drop(&all, (unsigned)ignore);
    int count = values_count(&all);
    if (count < 2)
        return err_data(e,
            "labels and predictions contain only 0, so there is nothing to compare; check the "
            "files");
    if (count > LABELLING_MAX && !l->nonzero)
        return err_data(e,
            "labels and predictions have %d different values, but attunet compares at most %d "
            "classes; save masks as class numbers",
            count, LABELLING_MAX);
    for (unsigned value = 0; value < VALUES; value++) {
        if (!values_have(&all, value) || (l->nonzero && l->count == 2)) continue;
        snprintf(name, sizeof name, "label %u", value);
        labelling_add(l, value, value == 0 ? "background" : l->nonzero ? "foreground" : name);
    }
    return ATT_OK;
}

/* Comparing value by value is meaningless for objects numbered differently. */
static void warn_numbered(const struct found *f, struct host *host)
{
    enum { MANY = 5 };
    if (nonzero_values(&f->truth) < MANY ||
        (nonzero_values(&f->predicted) > 1 && !numbered_likely(&f->numbered)))
        return;
    host_warn(host, WARN_CLASSES_MANY,
        "labels have %d values besides 0, and attunet makes each a class; if they number objects, "
        "save both sides as masks of 0 and 1",
        nonzero_values(&f->truth));
}

static void measure_meaning_say_meaning(
    const struct found *f, const char *from, const struct labelling *l, struct host *host)
{
    if (l->nonzero && nonzero_values(&f->truth) > 1 && from)
        host_say(host, LOG_INFO,
            "labels have %d values besides 0; attunet reads all as the one class of %s",
            nonzero_values(&f->truth), from);
    else if (l->nonzero && nonzero_values(&f->truth) > 1)
        host_say(host, LOG_INFO,
            "labels seem to number objects (up to %d), and predictions have one class, so attunet "
            "compares one class; if the numbers are classes, name them in a dataset.json",
            nonzero_values(&f->truth));
    else if (l->nonzero)
        warn_joined(f, l->ignore, host);
    else if (!from) {
        warn_classes_differ(f, l->ignore, host);
        warn_numbered(f, host);
    }
}

static att_status measure_meaning_find(const struct meaning *likely, struct found *f, int ignore,
    struct labelling *l, struct host *host, struct err *e)
{
    const bool usable = likely && use_meaning(likely, f, ignore, l);
    const struct found own = *f;
    for (int i = 0; likely && !usable && i < likely->labels.count; i++)
        if ((int)likely->labels.value[i] != ignore) values_add(&f->truth, likely->labels.value[i]);
    if (!usable)
        TRY(meaning_use_values(
            f, likely ? likely->numbered : numbered_likely(&f->numbered), ignore, l, e));
    measure_meaning_say_meaning(
        &own, usable || (likely && likely->numbered) ? likely->from : NULL, l, host);
    return ATT_OK;
}

att_status meaning_find(const struct meaning *likely, const struct tally *tally, int count,
    int ignore, struct labelling *l, bool *numbered, struct host *host, struct err *e)
{
    struct found *f;
    TRY(MEM_ARRAY(f, 1, "the values of labels", e));
    if (ignore < 0 && likely) ignore = likely->labels.ignore;
    meaning_gather(tally, count, ignore, f);
    *numbered = likely ? likely->numbered : numbered_likely(&f->numbered);
    att_status status = measure_meaning_find(likely, f, ignore, l, host, e);
    *numbered = *numbered && l->nonzero;
    mem_free(f);
    return status;
}
