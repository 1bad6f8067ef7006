/* SPDX-License-Identifier: Apache-2.0 */
/* One folder of images with masks: NAME.png, NAME_mask.png, NAME_mask_1.png, ... Masks have a
 * suffix of layout_label_suffixes, and masks of one image are joined. */
#include <ctype.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "dataset/groups.h"
#include "dataset/layout.h"
#include "dataset/names.h"
#include "files/file.h"
#include "format/joined.h"

const char *layout_find_suffix(const char *stem)
{
    size_t length = strlen(stem), digits = 0;
    while (digits < length && isdigit((unsigned char)stem[length - 1 - digits])) digits++;
    if (digits > 0 && digits < length && stem[length - 1 - digits] == '_') length -= digits + 1;
    for (const char *const *s = layout_label_suffixes; *s; s++) {
        size_t tail = strlen(*s);
        if (tail < length && text_begins(stem + length - tail, *s)) return stem + length - tail;
    }
    return NULL;
}

static bool mixed_has_image(const struct layout_files *l, const char *stem, size_t length)
{
    for (int i = 0; i < l->count; i++)
        if (strncmp(l->file[i].stem, stem, length) == 0 && !l->file[i].stem[length]) return true;
    return false;
}

/* "a_seg_ends" beside the mask "a_seg" is no image, so that the names say more than this layout
 * knows. Files are sorted. */
static bool has_second_masks(const struct layout_files *l)
{
    enum { BACK = 8 };
    for (int i = 1; i < l->count; i++)
        for (int k = i - 1; k >= 0 && k >= i - BACK; k--) {
            const char *mask = l->file[k].stem, *stem = l->file[i].stem;
            const size_t length = strlen(mask);
            if (layout_find_suffix(mask) && !layout_find_suffix(stem) &&
                strncmp(mask, stem, length) == 0 && stem[length] && strchr("_-. ", stem[length]))
                return true;
        }
    return false;
}

/* Files are sorted. */
static bool has_mask(const struct layout_files *l, int file)
{
    const char *stem = l->file[file].stem;
    const size_t length = strlen(stem);
    for (int i = file + 1; i < l->count && strncmp(l->file[i].stem, stem, length) == 0; i++)
        if (layout_find_suffix(l->file[i].stem) == l->file[i].stem + length) return true;
    return false;
}

/* Beside an image, whose name this file goes on: "a_contour" or "a_color_mask", where "a" has
 * "a_mask"; or "a_brain" with "a_brain_mask", where "a" has none. */
static bool is_second_file(const struct layout_files *l, int image, int file)
{
    const char *stem = l->file[file].stem, *mask = layout_find_suffix(stem);
    if (!mask) return !has_mask(l, file) || !has_mask(l, image);
    return mask != stem + strlen(l->file[image].stem) && has_mask(l, image) &&
        !mixed_has_image(l, stem, (size_t)(mask - stem));
}

/* Most images that have a mask have a second file. Files are sorted. */
static bool have_second_files(const struct layout_files *l)
{
    int masks = 0, files = 0;
    size_t length = 0;
    for (int i = 0, image = -1; i < l->count; i++) {
        const char *stem = l->file[i].stem;
        const bool mask = layout_find_suffix(stem) != NULL,
                   more = image >= 0 && strncmp(stem, l->file[image].stem, length) == 0 &&
            strchr("_-. ", stem[length]) != NULL;
        masks += mask;
        files += more && is_second_file(l, image, i);
        if (more || mask) continue;
        image = i;
        length = strlen(stem);
    }
    return files && 2 * files >= masks;
}

/* "a_mask_1" and "a_mask_2" without "a_mask" may be objects, classes or readers. Files are sorted.
 */
static bool has_numbers_alone(const struct layout_files *l)
{
    for (int i = 1; i < l->count; i++) {
        const char *before = l->file[i - 1].stem, *stem = l->file[i].stem,
                   *suffix = layout_find_suffix(stem), *other = layout_find_suffix(before);
        if (!suffix || !other || other - before != suffix - stem) continue;
        const size_t name = (size_t)(suffix - stem);
        const char *number = suffix + strcspn(suffix, "0123456789");
        const size_t mask = (size_t)(number - stem);
        if (*number && strncmp(before, stem, mask) == 0 &&
            !mixed_has_image(l, stem, mask - (number[-1] == '_')) && mixed_has_image(l, stem, name))
            return true;
    }
    return false;
}

bool layout_is_mixed(const char *folder)
{
    struct err ignored = {0};
    struct problems unread = {.count = 0};
    struct dataset d = {.problems = &unread};
    struct layout_files files;
    bool found = false;
    if (!file_is_folder(folder)) return false;
    if (layout_list(&d, folder, NULL, &files, &ignored) == ATT_OK) {
        for (int i = 0; i < files.count && !found; i++) {
            const char *suffix = layout_find_suffix(files.file[i].stem);
            found = suffix &&
                mixed_has_image(&files, files.file[i].stem, (size_t)(suffix - files.file[i].stem));
        }
        found = found && !has_second_masks(&files) && !has_numbers_alone(&files) &&
            !have_second_files(&files) && !layout_has_previews(&files);
        layout_files_free(&files);
    }
    problems_free(&unread);
    return found;
}

/* Sorting puts NAME_mask before NAME_mask_1. */
static att_status mixed_join_masks(struct dataset *d, const struct layout_files *files,
    const struct span *name, const int *owner, const char *shift, struct err *e)
{
    for (int i = 0, k = 0; i < files->count; i++) {
        const struct layout_file *f = &files->file[i];
        if (!layout_find_suffix(f->stem)) continue;
        struct data_case *c = owner[k] < 0 ? NULL : &d->cases[owner[k]];
        if (c && !(c->label = joined_add(c->label, f->path, 0))) return err_path(e);
        if (!c)
            TRY(layout_wrong(d, PROBLEM_PARTNER, f->path, e,
                "mask %s has no image%s%s put %.*s next to it, or remove the mask", f->path, shift,
                *shift ? "," : ";", name[k].length, f->stem));
        k++;
    }
    return ATT_OK;
}

static att_status mixed_add_files(struct dataset *d, struct layout_files *files, struct err *e)
{
    const int first = d->count;
    struct span *name;
    int *owner = NULL, masks = 0;
    bool lone = false;
    for (int i = 0; i < files->count; i++)
        if (!layout_find_suffix(files->file[i].stem) && !layout_add_image(d, &files->file[i], e))
            return ATT_MEMORY;
    TRY(MEM_ARRAY(name, files->count + 1, "the names of masks", e));
    att_status status = MEM_ARRAY(owner, files->count + 1, "the names of masks", e);
    for (int i = 0; i < files->count && status == ATT_OK; i++) {
        const char *stem = files->file[i].stem, *suffix = layout_find_suffix(stem);
        if (!suffix) continue;
        name[masks] = (struct span){stem, (int)(suffix - stem)};
        owner[masks] = names_find_id(d, first, name[masks]);
        lone |= owner[masks++] < 0;
    }
    if (status == ATT_OK && lone) status = layout_match_numbers(d, first, name, masks, owner, e);
    char shift[LAYOUT_SHIFT];
    if (status == ATT_OK) status = layout_find_shift(d, first, owner, masks, shift, e);
    if (status == ATT_OK) status = mixed_join_masks(d, files, name, owner, shift, e);
    mem_free(owner);
    mem_free(name);
    return status;
}

int layout_count_joined(const struct dataset *d)
{
    int several = 0;
    for (int i = 0; i < d->count; i++)
        several += d->cases[i].label && joined_count(d->cases[i].label) > 1;
    return several;
}

void layout_say_joined(const struct dataset *d, struct host *host)
{
    const int several = layout_count_joined(d);
    if (several)
        host_say(host, LOG_INFO,
            "%d of %d image%s %s several masks; attunet reads those of an image as one label",
            several, d->count, TEXT_S(d->count), several == 1 ? "has" : "have");
}

att_status layout_finish(struct dataset *d, struct host *host, struct err *e)
{
    TRY(layout_drop_unlabelled(d, host, e));
    TRY(groups_by_names(d, host, e));
    layout_say_joined(d, host);
    TRY(layout_check(d, host, e));
    return layout_describe(d, host, e);
}

static att_status open_flat(struct dataset *d, struct host *host, struct err *e)
{
    struct layout_files files;
    TRY(layout_list(d, d->root, NULL, &files, e));
    const att_status status = mixed_add_files(d, &files, e);
    layout_files_free(&files);
    TRY(status);
    TRY(layout_sort(d, e));
    return layout_finish(d, host, e);
}

const struct layout layout_flat = {
    .name = "images and masks in one folder",
    .loose = true,
    .claims = layout_is_mixed,
    .open = open_flat,
};
