/* SPDX-License-Identifier: Apache-2.0 */
/* Two folders, images/ and labels/ (or masks/), whose files pair by name; what the label values mean is found by reading them all. */
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "dataset/layout.h"
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

static att_status scan(const struct dataset *d, struct values *v, struct log *log, struct err *e)
{
    for (int i = 0; i < d->count; i++) {
        struct labelmap m;
        TRY(layout_progress(log, "reading labels", i, d->count, e));
        TRY(format_load_labels(d->cases[i].label, &m, e));
        note_values(&m, v);
        labelmap_free(&m);
        int count = values_count(v);
        if (count > LABELLING_MAX)
            return err_set(
                e, ATT_DATA,
                "%s: with it the labels hold %d different values where up to %d classes can be learnt; save labels as plain class "
                "numbers, without smoothing",
                d->cases[i].label, count, LABELLING_MAX);
    }
    return layout_progress(log, "reading labels", d->count, d->count, e);
}

static att_status name_classes(struct dataset *d, const struct values *v, struct err *e)
{
    struct labelling *l = &d->labels;
    char name[LABELLING_NAME];
    l->nonzero = values_count(v) == 2;
    for (unsigned value = 0; value < VALUES; value++) {
        if (!values_have(v, value)) continue;
        if (l->count == 0 && value != 0)
            return err_set(e, ATT_DATA, "the labels of %s hold no 0, the smallest value is %u; make the background 0", d->root, value);
        snprintf(name, sizeof name, "label %u", value);
        labelling_add(l, value, value == 0 ? "background" : l->nonzero ? "foreground" : name);
    }
    return l->count > 1 ? ATT_OK : err_set(e, ATT_DATA, "the labels of %s hold nothing but 0; mark what is to be found", d->root);
}

static att_status find_meaning(struct dataset *d, struct log *log, struct err *e)
{
    struct values *v = mem_alloc(sizeof *v);
    if (!v) return err_memory(e, sizeof *v, "the values of labels");
    att_status status = scan(d, v, log, e);
    if (status == ATT_OK) status = name_classes(d, v, e);
    mem_free(v);
    TRY(status);
    char list[512], classes[32];
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
