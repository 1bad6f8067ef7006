/* SPDX-License-Identifier: Apache-2.0 */
/* Images for callers: from files or the bytes of one, and masks back into bytes. */
#include <ctype.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "app/app.h"
#include "base/mem.h"
#include "base/text.h"
#include "dataset/dataset.h"
#include "files/scratch.h"
#include "format/format.h"

/* What the caller sees, and what it belongs to. */
struct loaded {
    att_image seen;
    struct image own;
    char ending[APP_ENDING];         /* of masks of its file's format */
    char file_ending[FORMAT_ENDING]; /* of the file, by its content */
};

static att_status image_from(
    struct app_call *call, const char *const *paths, int count, att_image **image)
{
    struct data_case files = {.nimages = count};
    const struct dataset one = {.cases = &files, .count = 1};
    struct loaded *l;
    for (int i = 0; i < count; i++) files.image[i] = (char *)(uintptr_t)paths[i]; /* only read */
    TRY(MEM_NEW(l, "an image", call->e));
    const att_status status = dataset_load_image(&one, 0, &l->own, call->e);
    if (status != ATT_OK) {
        mem_free(l);
        return status;
    }
    const struct geometry *g = &l->own.geometry;
    l->seen = (att_image){
        .struct_size = sizeof l->seen, .data = l->own.data, .channels = l->own.channels};
    memcpy(l->seen.size, l->own.size, sizeof l->seen.size);
    if (g->valid) memcpy(l->seen.spacing, g->spacing, sizeof g->spacing);
    if (g->oriented) l->seen.affine = g->affine[0];
    snprintf(l->ending, sizeof l->ending, "%s", format_result_ending(paths[0]));
    format_content_ending(paths[0], l->file_ending);
    *image = &l->seen;
    return ATT_OK;
}

att_status app_image_load(
    struct app_call *call, const char *const *paths, int count, att_image **image)
{
    if (count < 1 || count > DATASET_CHANNELS)
        return err_usage(call->e,
            "%d files are no image; give one file, or one for each "
            "channel, at most %d",
            count, DATASET_CHANNELS);
    return image_from(call, paths, count, image);
}

void app_image_free(att_image *image)
{
    struct loaded *l = (struct loaded *)image; /* its first member */
    if (!l) return;
    image_free(&l->own);
    mem_free(l);
}

const char *app_image_ending(const att_image *image)
{
    return ((const struct loaded *)image)->ending;
}

const char *app_image_file_ending(const att_image *image)
{
    return ((const struct loaded *)image)->file_ending;
}

/* Sentences name a scratch file, which means nothing to the caller: writes `name` instead. */
static att_status rename_in(struct err *e, const char *path, const char *name)
{
    const struct err before = *e;
    const char *from = before.text, *found;
    const size_t length = strlen(path);
    e->text[0] = 0;
    for (; (found = strstr(from, path)); from = found + length)
        text_append(e->text, sizeof e->text, "%.*s%s", (int)(found - from), from, name);
    text_append(e->text, sizeof e->text, "%s", from);
    return e->status;
}

/* Looks at the header first: of a small file may come samples without end. */
static att_status image_of_bytes(
    struct app_call *call, const char *path, size_t most, att_image **image)
{
    struct image head;
    char *companion = NULL;
    TRY(format_companion(path, &companion, call->e));
    const bool alone = !companion;
    mem_free(companion);
    if (!alone)
        return err_data(call->e,
            "%s: a header whose samples are in another file; give one file with both", path);
    TRY(format_peek_image(path, &head, call->e));
    const double samples = image_voxels_double(head.size) * head.channels;
    if (most && samples > (double)most)
        return err_set(call->e, ATT_MEMORY,
            "%s has %.0f samples, but at most %zu are allowed; give a smaller image", path, samples,
            most);
    return image_from(call, &path, 1, image);
}

att_status app_image_decode(
    struct app_call *call, const void *bytes, size_t size, size_t most, att_image **image)
{
    char path[SCRATCH_PATH];
    struct spool s;
    TRY(scratch_bytes(bytes, size, &s, path, call->e));
    att_status status = image_of_bytes(call, path, most, image);
    if (status != ATT_OK) status = rename_in(call->e, path, "the image");
    scratch_close(&s);
    return status;
}

static att_status mask_check_ending(const char *ending, struct err *e)
{
    char *second = format_detached(ending, 0);
    const bool pair = second != NULL;
    const char *c = ending; /* callers put it into headers and names of files */
    mem_free(second);
    while (*c == '.' || isalnum((unsigned char)*c)) c++;
    if (ending[0] != '.' || strlen(ending) >= APP_ENDING || *c)
        return err_usage(
            e, "'%s' is not the ending of an image file; give one such as .nii.gz or .png", ending);
    if (!pair) return ATT_OK;
    return err_usage(e,
        "%s files keep their samples in a second file; give an ending of one file, such as .nii.gz",
        ending);
}

static att_status mask_file_bytes(struct app_call *call, const struct labelmap *mask,
    const char *folder, const char *ending, char **bytes, size_t *size)
{
    char name[16 + APP_ENDING];
    snprintf(name, sizeof name, "mask%s", ending);
    char *path = file_join(folder, name);
    if (!path) return err_path(call->e);
    att_status status = format_save_labels(path, mask, call->e);
    if (status == ATT_OK) status = file_read(path, SIZE_MAX, bytes, size, call->e);
    if (status != ATT_OK) status = rename_in(call->e, path, "the mask");
    mem_free(path);
    return status;
}

static struct labelmap mask_of(const att_image *image, const uint16_t *labels)
{
    const struct loaded *l = (const struct loaded *)image;
    struct labelmap mask = {
        .data = (uint16_t *)(uintptr_t)labels, .geometry = l->own.geometry}; /* only read */
    memcpy(mask.size, l->own.size, sizeof mask.size);
    return mask;
}

att_status app_mask_encode(struct app_call *call, const att_image *image, const uint16_t *labels,
    const char *ending, char **bytes, size_t *size)
{
    const struct labelmap mask = mask_of(image, labels);
    char *folder;
    if (!ending) ending = app_image_ending(image);
    TRY(mask_check_ending(ending, call->e));
    TRY(scratch_folder(&folder, call->e));
    const att_status status = mask_file_bytes(call, &mask, folder, ending, bytes, size);
    scratch_remove_folder(folder);
    mem_free(folder);
    return status;
}

att_status app_mask_save(
    struct app_call *call, const att_image *image, const uint16_t *labels, const char *path)
{
    const struct labelmap mask = mask_of(image, labels);
    return format_save_labels(path, &mask, call->e);
}
