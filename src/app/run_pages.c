/* SPDX-License-Identifier: Apache-2.0 */
#include "app/run_pages.h"

#include "base/mem.h"
#include "draw/slice.h"
#include "report/curves.h"
#include "report/exhibit_draw.h"

enum { GAP = 8 };

/* Panels of a case, left to right. */
static att_status join_panels(const struct exhibit *x, struct picture *o, struct err *e)
{
    const struct picture *first = &x->panel[0];
    TRY(picture_create(x->panels * (first->width + GAP) - GAP, first->height, slice_back, o, e));
    for (int i = 0; i < x->panels; i++)
        picture_blit(o, i * (first->width + GAP), 0, x->panel[i].rgb, 3, x->panel[i].width,
            x->panel[i].height, 1);
    return ATT_OK;
}

static att_status draw_panels(const struct sample *s, const uint8_t *predicted, int size[2],
    unsigned char **rgb, struct err *e)
{
    const struct scene scene = {.size = {s->image.size[0], s->image.size[1], s->image.size[2]},
        .truth = s->classes,
        .found = predicted,
        .image = s->image};
    struct picture o = {.rgb = NULL};
    struct exhibit *x;
    TRY(MEM_NEW(x, "a picture of a validation", e));
    att_status status = exhibit_draw(&scene, false, x, e);
    if (status == ATT_OK) status = join_panels(x, &o, e);
    for (int i = 0; i < x->panels; i++) picture_free(&x->panel[i]);
    mem_free(x);
    size[0] = o.height;
    size[1] = o.width;
    *rgb = o.rgb;
    return status;
}

const struct pages run_pages = {
    .training = report_page_training,
    .folder = report_page_folder,
    .curves = curves_draw,
    .panels = draw_panels,
    .search = search_page,
    .repeat = repeat_page,
};
