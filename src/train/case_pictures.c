/* SPDX-License-Identifier: Apache-2.0 */
/* Called by the training loop, around a validation. */
#include "train/case_pictures.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "draw/slice.h"
#include "files/file.h"
#include "format/png_write.h"
#include "model/run_files.h"
#include "report/exhibit_draw.h"

enum { PANELS = 4, GAP = 8 };

bool case_pictures_due(int64_t number) { return number > 0 && (number & (number - 1)) == 0; }

/* The panels of a case, from left to right. */
static att_status case_pictures_join(const struct exhibit *x, struct picture *o, struct err *e)
{
    const struct picture *first = &x->panel[0];
    TRY(picture_create(x->panels * (first->width + GAP) - GAP, first->height, slice_back, o, e));
    for (int i = 0; i < x->panels; i++)
        picture_blit(o, i * (first->width + GAP), 0, x->panel[i].rgb, 3, x->panel[i].width,
            x->panel[i].height, 1);
    return ATT_OK;
}

static att_status case_pictures_encode(
    struct case_pictures *p, const struct picture *o, const char *id, struct err *e)
{
    const struct png_rgb rgb = {o->width, o->height, o->rgb};
    const struct png_picture rows = png_of_rgb(&rgb);
    size_t size;
    TRY(png_encode("a picture of a validation", &rows, &p->png[p->count], &size, e));
    snprintf(p->tag[p->count], EVENT_TAG, "validation/%s", id);
    p->list[p->count] =
        (struct event_image){p->tag[p->count], o->width, o->height, p->png[p->count], size};
    p->count++;
    return ATT_OK;
}

static att_status case_pictures_add(
    struct case_pictures *p, const char *id, const struct scene *s, struct err *e)
{
    struct picture o = {.rgb = NULL};
    struct exhibit *x = mem_alloc(sizeof *x);
    if (!x) return err_memory(e, sizeof *x, "a picture of a validation");
    att_status status = exhibit_draw(s, false, x, e);
    if (status == ATT_OK) status = case_pictures_join(x, &o, e);
    if (status == ATT_OK) status = case_pictures_encode(p, &o, id, e);
    for (int i = 0; i < x->panels; i++) picture_free(&x->panel[i]);
    picture_free(&o);
    mem_free(x);
    return status;
}

static void train_case_pictures_show(
    void *user, const char *id, const struct sample *s, const uint8_t *predicted)
{
    struct case_pictures *p = user;
    const struct scene scene = {.size = {s->image.size[0], s->image.size[1], s->image.size[2]},
        .truth = s->classes,
        .found = predicted,
        .image = s->image};
    if (p->count < CASE_PICTURES && p->trouble.status == ATT_OK)
        case_pictures_add(p, id, &scene, &p->trouble);
}

struct validation_show case_pictures_show(struct case_pictures *p)
{
    return (struct validation_show){CASE_PICTURES, train_case_pictures_show, p};
}

static att_status case_pictures_append(
    const struct case_pictures *p, const char *run, int64_t step, struct err *e)
{
    TRY(err_pass(e, p->trouble.status, &p->trouble));
    char *path = file_join(run, RUN_EVENTS);
    att_status status =
        path ? events_append_images(path, events_now(), step, p->list, p->count, e) : err_path(e);
    mem_free(path);
    return status;
}

att_status case_pictures_end(
    struct case_pictures *p, const char *run, int64_t step, bool write, struct err *e)
{
    att_status status = write ? case_pictures_append(p, run, step, e) : ATT_OK;
    for (int i = 0; i < p->count; i++) mem_free(p->png[i]);
    p->count = 0;
    return status;
}
