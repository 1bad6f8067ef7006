/* SPDX-License-Identifier: Apache-2.0 */
#include "predict/predict_inputs.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "dataset/layout.h"
#include "dataset/layout_found.h"
#include "dataset/named_images.h"
#include "dataset/outputs.h"
#include "dataset/pairing_words.h"
#include "files/file.h"
#include "format/format.h"
#include "predict/predict_apart.h"

struct input {
    char *path;
    size_t base, stem, key; /* offsets of the name, its ending and its channel number (else stem) */
    int channel;            /* or -1 */
};

struct inputs {
    struct input *list;
    int count;
    const struct dataset_patterns *names; /* of the files of a data set; or NULL */
    struct failures *failures;
};

static void inputs_free(struct inputs *l)
{
    for (int i = 0; i < l->count; i++) mem_free(l->list[i].path);
    mem_free(l->list);
}

/* Takes over `path`. */
static att_status inputs_add_path(struct inputs *l, char *path, struct err *e)
{
    const att_status room = MEM_ROOM(l->list, l->count, "the list of images", e);
    if (room != ATT_OK) mem_free(path);
    TRY(room);
    size_t ending = 0, length = strlen(path);
    struct input *x = &l->list[l->count++];
    format_by_name(path, &ending);
    *x = (struct input){
        .path = path, .base = (size_t)(file_base(path) - path), .stem = length - ending};
    x->channel = layout_channel(path + x->base, x->stem - x->base);
    x->key = x->channel < 0 ? x->stem : x->stem - LAYOUT_CHANNEL;
    return ATT_OK;
}

/* Whether the name is CASE_mask (layout_label_suffixes) and CASE or CASE_0000 is in the folder. */
static bool is_mask(const struct file_list *names, const char *name, size_t ending, struct err *e)
{
    char *stem = mem_text("%.*s", (int)(strlen(name) - ending), name);
    const char *suffix = stem ? layout_find_suffix(stem) : NULL;
    const size_t length = suffix ? (size_t)(suffix - stem) : 0;
    bool found = false;
    if (!stem) err_path(e);
    for (int i = 0; suffix && i < names->count && !found; i++) {
        const char *other = names->names[i];
        size_t tail, whole = format_by_name(other, &tail) ? strlen(other) - tail : 0;
        found = whole >= length && strncmp(other, stem, length) == 0 &&
            (whole == length ||
                (whole == length + LAYOUT_CHANNEL && layout_channel(other, whole) == 0));
    }
    mem_free(stem);
    return found;
}

/* The first inner folder with images of its own, a new string; NULL: there is none. */
static att_status find_image_folder(const char *folder, char **found, struct err *e)
{
    struct file_list names;
    *found = NULL;
    TRY(file_list(folder, &names, e));
    att_status status = ATT_OK;
    for (int i = 0; i < names.count && !*found && status == ATT_OK; i++) {
        bool holds = false;
        char *inner = file_join(folder, names.names[i]);
        status = inner ? layout_holds_images(inner, &holds, e) : err_path(e);
        if (holds)
            *found = inner;
        else
            mem_free(inner);
    }
    file_list_free(&names);
    return status;
}

static att_status inputs_none(const char *folder, struct err *e)
{
    char endings[FORMAT_NAMES];
    char *inner;
    TRY(find_image_folder(folder, &inner, e));
    const att_status status = inner
        ? err_data(e,
              "%s holds no image itself, but %s does; give the folders that hold images: %s",
              folder, inner, TEXT_WORD(inner))
        : err_data(e, "%s holds no image (%s) and no DICOM; give the folder that holds the images",
              folder, format_names(endings));
    mem_free(inner);
    return status;
}

/* Of a data set whose images are beside them. */
static att_status refuse_label_folder(const char *folder, struct err *e)
{
    static const char *const labels[] = {"labels", "labelsTr", "labelsTs", "masks"},
                             *const images[] = {"images", "imagesTr", "imagesTs", "images"};
    char full[PATH_MAX], beside[PATH_MAX];
    if (!realpath(folder, full)) return ATT_OK;
    const char *name = file_base(full);
    for (int i = 0; i < 4; i++) {
        const int length =
            snprintf(beside, sizeof beside, "%.*s%s", (int)(name - full), full, images[i]);
        if (text_equals(name, labels[i]) && length < PATH_MAX && file_is_folder(beside))
            return err_usage(e, "%s holds the labels of %s; give the folder %s beside it", folder,
                images[i], images[i]);
    }
    return ATT_OK;
}

/* By patterns; n NULL: by the layout of a data set. Cases that cannot be used do not stop the
 * others. */
static att_status add_named(struct inputs *l, const struct dataset_patterns *n, bool here,
    struct dataset *d, const char *folder, bool *fit, struct host *host, struct err *e)
{
    struct problems wrong = {.count = 0};
    d->problems = &wrong;
    att_status status = n ? named_images_add(n, here, folder, d, fit, host, e)
                          : dataset_add_images(folder, d, fit, host, e);
    d->problems = NULL;
    for (int i = 0; i < wrong.count && status == ATT_OK; i++) {
        struct err cause = {0};
        err_data(&cause, "%s", wrong.list[i].text);
        failures_add(l->failures, &cause);
    }
    problems_free(&wrong);
    return status;
}

/* The patterns by which the files of a folder pair, if they do. */
static att_status search_names(const char *folder, bool flat, char *text[2], struct err *e)
{
    struct err why = {0};
    att_status status = found_patterns(folder, flat, &text[0], &text[1], &why);
    if (status != ATT_DATA) return err_pass(e, status, &why);
    return err_data(e,
        "attunet cannot tell which files in %s are images; name them, or answer this: %s", folder,
        why.text);
}

static void free_two(char *text[2])
{
    mem_free(text[0]);
    mem_free(text[1]);
}

/* Files in the folder itself: masks by their names beside images, or by what pairs. */
static att_status inputs_find_masks(
    const char *folder, const struct file_list *names, bool *mask, int *masks, struct err *e)
{
    char *text[2] = {NULL, NULL};
    size_t ending;
    *masks = 0;
    for (int i = 0; i < names->count; i++) {
        if (!format_by_name(names->names[i], &ending)) continue;
        mask[i] = is_mask(names, names->names[i], ending, e);
        *masks += mask[i];
        if (e->status != ATT_OK) return e->status;
    }
    if (*masks) return ATT_OK;
    TRY(search_names(folder, true, text, e));
    const struct dataset_patterns n = {.images = text[0], .labels = text[1]};
    att_status status = text[0]
        ? named_images_labels(&n, (const char *const *)names->names, names->count, mask, e)
        : ATT_OK;
    for (int i = 0; i < names->count; i++) *masks += mask[i];
    free_two(text);
    return status;
}

/* Files that are called masks, but lie beside no image that they could belong to. */
static void say_unsure(
    const char *folder, const struct file_list *names, const bool *mask, struct host *host)
{
    const char *first = NULL;
    int count = 0, images = 0;
    size_t ending;
    for (int i = 0; i < names->count; i++) {
        if (mask[i] || !format_by_name(names->names[i], &ending)) continue;
        const struct words w =
            words_of_text((struct span){names->names[i], (int)strlen(names->names[i])});
        images += !w.label && !w.mask;
        if ((w.label || w.mask) && !count++) first = names->names[i];
    }
    if (count && images)
        host_say(host, LOG_INFO,
            "%s: %d file%s named as %s, such as %s, but without an image, so attunet predicts "
            "%s as %s; to avoid that, name the other files",
            folder, count, count == 1 ? " is" : "s are", count == 1 ? "a mask" : "masks", first,
            count == 1 ? "it" : "them", count == 1 ? "an image" : "images");
}

static att_status add_files(struct inputs *l, const char *folder, const struct file_list *names,
    int *files, struct host *host, struct err *e)
{
    bool *mask;
    size_t ending;
    int masks = 0;
    const char *first = NULL;
    *files = 0;
    for (int i = 0; i < names->count; i++)
        *files += format_by_name(names->names[i], &ending) != NULL;
    if (!*files) return ATT_OK;
    TRY(MEM_ARRAY(mask, names->count, "the names in a folder", e));
    att_status status = inputs_find_masks(folder, names, mask, &masks, e);
    for (int i = 0; i < names->count && status == ATT_OK; i++) {
        if (mask[i] && !first) first = names->names[i];
        if (mask[i] || !format_by_name(names->names[i], &ending)) continue;
        char *path = file_join(folder, names->names[i]);
        status = path ? inputs_add_path(l, path, e) : err_path(e);
    }
    if (masks)
        host_say(host, LOG_INFO, "%s: ignored %d mask%s of images in this folder, such as %s",
            folder, masks, TEXT_S(masks), first);
    if (status == ATT_OK) say_unsure(folder, names, mask, host);
    mem_free(mask);
    return status;
}

static att_status inputs_add_folder(
    struct inputs *l, struct dataset *d, const char *folder, struct host *host, struct err *e);

/* The images in an inner folder of a data set; *fit: it holds some. `other`: a folder with images
 * that may be meant, too, or NULL. */
static att_status add_inner(struct inputs *l, struct dataset *d, const char *folder,
    const char *name, const char *other, bool *fit, struct host *host, struct err *e)
{
    char *path = file_join(folder, name), *more = file_join(folder, other ? other : name);
    att_status status = path && more ? layout_holds_images(path, fit, e) : err_path(e);
    if (status == ATT_OK && *fit) {
        const bool both = other && file_is_folder(more);
        host_say(host, LOG_INFO, "%s: attunet predicts the images in %s%s%s", folder, path,
            both ? "; for those with labels, give " : "", both ? more : "");
        status = inputs_add_folder(l, d, path, host, e);
    }
    mem_free(path);
    mem_free(more);
    return status;
}

/* A data set whose layout says which files are images; nnU-Net and the Decathlon keep those to be
 * predicted in a folder of their own. */
static att_status add_layout(struct inputs *l, struct dataset *d, const char *folder, bool *fit,
    struct host *host, struct err *e)
{
    const bool raw = layout_msd.claims(folder) || layout_nnunet.claims(folder);
    if (raw) TRY(add_inner(l, d, folder, "imagesTs", "imagesTr", fit, host, e));
    if (!*fit) TRY(add_named(l, NULL, true, d, folder, fit, host, e));
    if (!*fit && layout_plain.claims(folder) && layout_label_folder(folder))
        TRY(add_inner(l, d, folder, "images", NULL, fit, host, e));
    return *fit || !raw ? ATT_OK : add_inner(l, d, folder, "imagesTr", NULL, fit, host, e);
}

/* A tree without images in the folder itself. */
static att_status add_tree(
    struct inputs *l, struct dataset *d, const char *folder, struct host *host, struct err *e)
{
    static const char *const names[] = {"images", "imagesTs", "imagesTr"};
    char *text[2] = {NULL, NULL};
    bool fit = false;
    for (int i = 0; i < 3 && !fit; i++)
        TRY(add_inner(l, d, folder, names[i], i == 1 ? names[2] : NULL, &fit, host, e));
    if (fit) return ATT_OK;
    TRY(search_names(folder, false, text, e));
    const struct dataset_patterns n = {.images = text[0], .labels = text[1]};
    att_status status = text[0] ? add_named(l, &n, true, d, folder, &fit, host, e) : ATT_OK;
    free_two(text);
    return status == ATT_OK && !fit ? inputs_none(folder, e) : status;
}

static att_status inputs_add_folder(
    struct inputs *l, struct dataset *d, const char *folder, struct host *host, struct err *e)
{
    struct file_list names;
    bool fit = false;
    int files;
    if (l->names) TRY(add_named(l, l->names, false, d, folder, &fit, host, e));
    if (l->names && !fit && !l->names->hint)
        return err_data(e, "no file in %s fits `images` '%.300s'; correct it, or leave it out",
            folder, l->names->images);
    if (!fit) TRY(add_layout(l, d, folder, &fit, host, e));
    if (fit) return ATT_OK;
    TRY(refuse_label_folder(folder, e));
    if (layout_is_case(folder, d->channels)) return layout_case_images(d, folder, host, e);
    TRY(file_list(folder, &names, e));
    att_status status = add_files(l, folder, &names, &files, host, e);
    file_list_free(&names);
    if (status != ATT_OK || files) return status;
    if (!layout_are_folders(folder, d->channels)) return add_tree(l, d, folder, host, e);
    if (!d->root && !(d->root = mem_text("%s", folder))) return err_path(e);
    return layout_folders_images(d, folder, e);
}

/* Catches a second model in the place of the first image. */
static att_status refuse_model(const char *input, struct err *e)
{
    if (!(file_is_folder(input) ? layout_is_run(input) : file_ends(input, ".safetensors")))
        return ATT_OK;
    return err_usage(e,
        "%s is a model, not an image; to predict with several models, put commas between them: "
        "MODEL,%s",
        input, input);
}

static att_status inputs_collect(struct inputs *l, struct dataset *d, const char *const *inputs,
    int count, struct host *host, struct err *e)
{
    if (count < 1)
        return err_usage(e, "no image to predict was given; name image files or folders");
    for (int i = 0; i < count; i++) {
        TRY(refuse_model(inputs[i], e));
        if (file_is_folder(inputs[i])) {
            TRY(outputs_refuse_predicted(inputs[i], e));
            TRY(inputs_add_folder(l, d, inputs[i], host, e));
            continue;
        }
        if (!file_exists(inputs[i]))
            return err_set(e, ATT_IO, "%s does not exist; check the path", inputs[i]);
        if (file_ends(inputs[i], ".csv")) {
            TRY(layout_csv_images(d, inputs[i], host, e));
            continue;
        }
        char *path = mem_text("%s", inputs[i]);
        if (!path) return err_path(e);
        TRY(inputs_add_path(l, path, e));
    }
    return ATT_OK;
}

static int compare_keys(const struct input *a, const struct input *b)
{
    size_t min = a->key < b->key ? a->key : b->key;
    int order = memcmp(a->path, b->path, min);
    return order ? order : (a->key > b->key) - (a->key < b->key);
}

static int inputs_by_key(const void *x, const void *y)
{
    const struct input *a = x, *b = y;
    int order = compare_keys(a, b);
    if (!order) order = (a->channel > b->channel) - (a->channel < b->channel);
    return order ? order : strcmp(a->path, b->path);
}

/* A case of `count` files; its name ends before `end`. Takes over their paths. */
static att_status inputs_add_case(
    struct dataset *d, struct input *first, int count, size_t end, struct err *e)
{
    char *id = mem_text("%.*s", (int)(end - first->base), first->path + first->base);
    struct data_case *c = id ? layout_add(d, id, e) : NULL;
    att_status status = c ? ATT_OK : err_path(e);
    for (int i = 0; c && i < count; i++) {
        c->image[c->nimages++] = first[i].path;
        first[i].path = NULL;
    }
    mem_free(id);
    return status;
}

/* Whether CASE_0001 exists beside CASE_0000, named or not, so that case names do not depend on
 * other arguments. */
static bool is_series(const struct input *x)
{
    char *next = mem_text("%.*s_0001%s", (int)x->key, x->path, x->path + x->stem);
    bool there = next && file_exists(next);
    mem_free(next);
    return there;
}

static void lacks_channels(
    const struct dataset *d, const struct input *first, int count, struct failures *f)
{
    struct err cause = {0};
    err_data(&cause,
        "%s: the model takes %d channels, the files %.*s_0000 to _%04d, but only %d file%s "
        "given; give all of them",
        first->path, d->channels, (int)(first->key - first->base), first->path + first->base,
        d->channels - 1, count, count == 1 ? " was" : "s were");
    failures_add(f, &cause);
}

/* Files with one key and channel numbers. */
static att_status add_group(
    struct dataset *d, struct input *first, int count, struct failures *f, struct err *e)
{
    int channels, size[3];
    float spacing[3];
    bool counted = true, damaged = false, whole = d->channels == 1;
    for (int i = 0; i < count; i++) counted = counted && first[i].channel == i;
    if (!whole) {
        struct err unread = {0}; /* reported when it is predicted */
        att_status status = format_peek(first->path, &channels, size, spacing, &unread);
        if (status == ATT_MEMORY) return err_pass(e, status, &unread);
        damaged = status != ATT_OK;
        whole = !damaged && channels == d->channels;
    }
    if (whole && counted && count == 1 && !is_series(first))
        return inputs_add_case(d, first, 1, first->key, e);
    if (!whole && counted && count == d->channels)
        return inputs_add_case(d, first, count, first->key, e);
    if (!whole && !damaged) {
        lacks_channels(d, first, count, f);
        return ATT_OK;
    }
    for (int i = 0; i < count; i++) TRY(inputs_add_case(d, &first[i], 1, first[i].stem, e));
    return ATT_OK;
}

static att_status inputs_group(
    struct inputs *l, struct dataset *d, struct failures *f, struct host *host, struct err *e)
{
    if (l->count) qsort(l->list, (size_t)l->count, sizeof *l->list, inputs_by_key);
    for (int i = 0, next; i < l->count; i = next) {
        struct input *x = &l->list[i];
        for (next = i + 1;
             x->channel >= 0 && next < l->count && compare_keys(x, &l->list[next]) == 0; next++)
            ;
        TRY(x->channel >= 0 ? add_group(d, x, next - i, f, e)
                            : inputs_add_case(d, x, 1, x->stem, e));
    }
    apart_name(d, host);
    return d->count > 0 ? layout_sort(d, e) : ATT_OK; /* else all lack channels */
}

/* Files that differ only by name are sorted by name, as in training. */
static void compare_names(const struct model *m, const struct dataset *d, struct host *host)
{
    char ours[512] = "", theirs[512] = "";
    bool differ = false;
    for (int c = 0; c < d->channels && d->channel_name[c]; c++) {
        const char *between = c ? ", " : "";
        differ = differ || !text_equals(d->channel_name[c], m->prep.channel_name[c]);
        text_append(ours, sizeof ours, "%s%s", between, d->channel_name[c]);
        text_append(theirs, sizeof theirs, "%s%s", between, m->prep.channel_name[c]);
    }
    if (differ && d->channels > 1)
        host_warn(host, WARN_CHANNELS_DIFFER,
            "the files of a case are read in the order %s, but the model calls its channels %s; "
            "check the order",
            ours, theirs);
}

att_status inputs_find(const struct model *m, const struct inputs_asked *a, struct dataset *d,
    struct failures *f, struct host *host, struct err *e)
{
    struct inputs l = {.names = a->names, .failures = f};
    *d = (struct dataset){.channels = m->prep.channels};
    att_status status = inputs_collect(&l, d, a->inputs, a->count, host, e);
    if (status == ATT_OK) status = inputs_group(&l, d, f, host, e);
    if (status == ATT_OK) compare_names(m, d, host);
    inputs_free(&l);
    return status;
}
