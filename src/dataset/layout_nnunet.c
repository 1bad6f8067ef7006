/* SPDX-License-Identifier: Apache-2.0 */
/* The raw layout of nnU-Net v2: dataset.json, imagesTr/CASE_0000.EXT (a file per channel, or one
 * with all), labelsTr/CASE.EXT; or files listed under "dataset". Also nnU-Net v1, with "modality"
 * for "channel_names". */
#include <string.h>

#include "base/mem.h"
#include "dataset/described.h"
#include "files/file.h"
#include "format/format.h"

/* Whether the first image in imagesTr has a channel number. */
static bool has_channels(const char *root)
{
    struct err ignored = {0};
    struct file_list l;
    char *folder = file_join(root, "imagesTr");
    bool found = false;
    if (folder && file_list(folder, &l, &ignored) == ATT_OK) {
        size_t tail;
        for (int i = 0; i < l.count && !found; i++)
            found = format_by_name(l.names[i], &tail) &&
                layout_channel(l.names[i], strlen(l.names[i]) - tail) >= 0;
        file_list_free(&l);
    }
    mem_free(folder);
    return found;
}

static bool lists_cases(const char *root)
{
    json_t *j = described_peek(root);
    const bool listed = json_object_size(json_object_get(j, "dataset")) > 0;
    json_decref(j);
    return listed;
}

/* A dataset.json alone may belong to any layout (layout_describe); without one it is nnU-Net's if
 * channels are numbered or there are no labels elsewhere. */
static bool claims(const char *root)
{
    const bool images = layout_has_folder(root, "imagesTr");
    if (file_has(root, "dataset.json"))
        return !layout_msd.claims(root) && (images || lists_cases(root));
    return images && (has_channels(root) || !layout_has_folder(root, "labelsTr"));
}

/* Files of a case under "dataset"; false after a reported problem. */
static att_status nnunet_add_files(struct dataset *d, const struct description *t, const char *id,
    const json_t *entry, bool *good, struct err *e)
{
    const json_t *files = json_object_get(entry, "images");
    size_t count = json_array_size(files);
    *good = false;
    if (!layout_id_good(id))
        return layout_wrong(d, PROBLEM_PARTNER, t->path, e, "%s: " LAYOUT_ID_BAD, t->path, id);
    if (count < 1 || count > DATASET_CHANNELS)
        return layout_wrong(d, PROBLEM_PARTNER, t->path, e,
            "%s: case %.200s must list 1 to %d files under \"images\"; correct the list", t->path,
            id, DATASET_CHANNELS);
    struct data_case *c = layout_add(d, id, e);
    if (!c) return ATT_MEMORY;
    c->nimages = (int)count;
    *good = true;
    for (size_t k = 0; k < count && *good; k++) {
        TRY(described_file(d, t, json_array_get(files, k), id, true, &c->image[k], e));
        *good = c->image[k] != NULL;
    }
    if (*good && !t->unlabelled) {
        TRY(described_file(d, t, json_object_get(entry, "label"), id, true, &c->label, e));
        *good = c->label;
    }
    if (!*good) layout_drop(d);
    return ATT_OK;
}

/* "dataset": {CASE: {"images": [FILE, ...], "label": FILE}}; absolute paths may lead anywhere, as
 * in nnU-Net. */
static att_status add_listed(struct dataset *d, const struct description *t, struct err *e)
{
    bool good;
    json_t *cases = json_object_get(t->root, "dataset");
    for (void *i = json_object_iter(cases); i; i = json_object_iter_next(cases, i))
        TRY(nnunet_add_files(d, t, json_object_iter_key(i), json_object_iter_value(i), &good, e));
    return ATT_OK;
}

/* Files of channel 0 make the cases. */
static att_status add_first_channels(struct dataset *d, struct layout_files *images, struct err *e)
{
    for (int i = 0; i < images->count; i++) {
        struct layout_file *f = &images->file[i];
        int channel = layout_channel(f->stem, strlen(f->stem));
        if (channel < 0 || channel >= DATASET_CHANNELS)
            TRY(layout_wrong(d, PROBLEM_CHANNELS, f->path, e,
                "%s: its name must end in the channel's number, _0000 to _%04d; rename it", f->path,
                DATASET_CHANNELS - 1));
        if (channel != 0) continue;
        f->stem[strlen(f->stem) - LAYOUT_CHANNEL] = 0;
        if (!layout_add_image(d, f, e)) return ATT_MEMORY;
    }
    return layout_sort(d, e);
}

/* Sorting puts a case's channels in order. */
static att_status add_other_channels(
    struct dataset *d, struct layout_files *images, const char *ending, struct err *e)
{
    for (int i = 0; i < images->count; i++) {
        struct layout_file *f = &images->file[i];
        if (!f->path) continue;
        int channel = layout_channel(f->stem, strlen(f->stem));
        if (channel < 0 || channel >= DATASET_CHANNELS) continue; /* reported above */
        f->stem[strlen(f->stem) - LAYOUT_CHANNEL] = 0;
        int index = dataset_find(d, f->stem);
        int missing = index < 0 ? 0 : d->cases[index].nimages;
        if (channel != missing) {
            TRY(layout_wrong(d, PROBLEM_CHANNELS, f->path, e,
                "%s exists, but channel %d of its case does not; add %s_%04d%s next to it", f->path,
                missing, f->stem, missing, ending));
            continue;
        }
        struct data_case *c = &d->cases[index];
        c->image[c->nimages++] = f->path;
        f->path = NULL;
    }
    return ATT_OK;
}

/* Fails if an image has another ending than dataset.json states. */
static att_status check_ending(const struct description *t, const char *folder, struct err *e)
{
    struct file_list l;
    size_t tail;
    const char *stated = json_object_get(t->root, "file_ending") ? "\"file_ending\" is"
                                                                 : "without \"file_ending\", it is";
    att_status status = file_list(folder, &l, e);
    for (int i = 0; i < l.count && status == ATT_OK; i++) {
        if (!format_by_name(l.names[i], &tail)) continue;
        status = err_data(e,
            "%s: %s \"%s\", but %s contains %.200s; write \"file_ending\": \"%s\", or convert the "
            "images",
            t->path, stated, t->ending, folder, l.names[i], l.names[i] + strlen(l.names[i]) - tail);
    }
    file_list_free(&l);
    return status;
}

static att_status add_by_name(struct dataset *d, const struct description *t, const char *images,
    const char *labels, struct err *e)
{
    const char *ending = t->ending;
    struct layout_files files;
    bool has_images = file_is_folder(images);
    if (!has_images || !file_is_folder(labels))
        return err_data(e, "%s has no folder %s", d->root,
            has_images ? "labelsTr; put the labels there" : "imagesTr; put the images there");
    TRY(layout_list(d, images, ending, &files, e));
    att_status status = files.count ? ATT_OK : check_ending(t, images, e);
    if (status == ATT_OK) status = add_first_channels(d, &files, e);
    if (status == ATT_OK) status = add_other_channels(d, &files, ending, e);
    layout_files_free(&files);
    return status == ATT_OK ? layout_add_labels(d, labels, ending, NULL, e) : status;
}

static att_status nnunet_add_cases(struct dataset *d, const struct description *t, struct err *e)
{
    if (json_object_size(json_object_get(t->root, "dataset")) > 0) return add_listed(d, t, e);
    char *images = file_join(d->root, "imagesTr"), *labels = file_join(d->root, "labelsTr");
    att_status status = images && labels ? add_by_name(d, t, images, labels, e) : err_path(e);
    mem_free(images);
    mem_free(labels);
    return status;
}

static att_status open_nnunet(struct dataset *d, struct host *host, struct err *e)
{
    return described_open(d, nnunet_add_cases, host, e);
}

static att_status nnunet_images(
    struct dataset *d, const char *root, bool *fit, struct host *host, struct err *e)
{
    return lists_cases(root) ? described_images(d, root, add_listed, fit, host, e) : ATT_OK;
}

const struct layout layout_nnunet = {
    .name = "nnU-Net raw",
    .contents = "dataset.json, imagesTr and labelsTr",
    .claims = claims,
    .open = open_nnunet,
    .images = nnunet_images,
};
