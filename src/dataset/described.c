/* SPDX-License-Identifier: Apache-2.0 */
#include "dataset/described.h"

#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/text.h"
#include "dataset/groups.h"
#include "files/file.h"
#include "files/json_file.h"
#include "format/format.h"

json_t *described_peek(const char *root)
{
    struct err ignored = {0};
    json_t *j = NULL;
    json_file_read_in(root, "dataset.json", &j, &ignored);
    return j;
}

att_status described_check_keys(const json_t *root, const char *path, struct err *e)
{
    /* other programs add keys of their own, so only near ones of the same type are misspelt */
    static const char *const known[] = {"channel_names", "modality", "labels", "file_ending",
        "regions_class_order", "training", "name", "description", "reference", "licence", "license",
        "release", "test", "testing", "validation", "dataset", NULL};
    static const json_type types[] = {
        JSON_OBJECT, JSON_OBJECT, JSON_OBJECT, JSON_STRING, JSON_ARRAY, JSON_ARRAY};
    const char *key;
    json_t *value;
    json_each(root, key, value)
    {
        const char *near = text_index(known, key) < 0 ? text_nearest(key, known) : NULL;
        const size_t which = near ? (size_t)text_index(known, near) : sizeof types;
        if (which >= sizeof types / sizeof *types || json_typeof(value) != types[which] ||
            json_object_get(root, near) || (which < 2 && json_object_get(root, known[1 - which])))
            continue;
        return err_data(e, "%s has \"%.100s\" but no \"%s\"; rename the key", path, key, near);
    }
    return ATT_OK;
}

att_status described_channels(const json_t *root, const char *path,
    const char *name[DATASET_CHANNELS], int *count, struct err *e)
{
    const json_t *names = json_object_get(root, "channel_names");
    if (!names) names = json_object_get(root, "modality");
    size_t size = json_object_size(names);
    if (size < 1 || size > DATASET_CHANNELS)
        return err_data(e,
            "%s: \"channel_names\" must name 1 to %d channels, as in {\"0\": \"MRI\"}", path,
            DATASET_CHANNELS);
    for (int c = 0; c < (int)size; c++) {
        char key[12];
        snprintf(key, sizeof key, "%d", c);
        name[c] = json_str(names, key);
        if (!name[c] || strlen(name[c]) >= LABELLING_NAME)
            return err_data(e,
                "%s: \"channel_names\" has %zu entr%s but no usable name for \"%s\"; number "
                "them from 0",
                path, size, size == 1 ? "y" : "ies", key);
    }
    *count = (int)size;
    return ATT_OK;
}

att_status described_name_channels(
    struct dataset *d, const char *const *name, int count, struct err *e)
{
    for (int c = 0; c < count; c++)
        if (!(d->channel_name[c] = mem_text("%s", name[c])))
            return err_memory(e, strlen(name[c]), "the name of a channel");
    return ATT_OK;
}

static att_status described_read_channels(
    struct dataset *d, const struct description *t, struct err *e)
{
    const char *name[DATASET_CHANNELS];
    int count;
    TRY(described_channels(t->root, t->path, name, &count, e));
    d->channels = count;
    return described_name_channels(d, name, count, e);
}

att_status described_file(struct dataset *d, const struct description *t, const json_t *value,
    const char *id, bool anywhere, char **path, struct err *e)
{
    const char *name = json_string_value(value);
    *path = NULL;
    if (!name)
        return layout_wrong(d, PROBLEM_PARTNER, t->path, e,
            "%s: case %.200s must list its image and label as file names", t->path, id);
    while (strncmp(name, "./", 2) == 0) name += 2;
    if (file_leaves(name) && !(anywhere && *name == '/'))
        return layout_wrong(d, PROBLEM_PARTNER, t->path, e,
            "%s lists %.300s for case %.200s, which is outside the folder of the data set; move "
            "the file inside",
            t->path, name, id);
    char *full = file_join(d->root, name);
    if (!full) return err_path(e);
    if (file_exists(full) && !file_is_folder(full)) {
        *path = full;
        d->listed = true;
        d->absolute |= *name == '/';
        return ATT_OK;
    }
    att_status status = layout_wrong(d, PROBLEM_PARTNER, full, e,
        "%s lists %s for case %.200s, but it does not exist; copy the file or correct the list",
        t->path, full, id);
    mem_free(full);
    return status;
}

static att_status described_read_ending(struct description *t, struct err *e)
{
    char known[FORMAT_NAMES];
    size_t size;
    const json_t *ending = json_object_get(t->root, "file_ending");
    /* the default of nnU-Net v1 and the Decathlon */
    t->ending = ending ? json_string_value(ending) : ".nii.gz";
    if (t->ending && format_by_name(t->ending, &size)) return ATT_OK;
    return err_data(e,
        "%s: \"file_ending\" is \"%.40s\", a format that attunet cannot read; convert the images "
        "to %s",
        t->path, t->ending ? t->ending : "", format_names(known));
}

static void say_remaining(const struct dataset *d, const struct description *t, struct host *host)
{
    const json_t *stated = json_object_get(t->root, "numTraining");
    if (json_object_get(t->root, "overwrite_image_reader_writer"))
        host_say(host, LOG_INFO,
            "%s: attunet ignores \"overwrite_image_reader_writer\"; it reads images by content",
            t->path);
    if (json_is_integer(stated) && json_integer_value(stated) != d->count)
        host_warn(host, WARN_CASE_COUNT_DIFFERS,
            "%s states %lld case%s, but there %s %d; check that the data set is complete", t->path,
            (long long)json_integer_value(stated), TEXT_S(json_integer_value(stated)),
            d->count == 1 ? "is" : "are", d->count);
}

static att_status use(
    struct dataset *d, struct description *t, described_add *add, struct host *host, struct err *e)
{
    TRY(json_file_read(t->path, &t->root, e));
    TRY(described_check_keys(t->root, t->path, e));
    TRY(described_read_ending(t, e));
    TRY(described_read_channels(d, t, e));
    TRY(nnunet_labels(t->root, t->path, &d->labels, e));
    TRY(add(d, t, e));
    TRY(layout_sort(d, e));
    TRY(layout_drop_unlabelled(d, host, e));
    if (!file_has(d->root, "splits_final.json")) TRY(groups_by_names(d, host, e));
    TRY(layout_check(d, host, e));
    say_remaining(d, t, host);
    return ATT_OK;
}

att_status described_open(struct dataset *d, described_add *add, struct host *host, struct err *e)
{
    struct description t = {.path = file_join(d->root, "dataset.json")};
    if (t.path && !file_exists(t.path)) {
        mem_free(t.path);
        return err_data(e,
            "%s has nnU-Net's folders but no dataset.json; write one, such as {\"channel_names\": "
            "{\"0\": \"MRI\"}, \"labels\": {\"background\": 0, \"tumour\": 1}, \"file_ending\": "
            "\".nii.gz\"}",
            d->root);
    }
    att_status status = t.path ? use(d, &t, add, host, e) : err_path(e);
    json_decref(t.root);
    mem_free(t.path);
    return status;
}

att_status described_images(struct dataset *d, const char *root, described_add *add, bool *fit,
    struct host *host, struct err *e)
{
    struct description t = {.path = file_join(root, "dataset.json"), .unlabelled = true};
    char *const above = d->root;
    const int before = d->count;
    att_status status = t.path && (d->root = mem_text("%s", root)) ? ATT_OK : err_path(e);
    if (status == ATT_OK) status = json_file_read(t.path, &t.root, e);
    if (status == ATT_OK) status = add(d, &t, e);
    *fit = d->count > before;
    if (status == ATT_OK && *fit)
        host_say(host, LOG_INFO,
            "%s: attunet predicts the images that %s lists, and leaves labels aside", root, t.path);
    mem_free(d->root);
    d->root = above;
    json_decref(t.root);
    mem_free(t.path);
    return status;
}
