/* SPDX-License-Identifier: Apache-2.0 */
/* Two folders, images/ and labels/ (or masks/), with files paired by name. */
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "dataset/layout.h"
#include "dataset/layout_found.h"
#include "dataset/unread_files.h"
#include "files/file.h"
#include "format/format.h"

static const char *const image_folders[] = {"images", "imagesTr", NULL},
                         *const label_folders[] = {"labels", "masks", "labelsTr", NULL};

/* imagesTr without dataset.json and channel numbers is this layout, too. */
static bool claims(const char *root)
{
    return file_is_folder(root) &&
        (layout_has_folder(root, "images") ||
            (layout_has_folder(root, "imagesTr") && !file_has(root, "dataset.json") &&
                !layout_nnunet.claims(root)));
}

static const char *plain_choose_folder(
    const struct dataset *d, const char *const *folders, struct host *host)
{
    const char *taken = NULL;
    for (; *folders; folders++) {
        if (!layout_has_folder(d->root, *folders)) continue;
        if (taken)
            host_warn(host, WARN_LAYOUT_AMBIGUOUS, "%s has both %s and %s; attunet uses %s",
                d->root, taken, *folders, taken);
        if (!taken) taken = *folders;
    }
    return taken;
}

const char *layout_label_folder(const char *root)
{
    const char *const *name = label_folders;
    if (layout_has_folder(root, "labelsTr") &&
        (layout_msd.claims(root) || layout_nnunet.claims(root)))
        return "labelsTr";
    while (*name && !layout_has_folder(root, *name)) name++;
    return *name;
}

static att_status add_images(struct dataset *d, const char *folder, struct err *e)
{
    struct layout_files images;
    TRY(layout_list(d, folder, NULL, &images, e));
    att_status status = ATT_OK;
    for (int i = 0; i < images.count && status == ATT_OK; i++)
        if (!layout_add_image(d, &images.file[i], e)) status = ATT_MEMORY;
    layout_files_free(&images);
    return status;
}

/* Names other folders, which may contain the labels. */
static att_status plain_no_labels(const struct dataset *d, const char *images, struct err *e)
{
    struct file_list names;
    char others[200] = "", why[700];
    TRY(unread_files_say(d->root, why, sizeof why, e));
    if (*why) return err_data(e, "%s has images but no folder labels or masks: %s", d->root, why);
    TRY(file_list(d->root, &names, e));
    for (int i = 0; i < names.count; i++)
        if (strcmp(names.names[i], images) != 0 && layout_has_folder(d->root, names.names[i]))
            text_append(others, sizeof others, "%s%.60s", *others ? " or " : "", names.names[i]);
    file_list_free(&names);
    return err_data(e,
        "%s has images but no folder labels or masks; put a label of the same name for each image "
        "into %s/labels%s%s%s",
        d->root, d->root, *others ? ", or, if they are in " : "", others,
        *others ? ", rename that folder to labels" : "");
}

/* Folders with images that have other names, such as masks_soft beside masks. */
static att_status plain_say_aside(const struct dataset *d, const char *images, const char *labels,
    struct host *host, struct err *e)
{
    struct file_list names;
    char text[200] = "";
    int count = 0;
    TRY(file_list(d->root, &names, e));
    att_status status = ATT_OK;
    for (int i = 0; i < names.count && status == ATT_OK; i++) {
        const char *name = names.names[i];
        if (text_index(image_folders, name) >= 0 || text_index(label_folders, name) >= 0) continue;
        char *path = file_join(d->root, name);
        bool holds = false;
        status = path ? layout_holds_images(path, &holds, e) : err_path(e);
        mem_free(path);
        count += holds;
        if (holds && strlen(text) + 64 < sizeof text)
            text_append(text, sizeof text, "%s%.60s", *text ? ", " : "", name);
    }
    file_list_free(&names);
    if (status == ATT_OK && count)
        host_say(host, LOG_INFO,
            "%s: attunet reads %s and %s, and leaves %d other folder%s aside: %s", d->root, images,
            labels, count, TEXT_S(count), text);
    return status;
}

/* Other files may say why, such as outlines in text files. */
static att_status plain_no_images(const struct dataset *d, struct err *e)
{
    char why[700];
    TRY(unread_files_say(d->root, why, sizeof why, e));
    return *why ? err_data(e, "%s has no pairs of images and masks: %s", d->root, why) : ATT_OK;
}

static att_status plain_add_pairs(struct dataset *d, struct host *host, struct err *e)
{
    const char *from = plain_choose_folder(d, image_folders, host),
               *name = plain_choose_folder(d, label_folders, host);
    if (!name) return plain_no_labels(d, from, e);
    TRY(plain_say_aside(d, from, name, host, e));
    char *images = file_join(d->root, from), *labels = file_join(d->root, name);
    att_status status = images && labels ? add_images(d, images, e) : err_path(e);
    if (status == ATT_OK && !d->count) status = plain_no_images(d, e);
    if (status == ATT_OK) status = layout_sort(d, e);
    if (status == ATT_OK) status = layout_add_labels(d, labels, NULL, layout_label_suffixes, e);
    mem_free(images);
    mem_free(labels);
    return status;
}

static att_status open_plain(struct dataset *d, struct host *host, struct err *e)
{
    TRY(plain_add_pairs(d, host, e));
    return layout_finish(d, host, e);
}

const struct layout layout_plain = {
    .name = "images and labels",
    .contents = "images and labels (or masks) with equal file names",
    .loose = true,
    .claims = claims,
    .open = open_plain,
};
