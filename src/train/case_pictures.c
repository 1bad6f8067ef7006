/* SPDX-License-Identifier: Apache-2.0 */
#include "train/case_pictures.h"

#include <stdio.h>

#include "base/mem.h"
#include "files/file.h"
#include "format/png_write.h"
#include "model/run_files.h"

bool case_pictures_due(int64_t number) { return number > 0 && (number & (number - 1)) == 0; }

static att_status case_pictures_add(struct case_pictures *p, const char *id, const struct sample *s,
    const uint8_t *predicted, struct err *e)
{
    unsigned char *pixels;
    int area[2];
    TRY(p->pages->panels(s, predicted, area, &pixels, e));
    const struct png_rgb rgb = {area[1], area[0], pixels};
    const struct png_picture rows = png_of_rgb(&rgb);
    struct event_image *image = &p->list[p->count];
    unsigned char **png = &p->png[p->count];
    size_t size;
    att_status status = png_encode("a picture of a validation", &rows, png, &size, e);
    mem_free(pixels);
    TRY(status);
    snprintf(p->tag[p->count], EVENT_TAG, "validation/%s", id);
    *image = (struct event_image){p->tag[p->count++], area[1], area[0], *png, size};
    return ATT_OK;
}

static void case_pictures_draw(
    void *user, const char *id, const struct sample *s, const uint8_t *predicted)
{
    struct case_pictures *p = user;
    if (p->count < CASE_PICTURES && p->error.status == ATT_OK)
        case_pictures_add(p, id, s, predicted, &p->error);
}

struct validation_show case_pictures_show(struct case_pictures *p)
{
    return (struct validation_show){CASE_PICTURES, case_pictures_draw, p};
}

static att_status case_pictures_append(
    const struct case_pictures *p, const char *run, int64_t step, struct err *e)
{
    TRY(err_pass(e, p->error.status, &p->error));
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
