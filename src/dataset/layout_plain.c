/* SPDX-License-Identifier: Apache-2.0 */
/* Two folders, images/ and labels/ (or masks/), whose files pair by name; what the label values mean is found by reading them all. */
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "dataset/layout.h"
#include "dataset/numbered.h"
#include "format/format.h"

static const char *const label_folders[] = {"labels", "masks"};
enum { LABEL_FOLDERS = sizeof label_folders / sizeof *label_folders };

static bool claims(const char *root) { return layout_has_folder(root, "images"); }

static att_status choose_label_folder(const struct dataset *d, const char **name, struct log *log, struct err *e)
{
    *name = NULL;
    for (int i = 0; i < LABEL_FOLDERS; i++) {
        if (!layout_has_folder(d->root, label_folders[i])) continue;
        if (*name) log_say(log, LOG_WARN, "%s holds both %s and %s: %s is taken", d->root, *name, label_folders[i], *name);
        if (!*name) *name = label_folders[i];
    }
    if (*name) return ATT_OK;
    return err_set(e, ATT_DATA, "%s holds images but no labels; put a label of the same name for each into %s/labels", d->root, d->root);
}

static att_status add_images(struct dataset *d, const char *folder, struct err *e)
{
    struct layout_files images;
    TRY(layout_list(folder, NULL, &images, e));
    att_status status = ATT_OK;
    for (int i = 0; i < images.count && status == ATT_OK; i++) {
        struct data_case *c = layout_add(d, images.file[i].stem, e);
        if (!c) {
            status = ATT_MEMORY;
            break;
        }
        c->nimages = 1;
        c->image[0] = images.file[i].path;
        images.file[i].path = NULL;
    }
    layout_files_free(&images);
    return status;
}

static att_status add_pairs(struct dataset *d, struct log *log, struct err *e)
{
    const char *name;
    TRY(choose_label_folder(d, &name, log, e));
    char *images = file_join(d->root, "images"), *labels = file_join(d->root, name);
    att_status status = images && labels ? add_images(d, images, e) : err_memory(e, strlen(d->root), "a file name");
    if (status == ATT_OK) status = layout_sort(d, e);
    if (status == ATT_OK) status = layout_add_labels(d, labels, NULL, layout_label_suffixes, e);
    mem_free(images);
    mem_free(labels);
    return status;
}

static void note_values(const struct labelmap *m, struct values *v)
{
    size_t voxels = image_voxels(m->size);
    for (size_t i = 0; i < voxels; i++)
        if (i == 0 || m->data[i] != m->data[i - 1]) values_add(v, m->data[i]);
}

/* Adds a case's values to all of them; `own` is room. */
static att_status scan_case(const struct data_case *c, struct values *own, struct values *all, struct numbered *n, struct err *e)
{
    struct labelmap m;
    TRY(format_load_labels(c->label, &m, e));
    memset(own, 0, sizeof *own);
    note_values(&m, own);
    labelmap_free(&m);
    numbered_add(n, own);
    for (int i = 0; i < VALUES / 64; i++) all->bits[i] |= own->bits[i];
    return ATT_OK;
}

/* What values there are, and whether they number objects. */
static att_status scan(const struct dataset *d, struct values *own, struct values *all, bool *objects, struct log *log, struct err *e)
{
    struct numbered n = {0};
    int many = -1, at_many = 0; /* the first case with which there are too many classes, and how many */
    for (int i = 0; i < d->count; i++) {
        TRY(layout_progress(log, "reading labels", i, d->count, e));
        TRY(scan_case(&d->cases[i], own, all, &n, e));
        int count = values_count(all);
        if (count <= LABELLING_MAX || many >= 0) continue;
        many = i;
        at_many = count;
    }
    TRY(layout_progress(log, "reading labels", d->count, d->count, e));
    TRY(numbered_objects(&n, d, objects, log, e));
    if (many < 0 || *objects) return ATT_OK;
    return err_set(e, ATT_DATA,
                   "%s: with it the labels hold %d different values where up to %d classes can be learnt; save labels as plain class "
                   "numbers, without smoothing, and objects that are numbered as 1 all of them",
                   d->cases[many].label, at_many, LABELLING_MAX);
}

static att_status name_classes(struct dataset *d, const struct values *v, bool objects, struct err *e)
{
    struct labelling *l = &d->labels;
    char name[LABELLING_NAME];
    l->nonzero = objects || values_count(v) == 2;
    for (unsigned value = 0; value < VALUES; value++) {
        if (!values_have(v, value) || (objects && l->count == 2)) continue;
        if (l->count == 0 && value != 0)
            return err_set(e, ATT_DATA, "the labels of %s hold no 0, the smallest value is %u; make the background 0", d->root, value);
        snprintf(name, sizeof name, "label %u", value);
        labelling_add(l, value, value == 0 ? "background" : l->nonzero ? "foreground" : name);
    }
    return l->count > 1 ? ATT_OK : err_set(e, ATT_DATA, "the labels of %s hold nothing but 0; mark what is to be found", d->root);
}

static att_status find_meaning(struct dataset *d, struct log *log, struct err *e)
{
    struct values *v = mem_array(2, sizeof *v);
    bool objects = false;
    if (!v) return err_memory(e, sizeof *v, "the values of labels");
    att_status status = scan(d, &v[0], &v[1], &objects, log, e);
    if (status == ATT_OK) status = name_classes(d, &v[1], objects, e);
    int values = values_count(&v[1]);
    mem_free(v);
    TRY(status);
    char list[512], classes[32];
    if (objects) {
        log_say(log, LOG_INFO,
                "labels number objects (up to %d): taken as background and one class; numbers that are classes need the nnU-Net layout, "
                "whose dataset.json names them",
                values - 1);
        return ATT_OK;
    }
    snprintf(classes, sizeof classes, d->labels.nonzero ? "one class" : "%d classes", d->labels.count - 1);
    log_say(log, LOG_INFO, "labels hold %s: taken as background and %s", labelling_values(&d->labels, list, sizeof list), classes);
    return ATT_OK;
}

static att_status name_channels(struct dataset *d, struct err *e)
{
    bool colours = d->channels == 3 && d->dims == 2;
    for (int c = 0; c < d->channels; c++) {
        if (d->channels == 1)
            d->channel_name[c] = mem_text("image");
        else if (colours)
            d->channel_name[c] = mem_text("%s", c == 0 ? "red" : c == 1 ? "green" : "blue");
        else
            d->channel_name[c] = mem_text("channel %d", c);
        if (!d->channel_name[c]) return err_memory(e, 16, "the name of a channel");
    }
    return ATT_OK;
}

static att_status open_plain(struct dataset *d, struct log *log, struct err *e)
{
    TRY(add_pairs(d, log, e));
    TRY(layout_check(d, log, e));
    TRY(name_channels(d, e));
    return find_meaning(d, log, e);
}

const struct layout layout_plain = {
    .name = "images and labels",
    .looks = "images and, under the same names, labels or masks",
    .claims = claims,
    .open = open_plain,
};
