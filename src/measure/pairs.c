/* SPDX-License-Identifier: Apache-2.0 */
#include "measure/pairs.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "dataset/converted.h"
#include "dataset/layout.h"
#include "dataset/layout_found.h"
#include "dataset/mask_values.h"
#include "dataset/memory_set.h"
#include "dataset/names.h"
#include "dataset/outputs.h"
#include "files/file.h"
#include "format/format.h"
#include "format/joined.h"
#include "model/run_files.h"

char *pairs_label_folder(const char *path)
{
    const char *name = layout_label_folder(path);
    return name ? file_join(path, name) : mem_text("%s", path);
}

/* The pair with label `stem`, preferring an exact match; or else the only one whose image has this
 * name; or NULL. */
static struct mask_pair *measure_pairs_find(const struct mask_pairs *p, const char *stem)
{
    struct mask_pair *found = NULL, *named = NULL;
    int images = 0;
    for (int i = 0; i < p->count; i++) {
        struct mask_pair *one = &p->pair[i];
        if (strcmp(one->id, stem) == 0) return one;
        if (!found && layout_is_label_of(one->id, stem)) found = one;
        if (!one->image || strcmp(one->image, stem) != 0) continue;
        named = one;
        images++;
    }
    return found || images != 1 ? found : named;
}

/* Adds a pair and takes over its strings; `predicted` may be NULL. */
static att_status measure_pairs_add(struct mask_pairs *p, struct mask_pair one, struct err *e)
{
    att_status status =
        one.id && one.truth ? MEM_ROOM(p->pair, p->count, "the list of masks", e) : err_path(e);
    if (status == ATT_OK) {
        p->pair[p->count++] = one;
        return ATT_OK;
    }
    pair_free(&one);
    return status;
}

static att_status list_labels(struct mask_pairs *p, struct err *e)
{
    struct layout_files files;
    TRY(layout_list(NULL, p->folder, NULL, &files, e));
    att_status status = ATT_OK;
    for (int i = 0; i < files.count && status == ATT_OK; i++) {
        struct layout_file *f = &files.file[i];
        const struct mask_pair *last = i > 0 ? &p->pair[i - 1] : NULL;
        if (last && strcmp(f->stem, last->id) == 0) {
            status = err_data(e, "case %s has two labels, %s and %s; keep one of them", last->id,
                last->truth, f->path);
        } else {
            status = measure_pairs_add(p, (struct mask_pair){.id = f->stem, .truth = f->path}, e);
            f->stem = f->path = NULL;
        }
    }
    layout_files_free(&files);
    if (status == ATT_OK && p->count == 0)
        status = err_data(e, "%s has no label; name the folder of the true masks", p->folder);
    return status;
}

static bool is_mask_name(const char *path)
{
    char *stem = format_stem(path);
    const bool mask = stem && layout_find_suffix(stem);
    mem_free(stem);
    return mask;
}

/* Whether predictions have names of masks (a_mask.png), not of images. */
static bool named_as_masks(const char *predictions)
{
    struct file_list names;
    struct err ignored = {0};
    bool found = false;
    if (!file_is_folder(predictions)) return is_mask_name(predictions);
    if (file_list(predictions, &names, &ignored) != ATT_OK) return false;
    for (int i = 0; i < names.count && !found; i++) found = is_mask_name(names.names[i]);
    file_list_free(&names);
    return found;
}

/* Whether only its layout finds a data set's labels: a CSV, BIDS, pairs by name; or images and
 * masks in one folder, unless predictions have names of masks, too (a_mask.png). */
static bool is_set(const char *labels, const char *folder, const char *predictions)
{
    if (memory_named(labels)) return true;
    return strcmp(labels, folder) == 0 && dataset_pairs(labels) &&
        !(layout_is_mixed(labels) && named_as_masks(predictions));
}

static att_status add_labels(struct mask_pairs *p, struct dataset *d, struct err *e)
{
    if (d->numbered) TRY(mask_values_join(d, e));
    if (d->objects) labelling_of_objects(&d->labels); /* even if a file states one class */
    TRY(MEM_NEW(p->labels, "the list of labels", e));
    *p->labels = d->labels;
    p->numbered = d->numbered;
    p->class_objects = d->class_objects;
    for (int i = 0; i < d->count; i++) {
        const struct data_case *c = &d->cases[i];
        if (c->label)
            TRY(measure_pairs_add(p,
                (struct mask_pair){.id = mem_text("%s", c->id),
                    .truth = mem_text("%s", c->label),
                    .image = c->nimages && !c->memory ? format_stem(c->image[0]) : NULL,
                    .memory = c->memory},
                e));
    }
    return ATT_OK;
}

/* Of the data set p->folder. */
static att_status list_set(
    struct mask_pairs *p, const struct dataset_patterns *patterns, struct host *host, struct err *e)
{
    struct dataset *d; /* large for a small stack */
    TRY(MEM_NEW(d, "the data set of labels", e));
    att_status status = dataset_open_patterns(p->folder, patterns, d, NULL, host, e);
    if (status == ATT_OK) {
        status = add_labels(p, d, e);
        dataset_free(d);
    }
    mem_free(d);
    return status;
}

/* The label for a name, whose suffix may be missing; -1: none. */
static int find_listed(const struct dataset *d, const char *name)
{
    int index = names_find(d, name);
    char *stem = index < 0 ? format_stem(name) : NULL;
    const char *base = stem ? stem : file_base(name);
    for (int i = 0; i < d->count && index < 0; i++)
        if (layout_is_label_of(d->cases[i].id, base)) index = i;
    mem_free(stem);
    return index;
}

/* Keeps those that are wanted, or with NULL those that have a prediction. */
static void keep_pairs(struct mask_pairs *p, const bool *wanted)
{
    int kept = 0;
    for (int i = 0; i < p->count; i++) {
        struct mask_pair one = p->pair[i];
        if (wanted ? wanted[i] : one.predicted != NULL)
            p->pair[kept++] = one;
        else
            pair_free(&one);
    }
    p->count = kept;
}

static att_status keep_listed(struct mask_pairs *p, const char *path, struct err *e)
{
    struct dataset set = {
        .root = p->folder, .count = p->count}; /* the labels as cases, to find them by name */
    bool *wanted = mem_array((size_t)p->count, sizeof *wanted);
    set.cases = mem_array((size_t)p->count, sizeof *set.cases);
    att_status status = set.cases && wanted
        ? ATT_OK
        : err_memory(e, (size_t)p->count * sizeof *set.cases, "the list of masks");
    for (int i = 0; status == ATT_OK && i < p->count; i++) set.cases[i].id = p->pair[i].id;
    if (status == ATT_OK) status = names_mark(&set, path, find_listed, wanted, e);
    if (status == ATT_OK) keep_pairs(p, wanted);
    mem_free(set.cases);
    mem_free(wanted);
    return status;
}

/* Renames the case after the prediction. Takes over both strings. */
static att_status pairs_set_prediction(struct mask_pair *p, char *stem, char *path, struct err *e)
{
    mem_free(p->id);
    p->id = stem;
    p->predicted = path;
    return path ? ATT_OK : err_path(e);
}

static bool pairs_is_label(const void *pairs, const char *stem)
{
    return measure_pairs_find(pairs, stem);
}

struct extras {
    char first[256];
    int count;
    bool foreign; /* some name has letters with two Unicode forms */
};

static att_status take_prediction(
    struct mask_pairs *p, const char *folder, const char *name, struct extras *x, struct err *e)
{
    size_t ending;
    if (!format_by_name(name, &ending)) return ATT_OK; /* such as a note among the masks */
    char *stem = format_stem(name);
    if (!stem) return err_path(e);
    struct mask_pair *found = measure_pairs_find(p, stem);
    if (found && found->predicted) {
        mem_free(stem);
        return err_data(e, "case %s has two predictions, %s and %s/%s; keep one of them", found->id,
            found->predicted, folder, name);
    }
    if (found) return pairs_set_prediction(found, stem, file_join(folder, name), e);
    if (!run_is_mask_companion(stem, pairs_is_label, p) && x->count++ == 0)
        snprintf(x->first, sizeof x->first, "%s", name);
    x->foreign = x->foreign || *text_two_forms(stem);
    mem_free(stem);
    return ATT_OK;
}

/* Whether the only masks in a folder are DICOM: what to do with one. */
static bool pairs_dicom(const char *folder, char text[FORMAT_SENTENCE])
{
    struct file_list names;
    struct err ignored = {0};
    bool found = false;
    if (file_list(folder, &names, &ignored) != ATT_OK) return false;
    for (int i = 0; i < names.count && !found; i++) {
        char *path = file_join(folder, names.names[i]);
        found = path && !file_is_folder(path) && format_is_dicom(path);
        if (found) format_of_dicom(path, text);
        mem_free(path);
    }
    file_list_free(&names);
    return found;
}

static att_status check_complete(
    const struct mask_pairs *p, const char *folder, const struct extras *x, struct err *e)
{
    int missing = 0;
    const struct mask_pair *first = NULL;
    char dicom[FORMAT_SENTENCE];
    for (int i = 0; i < p->count; i++)
        if (!p->pair[i].predicted && missing++ == 0) first = &p->pair[i];
    if (missing == 0) return ATT_OK;
    if (missing == p->count && file_has(folder, RUN_CHECKPOINT))
        return err_data(e,
            "%s has validated no case, so it holds no predictions; predict images into a folder "
            "and evaluate that%s",
            folder, p->count > 1 ? ", or train with `fold` 0" : "");
    if (missing == p->count && !x->count && pairs_dicom(folder, dicom))
        return err_data(e, "%s", dicom);
    char *again = p->dicom && !layout_is_run(folder)
        ? mem_text("%spredict the whole data set, which names masks after its cases: attunet "
                   "predict RUN %s -o %s",
              missing == p->count ? "" : "list the cases to evaluate in a file (`cases` FILE), or ",
              TEXT_PATH(p->dicom), TEXT_PATH(folder))
        : NULL;
    err_data(e, "%s has no prediction for case %s%s (%d of %d label%s %s none); %s%s", folder,
        first->id, missing > 1 ? ", among others" : "", missing, p->count, TEXT_S(p->count),
        missing == 1 ? "has" : "have",
        again ? again
            : missing == p->count
            ? "give the predictions first, then their labels or data set, under the same names"
            : "predict it, or list the cases to evaluate in a file: `cases` FILE",
        x->foreign ? text_two_forms(first->id) : "");
    mem_free(again);
    return e->status;
}

static att_status take_names(
    struct mask_pairs *p, const char *folder, struct extras *x, struct err *e)
{
    struct file_list names;
    TRY(file_list(folder, &names, e));
    att_status status = ATT_OK;
    for (int i = 0; i < names.count && status == ATT_OK; i++)
        status = take_prediction(p, folder, names.names[i], x, e);
    file_list_free(&names);
    return status;
}

/* Drops labels without a mask: a run predicts only its validation cases. */
static att_status keep_validated(
    struct mask_pairs *p, const char *folder, struct host *host, struct err *e)
{
    const int labels = p->count;
    keep_pairs(p, NULL);
    if (p->count == 0)
        return err_data(e,
            "%s has no mask for any label in %s; give the data set of this run, or predict the "
            "images of the other one and evaluate those masks",
            folder, p->folder);
    host_say(host, LOG_INFO, "%s: %d of %d cases with a label %s", folder, p->count, labels,
        p->count == 1 ? "is a validation case" : "are validation cases");
    return ATT_OK;
}

/* Whether the folds are finished: then their summary exists; a user put folds without a list
 * together. */
static att_status folds_done(const char *run, bool all, bool *done, struct err *e)
{
    char *list = file_join(run, RUN_FOLDS), *summary = file_join(run, RUN_SUMMARY);
    const bool set = list && summary;
    *done = set && all && (file_exists(summary) || !file_exists(list));
    mem_free(list);
    mem_free(summary);
    return set ? ATT_OK : err_path(e);
}

/* Takes the validation of each fold of a run; *any: there is one. */
static att_status take_folds(struct mask_pairs *p, const char *run, bool listed, struct host *host,
    struct extras *x, bool *any, struct err *e)
{
    struct run_folds folds;
    bool all = true, done = false;
    *any = false;
    TRY(run_list_folds(run, &folds, e));
    for (int i = 0; i < folds.count; i++) {
        char *folder = mem_text("%s/" RUN_FOLD "%d/" RUN_VALIDATION, run, folds.number[i]);
        if (!folder) return err_path(e);
        const bool there = file_is_folder(folder);
        att_status status = there ? take_names(p, folder, x, e) : ATT_OK;
        mem_free(folder);
        TRY(status);
        *any = *any || there;
        all = all && there;
    }
    if (*any) TRY(folds_done(run, all, &done, e));
    return done && !listed ? keep_validated(p, run, host, e) : ATT_OK;
}

static att_status take_validation(struct mask_pairs *p, const char *folder, bool listed,
    struct host *host, struct extras *x, struct err *e)
{
    TRY(take_names(p, folder, x, e));
    return listed ? ATT_OK : keep_validated(p, folder, host, e);
}

static att_status pairs_take_run(struct mask_pairs *p, const char *run, bool listed,
    struct host *host, struct extras *x, bool *is_run, struct err *e)
{
    char *folder = file_join(run, RUN_VALIDATION), *model = file_join(run, RUN_CHECKPOINT);
    *is_run = folder && model && file_exists(model) && file_is_folder(folder);
    att_status status = !folder || !model ? err_path(e)
        : *is_run                         ? take_validation(p, folder, listed, host, x, e)
                                          : ATT_OK;
    mem_free(folder);
    mem_free(model);
    return status;
}

static att_status take_folder(
    struct mask_pairs *p, const char *folder, bool listed, struct host *host, struct err *e)
{
    struct extras x = {.count = 0};
    bool folds, is_run = false;
    TRY(take_folds(p, folder, listed, host, &x, &folds, e));
    if (!folds) TRY(pairs_take_run(p, folder, listed, host, &x, &is_run, e));
    if (!folds && !is_run) TRY(take_names(p, folder, &x, e));
    TRY(check_complete(p, folder, &x, e));
    if (x.count > 0 && !listed)
        host_say(host, LOG_INFO,
            "%s: attunet ignores %d file%s without a label of the same name, such as %s", folder,
            x.count, TEXT_S(x.count), x.first);
    return ATT_OK;
}

static att_status take_file(struct mask_pairs *p, const char *path, struct err *e)
{
    char *stem = format_stem(path);
    struct mask_pair *found = stem ? measure_pairs_find(p, stem) : NULL;
    if (!found) {
        mem_free(stem);
        return err_data(e, "%s has no label of the same name in %s; give its label file instead",
            path, p->folder);
    }
    struct mask_pair first = p->pair[0];
    p->pair[0] = *found;
    *found = first;
    return pairs_set_prediction(&p->pair[0], stem, mem_text("%s", path), e);
}

static att_status take_both(
    struct mask_pairs *p, const char *predicted, const char *truth, struct err *e)
{
    const int above = (int)(file_base(truth) - truth);
    p->folder = above ? mem_text("%.*s", above, truth) : mem_text(".");
    if (!p->folder) return err_path(e);
    char *stem = format_stem(predicted);
    att_status status = pairs_add(p, stem ? stem : file_base(predicted), predicted, truth, NULL, e);
    mem_free(stem);
    return status;
}

/* The labels in a folder of a data set. */
static att_status list_part(struct mask_pairs *p, const char *set, const char *labels,
    const struct dataset_patterns *patterns, struct host *host, struct err *e)
{
    char part[PATH_MAX];
    const char *dicom = p->dicom;
    pairs_free(p);
    *p = (struct mask_pairs){.folder = mem_text("%s", set), .dicom = dicom};
    if (!p->folder) return err_path(e);
    TRY(list_set(p, patterns, host, e));
    bool *inside;
    TRY(MEM_ARRAY(inside, p->count + 1, "the list of masks", e));
    for (int i = 0; i < p->count; i++)
        inside[i] = joined_part(p->pair[i].truth, 0, part) && file_within(part, labels);
    keep_pairs(p, inside);
    mem_free(inside);
    return ATT_OK;
}

/* A folder of data sets, or of anything, holds more than one data set does above its labels; it may
 * be the whole disk. */
static bool has_many_entries(const char *folder)
{
    enum { WIDE = 32 };
    struct file_list names;
    struct err ignored = {0};
    if (file_list(folder, &names, &ignored) != ATT_OK) return true;
    const bool wide = names.count > WIDE;
    file_list_free(&names);
    return wide;
}

/* The folder may hold images, too, if only patterns tell them from labels. */
static att_status ask_for_labels(const char *folder, const struct err *why, struct err *e)
{
    char *images, *labels;
    struct err question = {0};
    const att_status status = found_patterns(folder, false, &images, &labels, &question);
    mem_free(images);
    mem_free(labels);
    if (status == ATT_OK) return err_pass(e, why->status, why);
    if (status != ATT_DATA) return err_pass(e, status, &question);
    return err_data(e,
        "attunet cannot tell which files in %s are labels; give the patterns of the training, or "
        "answer this: %s",
        folder, question.text);
}

/* Labels in inner folders, as those of a data set above. */
static att_status list_above(struct mask_pairs *p, const char *labels, struct host *host,
    const struct err *why, struct err *e)
{
    enum { LEVELS = 3 };
    char above[PATH_MAX];
    bool found = false;
    if (!realpath(labels, above)) return err_pass(e, why->status, why);
    for (int up = 0; up < LEVELS && !found; up++) {
        char *slash = strrchr(above, '/');
        if (!slash || slash == above) break;
        *slash = 0;
        if (has_many_entries(above)) break;
        found = dataset_pairs(above);
    }
    if (found) TRY(list_part(p, above, labels, NULL, host, e));
    return found && p->count ? ATT_OK : ask_for_labels(labels, why, e);
}

/* Where the labels are: a data set with a list states it. */
static char *place_of_labels(const char *labels)
{
    return file_has(labels, "dataset.csv") ? mem_text("%s", labels) : pairs_label_folder(labels);
}

static bool holds_files(const char *folder)
{
    struct file_list names;
    struct err ignored = {0};
    size_t ending;
    bool any = false;
    if (file_list(folder, &names, &ignored) != ATT_OK) return true;
    for (int i = 0; i < names.count && !any; i++) any = format_by_name(names.names[i], &ending);
    file_list_free(&names);
    return any;
}

/* A folder of labels may hold one folder for each class, which only the data set explains. */
static att_status list_true(const char *predictions, const char *labels,
    const struct dataset_patterns *patterns, struct mask_pairs *p, struct host *host, struct err *e)
{
    struct err why = {0};
    const char *home = patterns ? patterns->home : NULL;
    if (home && file_is_folder(home) && file_within(labels, home) && !file_same(labels, home))
        return list_part(p, home, labels, patterns, host, e);
    if (patterns && patterns->hint) {
        bool fit;
        TRY(dataset_fits(labels, patterns, &fit, e));
        if (!fit) patterns = NULL;
    }
    p->folder = patterns ? mem_text("%s", labels) : place_of_labels(labels);
    if (!p->folder) return err_path(e);
    if (patterns || is_set(labels, p->folder, predictions)) return list_set(p, patterns, host, e);
    const att_status status = list_labels(p, &why);
    if (status == ATT_OK) return ATT_OK;
    if (status == ATT_DATA && strcmp(labels, p->folder) == 0 && !holds_files(labels))
        return list_above(p, labels, host, &why, e);
    if (status != ATT_DATA || strcmp(labels, p->folder) == 0 || !dataset_pairs(labels))
        return err_pass(e, status, &why);
    const char *dicom = p->dicom;
    pairs_free(p);
    *p = (struct mask_pairs){.folder = mem_text("%s", labels), .dicom = dicom};
    return p->folder ? list_set(p, NULL, host, e) : err_path(e);
}

static att_status find_pairs(const char *predictions, const char *labels, const char *list,
    const struct dataset_patterns *patterns, struct mask_pairs *p, struct host *host, struct err *e)
{
    const bool folder = file_is_folder(predictions);
    if (!file_exists(predictions))
        return err_set(e, ATT_IO, "%s does not exist; check the path", predictions);
    char dicom[FORMAT_SENTENCE];
    if (!folder && format_is_dicom(predictions))
        return err_data(e, "%s", format_of_dicom(predictions, dicom));
    if (layout_is_run(labels) && !layout_is_run(predictions))
        return err_data(e, "%s is a run; the run or masks come first: attunet evaluate %s %s",
            labels, TEXT_PATH(labels), TEXT_PATH(predictions));
    TRY(outputs_refuse_run(labels, e));
    if (list && !folder)
        return err_usage(e, "%s is a single file, so a list of cases does not apply; name a folder",
            predictions);
    if (file_exists(labels) && !file_is_folder(labels) && !dataset_is(labels)) {
        if (folder)
            return err_usage(e, "%s is a folder but %s is not; name two folders or two files",
                predictions, labels);
        return take_both(p, predictions, labels, e);
    }
    TRY(list_true(predictions, labels, patterns, p, host, e));
    if (list) TRY(keep_listed(p, list, e));
    return folder ? take_folder(p, predictions, list, host, e) : take_file(p, predictions, e);
}

att_status pairs_find(const char *predictions, const char *labels, const char *list,
    const struct dataset_patterns *patterns, struct mask_pairs *p, struct host *host, struct err *e)
{
    char *made;
    *p = (struct mask_pairs){0};
    TRY(converted_open(labels, host, &made, e));
    if (made) p->dicom = labels;
    att_status status =
        find_pairs(predictions, made ? made : labels, list, made ? NULL : patterns, p, host, e);
    mem_free(made);
    p->dicom = NULL;
    if (status != ATT_OK) {
        pairs_free(p);
        return status;
    }
    for (int i = p->count - 1; i >= 0 && !p->pair[i].predicted;
         i--) { /* labels that take_file did not use */
        pair_free(&p->pair[i]);
        p->count = i;
    }
    return ATT_OK;
}

att_status pairs_add(struct mask_pairs *p, const char *id, const char *predicted, const char *truth,
    const struct memory_case *memory, struct err *e)
{
    const struct mask_pair one = {.id = mem_text("%s", id),
        .predicted = mem_text("%s", predicted),
        .truth = mem_text("%s", truth),
        .memory = memory};
    TRY(measure_pairs_add(p, one, e));
    return one.predicted ? ATT_OK : err_path(e);
}

att_status pair_load_truth(const struct mask_pair *p, struct labelmap *m, struct err *e)
{
    return memory_load_labels(p->memory, p->truth, m, e);
}

att_status pair_load_classes(const struct mask_pair *p, const struct labelling *l,
    uint8_t **classes, int size[3], struct err *e)
{
    struct labelmap m;
    *classes = NULL;
    TRY(pair_load_truth(p, &m, e));
    return labelling_take(l, &m, p->truth, classes, size, e);
}

void pair_free(struct mask_pair *p)
{
    mem_free(p->id);
    mem_free(p->predicted);
    mem_free(p->truth);
    mem_free(p->image);
    *p = (struct mask_pair){.id = NULL};
}

void pairs_free(struct mask_pairs *p)
{
    for (int i = 0; i < p->count; i++) pair_free(&p->pair[i]);
    mem_free(p->pair);
    mem_free(p->folder);
    mem_free(p->labels);
    *p = (struct mask_pairs){0};
}
