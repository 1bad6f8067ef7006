/* SPDX-License-Identifier: Apache-2.0 */
#include "phantom/phantom.h"

#include <string.h>

#include "base/mem.h"
#include "base/parallel.h"
#include "base/text.h"
#include "files/dry_run.h"
#include "files/file.h"
#include "format/format.h"
#include "phantom/phantom_parts.h"

static const struct phantom *const phantoms[] = {
    &phantom_ultrasound, &phantom_organs, &phantom_field, &phantom_signpost};
enum { PHANTOMS = sizeof phantoms / sizeof *phantoms };
static const char *const folders[] = {"images", "labels", NULL};

att_status phantom_find(const char *kind, const struct phantom **p, struct err *e)
{
    for (int i = 0; i < PHANTOMS; i++)
        if (strcmp(phantoms[i]->kind, kind) == 0) {
            *p = phantoms[i];
            return ATT_OK;
        }
    return err_usage(e, "unknown kind of phantom: %s; use %s, %s, %s or %s", kind,
        phantoms[0]->kind, phantoms[1]->kind, phantoms[2]->kind, phantoms[3]->kind);
}

static att_status phantom_check_size(
    const struct phantom *p, const struct phantom_wish *wish, struct err *e)
{
    const int *size = wish->size;
    if (size[0] == 0 && size[1] == 0 && size[2] == 0) return ATT_OK;
    if (p->max == 0)
        return err_usage(e, "phantoms of kind %s have fixed sizes; leave the size out", p->kind);
    if (size[0] == 1 && size[1] >= p->min && size[2] >= p->min && size[1] <= p->max &&
        size[2] <= p->max)
        return ATT_OK;
    return err_usage(e, "a %s phantom cannot be %dx%d; use sides from %d to %d", p->kind, size[1],
        size[2], p->min, p->max);
}

att_status phantom_make(
    const struct phantom *p, const struct phantom_wish *wish, struct phantom_case *c, struct err *e)
{
    uint64_t own = wish->seed;
    for (const char *k = p->kind; *k; k++) own = own * 31 + (unsigned char)*k;
    struct rng r = rng_stream(own, RNG_PHANTOM, (uint32_t)wish->index, wish->unseen);
    *c = (struct phantom_case){0};
    TRY(phantom_check_size(p, wish, e));
    att_status status = p->make(wish, &r, c, e);
    if (status != ATT_OK) phantom_case_free(c);
    return status;
}

att_status phantom_grid(struct phantom_case *c, int d, int h, int w, struct err *e)
{
    const int size[3] = {d, h, w};
    c->image.channels = 1;
    for (int i = 0; i < 3; i++) {
        c->image.size[i] = c->labels.size[i] = size[i];
        c->image.geometry.spacing[i] = c->labels.geometry.spacing[i] = 1;
    }
    TRY(MEM_ARRAY(c->image.data, image_voxels(size), "a phantom", e));
    return MEM_ARRAY(c->labels.data, image_voxels(size), "a phantom", e);
}

void phantom_case_free(struct phantom_case *c)
{
    image_free(&c->image);
    labelmap_free(&c->labels);
}

struct writing {
    const struct phantom *phantom;
    const char *folder;
    const struct phantom_wish *first;
};

/* The label writer makes an 8-bit PNG of values up to 255; masks of 0 and 255 are visible in any
 * viewer. */
static att_status save_picture(
    const char *image, const char *labels, struct phantom_case *c, struct err *e)
{
    struct labelmap grey = c->labels;
    size_t voxels = image_voxels(grey.size);
    TRY(MEM_ARRAY(grey.data, voxels, "a phantom", e));
    for (size_t i = 0; i < voxels; i++) grey.data[i] = (uint16_t)c->image.data[i];
    att_status status = format_save_labels(image, &grey, e);
    for (size_t i = 0; i < voxels; i++) grey.data[i] = c->labels.data[i] ? 255 : 0;
    if (status == ATT_OK) status = format_save_labels(labels, &grey, e);
    mem_free(grey.data);
    return status;
}

static att_status save_volume(
    const char *image, const char *labels, struct phantom_case *c, struct err *e)
{
    TRY(format_save_image(image, &c->image, e));
    return format_save_labels(labels, &c->labels, e);
}

static att_status save_case(
    const struct writing *w, int index, struct phantom_case *c, struct err *e)
{
    att_status status;
    const char *name = w->first->unseen ? "unseen" : "case";
    char *image = mem_text("%s/images/%s_%04d%s", w->folder, name, index, w->phantom->ending);
    char *labels = mem_text("%s/labels/%s_%04d%s", w->folder, name, index, w->phantom->ending);
    bool flat = strcmp(w->phantom->ending, ".png") == 0;
    if (!image || !labels)
        status = err_path(e);
    else
        status = (flat ? save_picture : save_volume)(image, labels, c, e);
    mem_free(image);
    mem_free(labels);
    return status;
}

static void write_case(void *arg, int index, struct err *e)
{
    const struct writing *w = arg;
    struct phantom_wish wish = *w->first;
    struct phantom_case c;
    wish.index += index;
    if (phantom_make(w->phantom, &wish, &c, e) != ATT_OK) return;
    save_case(w, wish.index, &c, e);
    phantom_case_free(&c);
}

/* Find the kind, and check the numbers. */
static att_status check_wish(const char *kind, const struct phantom_wish *first, int count,
    const struct phantom **p, struct err *e)
{
    TRY(phantom_find(kind, p, e));
    TRY(phantom_check_size(*p, first, e));
    if (count < 0 || first->index < 0 || first->index > 1000000 - count)
        return err_usage(e, "phantoms %d to %d cannot be made; number them from 0 to 999999",
            first->index, first->index + count - 1);
    return ATT_OK;
}

att_status phantom_dry_run(const char *kind, const char *folder, const struct phantom_wish *first,
    int count, struct host *host, struct err *e)
{
    const struct phantom *p = NULL;
    const char *name = first->unseen ? "unseen" : "case";
    TRY(check_wish(kind, first, count, &p, e));
    TRY(file_check_place(folder, true, e));
    note_dry_run(host, "write %d phantom%s of %s into %s", count, TEXT_S(count), kind, folder);
    for (int i = 0; i < 2 * count; i++) {
        char *file =
            mem_text("%s/%s_%04d%s", folders[i / count], name, first->index + i % count, p->ending);
        if (file) dry_run_file(host, folder, file);
        mem_free(file);
    }
    return ATT_OK;
}

att_status phantom_write(const char *kind, const char *folder, const struct phantom_wish *first,
    int count, struct pool *pool, struct err *e)
{
    struct writing w = {.folder = folder, .first = first};
    TRY(check_wish(kind, first, count, &w.phantom, e));
    if (host_stopped(first->host))
        return err_set(e, ATT_INTERRUPTED, "stopped before writing %s", folder);
    TRY(file_each(folder, folders, file_make_inside, e));
    const struct several cases = {
        count, pool_threads(pool), "making phantoms", write_case, NULL, &w, NULL};
    return parallel_run(&cases, pool, first->host, e);
}
