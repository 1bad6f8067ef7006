/* SPDX-License-Identifier: Apache-2.0 */
/* The raw layout of nnU-Net v2: dataset.json, imagesTr/CASE_0000.EXT (a file per channel, or one with all), labelsTr/CASE.EXT; files listed
 * under "dataset" where it has that.  Also what came before it: "modality" for "channel_names", and the Medical Segmentation Decathlon's
 * list of pairs under "training", whose names carry no _0000. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/json_file.h"
#include "base/mem.h"
#include "dataset/layout.h"
#include "format/format.h"

enum { CHANNEL_TAIL = 5 }; /* _0000 */

/* A dataset.json that was read. */
struct description {
    char *path;
    json_t *root;
    const char *ending;
};

static bool claims(const char *root) { return layout_has(root, "dataset.json") || layout_has_folder(root, "imagesTr"); }

static att_status read_channels(struct dataset *d, const struct description *t, struct err *e)
{
    const json_t *names = json_object_get(t->root, "channel_names");
    if (!names) names = json_object_get(t->root, "modality");
    size_t count = json_object_size(names);
    if (count < 1 || count > DATASET_CHANNELS)
        return err_set(e, ATT_DATA, "%s: \"channel_names\" must name 1 to %d channels, as in {\"0\": \"MRI\"}", t->path, DATASET_CHANNELS);
    for (int c = 0; c < (int)count; c++) {
        char key[12];
        snprintf(key, sizeof key, "%d", c);
        const char *name = json_string_value(json_object_get(names, key));
        if (!name || strlen(name) >= LABELLING_NAME)
            return err_set(e, ATT_DATA, "%s: \"channel_names\" has %zu entries but no usable name for \"%s\"; number them from 0", t->path,
                           count, key);
        if (!(d->channel_name[c] = mem_text("%s", name))) return err_memory(e, strlen(name), "the name of a channel");
        d->channels = c + 1;
    }
    return ATT_OK;
}

/* The path of a file that dataset.json lists, relative to its folder; it must be there. */
static att_status find_listed(const struct dataset *d, const struct description *t, const json_t *value, const char *id, char **path,
                              struct err *e)
{
    const char *name = json_string_value(value);
    if (!name) return err_set(e, ATT_DATA, "%s: case %.200s does not list its image and label as file names", t->path, id);
    while (strncmp(name, "./", 2) == 0) name += 2;
    *path = file_join(d->root, name);
    if (!*path) return err_memory(e, strlen(name), "a file name");
    if (file_exists(*path)) return ATT_OK;
    return err_set(e, ATT_DATA, "%s lists %s for case %.200s, which is not there; copy the file or correct the list", t->path, *path, id);
}

/* "dataset": {CASE: {"images": [FILE, ...], "label": FILE}} */
static att_status add_listed(struct dataset *d, const struct description *t, json_t *cases, struct err *e)
{
    for (void *i = json_object_iter(cases); i; i = json_object_iter_next(cases, i)) {
        const char *id = json_object_iter_key(i);
        const json_t *files = json_object_get(json_object_iter_value(i), "images");
        size_t count = json_array_size(files);
        if (count < 1 || count > DATASET_CHANNELS)
            return err_set(e, ATT_DATA, "%s: case %.200s must list 1 to %d files under \"images\"", t->path, id, DATASET_CHANNELS);
        struct data_case *c = layout_add(d, id, e);
        if (!c) return ATT_MEMORY;
        c->nimages = (int)count;
        for (size_t k = 0; k < count; k++) TRY(find_listed(d, t, json_array_get(files, k), id, &c->image[k], e));
        TRY(find_listed(d, t, json_object_get(json_object_iter_value(i), "label"), id, &c->label, e));
    }
    return layout_sort(d, e);
}

/* "training": [{"image": FILE, "label": FILE}, ...] */
static att_status add_pairs(struct dataset *d, const struct description *t, const json_t *pairs, struct err *e)
{
    for (size_t i = 0; i < json_array_size(pairs); i++) {
        const json_t *image = json_object_get(json_array_get(pairs, i), "image");
        size_t ending = 0;
        const char *name = json_is_string(image) ? file_base(json_string_value(image)) : "";
        if (!format_by_name(name, &ending))
            return err_set(e, ATT_DATA, "%s: entry %zu of \"training\" names no image that can be read; NIfTI and PNG can", t->path, i);
        char *id = mem_text("%.*s", (int)(strlen(name) - ending), name);
        struct data_case *c = id ? layout_add(d, id, e) : NULL;
        mem_free(id);
        if (!c) return err_memory(e, strlen(name), "the list of cases");
        c->nimages = 1;
        TRY(find_listed(d, t, image, c->id, &c->image[0], e));
        TRY(find_listed(d, t, json_object_get(json_array_get(pairs, i), "label"), c->id, &c->label, e));
    }
    return layout_sort(d, e);
}

/* nnU-Net v1 wrote "training" too, but without the _0000 that its files have: such a list counts only where its files are there. */
static bool pairs_are_there(const struct dataset *d, const json_t *pairs)
{
    const char *name = json_string_value(json_object_get(json_array_get(pairs, 0), "image"));
    return name && (*name == '/' ? file_exists(name) : layout_has(d->root, name));
}

/* The number in the last five bytes of CASE_0000, or -1. */
static int channel_of(const char *stem)
{
    size_t length = strlen(stem);
    if (length <= CHANNEL_TAIL || stem[length - CHANNEL_TAIL] != '_') return -1;
    int channel = 0;
    for (const char *s = stem + length - CHANNEL_TAIL + 1; *s; s++) {
        if (!isdigit((unsigned char)*s)) return -1;
        channel = 10 * channel + *s - '0';
    }
    return channel;
}

/* Files of channel 0 make the cases. */
static att_status add_first_channels(struct dataset *d, struct layout_files *images, struct err *e)
{
    for (int i = 0; i < images->count; i++) {
        struct layout_file *f = &images->file[i];
        int channel = channel_of(f->stem);
        if (channel < 0 || channel >= DATASET_CHANNELS)
            return err_set(e, ATT_DATA, "%s: its name must end in the channel's number, _0000 to _%04d; rename it", f->path,
                           DATASET_CHANNELS - 1);
        if (channel > 0) continue;
        f->stem[strlen(f->stem) - CHANNEL_TAIL] = 0;
        struct data_case *c = layout_add(d, f->stem, e);
        if (!c) return ATT_MEMORY;
        c->nimages = 1;
        c->image[0] = f->path;
        f->path = NULL;
    }
    return layout_sort(d, e);
}

/* The list is sorted, so the channels of one case come in order. */
static att_status add_other_channels(struct dataset *d, struct layout_files *images, const char *ending, struct err *e)
{
    for (int i = 0; i < images->count; i++) {
        struct layout_file *f = &images->file[i];
        if (!f->path) continue;
        int channel = channel_of(f->stem);
        f->stem[strlen(f->stem) - CHANNEL_TAIL] = 0;
        int index = dataset_find(d, f->stem);
        int missing = index < 0 ? 0 : d->cases[index].nimages;
        if (channel != missing)
            return err_set(e, ATT_DATA, "%s is there without channel %d of its case; add %s_%04d%s beside it", f->path, missing, f->stem,
                           missing, ending);
        struct data_case *c = &d->cases[index];
        c->image[c->nimages++] = f->path;
        f->path = NULL;
    }
    return ATT_OK;
}

static att_status add_by_name(struct dataset *d, const char *images, const char *labels, const char *ending, struct err *e)
{
    struct layout_files files;
    bool has_images = file_is_folder(images);
    if (!has_images || !file_is_folder(labels))
        return err_set(e, ATT_DATA, "%s has no folder %s", d->root,
                       has_images ? "labelsTr; put the labels there" : "imagesTr; put the images there");
    TRY(layout_list(images, ending, &files, e));
    att_status status = add_first_channels(d, &files, e);
    if (status == ATT_OK) status = add_other_channels(d, &files, ending, e);
    layout_files_free(&files);
    return status == ATT_OK ? layout_add_labels(d, labels, ending, NULL, e) : status;
}

static att_status add_cases(struct dataset *d, const struct description *t, struct err *e)
{
    json_t *listed = json_object_get(t->root, "dataset"), *pairs = json_object_get(t->root, "training");
    if (json_object_size(listed) > 0) return add_listed(d, t, listed, e);
    if (pairs_are_there(d, pairs)) return add_pairs(d, t, pairs, e);
    char *images = file_join(d->root, "imagesTr"), *labels = file_join(d->root, "labelsTr");
    att_status status = images && labels ? add_by_name(d, images, labels, t->ending, e) : err_memory(e, strlen(d->root), "a file name");
    mem_free(images);
    mem_free(labels);
    return status;
}

static att_status read_ending(struct description *t, struct err *e)
{
    size_t size;
    const json_t *ending = json_object_get(t->root, "file_ending");
    t->ending = ending ? json_string_value(ending) : ".nii.gz"; /* what nnU-Net v1 and the Decathlon take for granted */
    if (t->ending && format_by_name(t->ending, &size)) return ATT_OK;
    return err_set(e, ATT_DATA, "%s: \"file_ending\" is \"%.40s\", which cannot be read; convert the images to .nii.gz or .png", t->path,
                   t->ending ? t->ending : "");
}

static att_status use(struct dataset *d, struct description *t, struct log *log, struct err *e)
{
    TRY(json_file_read(t->path, &t->root, e));
    TRY(read_ending(t, e));
    TRY(read_channels(d, t, e));
    TRY(nnunet_labels(t->root, t->path, &d->labels, e));
    TRY(add_cases(d, t, e));
    TRY(layout_check(d, log, e));
    const json_t *stated = json_object_get(t->root, "numTraining");
    if (json_is_integer(stated) && json_integer_value(stated) != d->count)
        log_say(log, LOG_WARN, "%s speaks of %lld cases; the %d that are there are taken", t->path, (long long)json_integer_value(stated),
                d->count);
    return ATT_OK;
}

static att_status open_nnunet(struct dataset *d, struct log *log, struct err *e)
{
    struct description t = {.path = file_join(d->root, "dataset.json")};
    att_status status = t.path ? use(d, &t, log, e) : err_memory(e, strlen(d->root), "a file name");
    json_decref(t.root);
    mem_free(t.path);
    return status;
}

const struct layout layout_nnunet = {
    .name = "nnU-Net raw",
    .looks = "dataset.json, imagesTr and labelsTr",
    .claims = claims,
    .open = open_nnunet,
};
