/* SPDX-License-Identifier: Apache-2.0 */
#include "dataset/scan.h"

#include <string.h>

#include "base/mem.h"
#include "dataset/grid.h"
#include "format/format.h"
#include "image/nonzero.h"

static att_status scan_peek_files(
    const struct data_case *c, struct scan *s, bool *can, struct err *e)
{
    for (int i = 0; i < c->nimages && *can; i++) {
        struct opened *o = &s->file[i];
        TRY(opened_peek(c->image[i], o, can, e));
        s->count = i + 1;
        if (!*can) return ATT_OK;
        if (i == 0) {
            memcpy(s->m.size, o->at.size, sizeof s->m.size);
            s->m.geometry = o->geometry;
        }
        if (i > 0)
            TRY(grid_check(c->image[i], o->at.size, &o->geometry, c->image[0], &s->m, NULL, e));
        s->m.channels += o->at.channels;
    }
    return ATT_OK;
}

att_status scan_peek(const struct data_case *c, struct scan *s, bool *can, struct err *e)
{
    *s = (struct scan){.count = 0};
    *can = c->nimages <= DATASET_CHANNELS;
    att_status status = scan_peek_files(c, s, can, e);
    if (status != ATT_OK || !*can) scan_close(s);
    return status;
}

double scan_temporary(const struct scan *s)
{
    double bytes = 0;
    for (int i = 0; i < s->count; i++) bytes += opened_temporary(&s->file[i]);
    return bytes;
}

double scan_working(const struct scan *s)
{
    double bytes = 0;
    for (int i = 0; i < s->count; i++)
        bytes = s->file[i].working > bytes ? s->file[i].working : bytes;
    return bytes;
}

att_status scan_begin(struct scan *s, const char *folder, struct host *host, struct err *e)
{
    for (int i = 0; i < s->count; i++) TRY(opened_begin(&s->file[i], folder, host, e));
    return ATT_OK;
}

void scan_close(struct scan *s)
{
    for (int i = 0; i < s->count; i++) opened_close(&s->file[i]);
    *s = (struct scan){.count = 0};
}

att_status scan_read(
    const struct scan *s, int channel, const struct box *b, float *to, struct err *e)
{
    int i = 0;
    for (; channel >= s->file[i].at.channels; i++) channel -= s->file[i].at.channels;
    return opened_read(&s->file[i], channel, b, to, e);
}

static att_status survey_file(const struct opened *o, float *x, size_t room, struct box *nonzero,
    struct host *host, struct err *e)
{
    const struct box whole = box_whole(o->at.size);
    const int64_t all = (int64_t)image_voxels(o->at.size) * o->at.channels;
    struct finite f = {0, 0, 0};
    int64_t done = 0;
    for (int c = 0; c < o->at.channels; c++)
        for (struct box part = {.size = {0}}; box_next(&whole, room, &part);) {
            TRY(opened_read(o, c, &part, x, e));
            format_count_finite(x, box_voxels(&part), &f);
            nonzero_add(x, &part, nonzero);
            TRY(host_part(host, "reading", done += (int64_t)box_voxels(&part), all, e));
        }
    return format_all_finite(o->path, o->at.size, &f, e);
}

att_status scan_survey(
    const struct scan *s, size_t max, struct box *nonzero, struct host *host, struct err *e)
{
    const size_t row = (size_t)s->m.size[2], voxels = image_voxels(s->m.size),
                 room = row > max ? row : max;
    float *x;
    att_status status = MEM_ARRAY(x, room < voxels ? room : voxels, "a part of an image", e);
    *nonzero = (struct box){.size = {0}};
    for (int i = 0; i < s->count && status == ATT_OK; i++)
        status = survey_file(&s->file[i], x, room, nonzero, host, e);
    if (!box_voxels(nonzero)) *nonzero = box_whole(s->m.size);
    mem_free(x);
    return status;
}
