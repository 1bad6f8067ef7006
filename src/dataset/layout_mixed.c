/* SPDX-License-Identifier: Apache-2.0 */
/* Folders of images with masks: NAME.png, NAME_mask.png, NAME_mask_1.png, ... For layout_flat.c. */
#include <ctype.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "dataset/groups.h"
#include "dataset/layout.h"
#include "dataset/names_tokens.h"
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

static const struct layout_file *find_image(
    const struct layout_files *l, const char *stem, size_t length)
{
    for (int i = 0; i < l->count; i++)
        if (strncmp(l->file[i].stem, stem, length) == 0 && !l->file[i].stem[length])
            return &l->file[i];
    return NULL;
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

/* Most images that have a mask have a second file without one, as "a_contour" beside "a" and
 * "a_mask". Files are sorted. */
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
        files += more && !mask && !has_mask(l, i);
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
            !find_image(l, stem, mask - (number[-1] == '_')) && find_image(l, stem, name))
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
                find_image(&files, files.file[i].stem, (size_t)(suffix - files.file[i].stem));
        }
        found = found && !has_second_masks(&files) && !has_numbers_alone(&files) &&
            !have_second_files(&files);
        layout_files_free(&files);
    }
    problems_free(&unread);
    return found;
}

static bool equal_numbers(const char *id, const char *stem, int length)
{
    char a[NAME_MAX + 1], b[NAME_MAX + 1];
    const int other = (int)strlen(id);
    if (other > NAME_MAX || length > NAME_MAX) return false;
    const int x = names_drop_zeros((struct span){id, other}, a, NULL),
              y = names_drop_zeros((struct span){stem, length}, b, NULL);
    return x == y && memcmp(a, b, (size_t)x) == 0;
}

/* Whether the case has a mask, and of another name: "01_mask" beside "1_mask". */
static bool has_other_masks(const struct data_case *c, const char *stem, size_t length)
{
    char path[PATH_MAX];
    return c->label &&
        !(joined_part(c->label, 0, path) && strncmp(file_base(path), stem, length + 1) == 0);
}

/* The case of a mask by its name, or by its numbers, as 7 and 007, if that is one without other
 * masks; NULL: none. */
static struct data_case *mixed_find_case(
    struct dataset *d, int first, const char *stem, size_t length, bool numbers)
{
    struct data_case *found = NULL;
    for (int i = first; i < d->count; i++) {
        struct data_case *c = &d->cases[i];
        if (!numbers && strncmp(c->id, stem, length) == 0 && !c->id[length]) return c;
        if (!numbers || !equal_numbers(c->id, stem, (int)length)) continue;
        if (found || has_other_masks(c, stem, length)) return NULL;
        found = c;
    }
    return found;
}

/* Sorting puts NAME_mask before NAME_mask_1. Masks by number come after all others;
 * *lone: some mask has no image. */
static att_status mixed_add_mask(struct dataset *d, int first, const struct layout_file *f,
    bool numbers, bool *lone, struct err *e)
{
    const size_t length = (size_t)(layout_find_suffix(f->stem) - f->stem);
    if (numbers && mixed_find_case(d, first, f->stem, length, false)) return ATT_OK;
    struct data_case *c = mixed_find_case(d, first, f->stem, length, numbers);
    *lone |= !c;
    if (!c && !numbers) return ATT_OK;
    if (!c)
        return layout_wrong(d, PROBLEM_PARTNER, f->path, e,
            "mask %s has no image; put %.*s next to it, or remove the mask", f->path, (int)length,
            f->stem);
    c->label = joined_add(c->label, f->path, 0);
    return c->label ? ATT_OK : err_path(e);
}

static att_status mixed_add_files(struct dataset *d, struct layout_files *files, struct err *e)
{
    int first = d->count;
    for (int i = 0; i < files->count; i++)
        if (!layout_find_suffix(files->file[i].stem) && !layout_add_image(d, &files->file[i], e))
            return ATT_MEMORY;
    bool lone = false;
    for (int numbers = 0; numbers < 1 + lone; numbers++)
        for (int i = 0; i < files->count; i++)
            if (layout_find_suffix(files->file[i].stem))
                TRY(mixed_add_mask(d, first, &files->file[i], numbers, &lone, e));
    return ATT_OK;
}

static att_status check_masks(struct dataset *d, int first, struct err *e)
{
    for (int i = first; i < d->count; i++)
        if (!d->cases[i].label)
            TRY(layout_wrong(d, PROBLEM_PARTNER, d->cases[i].image[0], e,
                "image %s has no mask; put %s_mask next to it, or remove the image",
                d->cases[i].image[0], d->cases[i].id));
    return ATT_OK;
}

att_status layout_add_mixed(struct dataset *d, const char *folder, struct err *e)
{
    struct layout_files files;
    int first = d->count;
    TRY(layout_list(d, folder, NULL, &files, e));
    att_status status = mixed_add_files(d, &files, e);
    if (status == ATT_OK) status = check_masks(d, first, e);
    layout_files_free(&files);
    return status;
}

void layout_say_joined(const struct dataset *d, struct host *host)
{
    int several = 0;
    for (int i = 0; i < d->count; i++)
        several += d->cases[i].label && joined_count(d->cases[i].label) > 1;
    if (several)
        host_say(host, LOG_INFO, "%d of %d image%s %s several masks; attunet joins them", several,
            d->count, TEXT_S(d->count), several == 1 ? "has" : "have");
}

att_status layout_open_mixed(struct dataset *d, struct host *host, struct err *e)
{
    TRY(layout_sort(d, e));
    TRY(groups_by_names(d, host, e));
    layout_say_joined(d, host);
    TRY(layout_check(d, host, e));
    return layout_describe(d, host, e);
}
