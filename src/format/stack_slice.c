/* SPDX-License-Identifier: Apache-2.0 */
#include "format/stack_slice.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "files/file.h"
#include "format/samples.h"

int slice_number(const char *path, char file[PATH_MAX])
{
    enum { DIGITS = 6 };
    const char *mark = strrchr(path, '#');
    const bool time = mark && mark[1] == 't';
    const char *number = mark ? mark + 1 + time : "";
    const size_t length = mark ? (size_t)(mark - path) : 0, digits = strlen(number);
    if (!length || !digits || digits > DIGITS || length >= PATH_MAX ||
        strspn(number, "0123456789") != digits || file_exists(path))
        return -1;
    memcpy(file, path, length);
    file[length] = 0;
    return atoi(number) + (time ? SLICE_TIMES : 0);
}

const char *slice_file(const char *path, char room[PATH_MAX])
{
    return slice_number(path, room) < 0 ? path : room;
}

static att_status check_slice(const char *path, int slice, int depth, struct err *e)
{
    if (slice < depth) return ATT_OK;
    return err_data(e, "%s: the file has only %d slice%s, counted from 0; give one of them", path,
        depth, TEXT_S(depth));
}

/* It is of the volume. */
static void slice_drop_header(struct geometry *g)
{
    mem_free(g->header);
    g->header = NULL;
    g->header_size = 0;
}

/* The plane moves along the axis of slices. */
static void slice_geometry(struct geometry *g, int slice)
{
    enum { SLICES = 2 /* the affine's column */ };
    for (int i = 0; i < 3; i++) g->affine[i][3] += slice * g->affine[i][SLICES];
    slice_drop_header(g);
}

static att_status slice_time(const char *path, int time, struct image *m, struct err *e)
{
    const size_t voxels = image_voxels(m->size);
    float *all = m->data;
    if (time >= m->channels)
        return err_data(e, "%s: the file has only %d time%s, counted from 0; give one of them",
            path, m->channels, TEXT_S(m->channels));
    if (all) {
        float *own;
        TRY(MEM_ARRAY(own, voxels, path, e));
        memcpy(own, all + (size_t)time * voxels, voxels * sizeof *own);
        mem_free(all);
        m->data = own;
    }
    m->channels = 1;
    slice_drop_header(&m->geometry);
    return ATT_OK;
}

att_status slice_time_labels(
    const char *path, int slice, struct image *all, struct labelmap *m, struct err *e)
{
    const size_t voxels = image_voxels(all->size);
    att_status status = slice_image(path, slice, all, e);
    if (status == ATT_OK) status = MEM_ARRAY(m->data, voxels, path, e);
    memcpy(m->size, all->size, sizeof m->size);
    for (size_t i = 0; i < voxels && status == ATT_OK; i++)
        if (!samples_label((double)all->data[i], &m->data[i]))
            status = samples_bad_label(path, all->size, i, (double)all->data[i], e);
    m->geometry = all->geometry;
    all->geometry = (struct geometry){.valid = false};
    image_free(all);
    return status;
}

att_status slice_image(const char *path, int slice, struct image *m, struct err *e)
{
    if (slice >= SLICE_TIMES) return slice_time(path, slice - SLICE_TIMES, m, e);
    const size_t plane = (size_t)m->size[IMAGE_H] * (size_t)m->size[IMAGE_W],
                 voxels = image_voxels(m->size);
    TRY(check_slice(path, slice, m->size[IMAGE_D], e));
    for (int c = 0; c < m->channels && m->data; c++)
        memmove(m->data + (size_t)c * plane, m->data + (size_t)c * voxels + (size_t)slice * plane,
            plane * sizeof *m->data);
    m->size[IMAGE_D] = 1;
    slice_geometry(&m->geometry, slice);
    return ATT_OK;
}

att_status slice_labels(const char *path, int slice, struct labelmap *m, struct err *e)
{
    const size_t plane = (size_t)m->size[IMAGE_H] * (size_t)m->size[IMAGE_W];
    TRY(check_slice(path, slice, m->size[IMAGE_D], e));
    memmove(m->data, m->data + (size_t)slice * plane, plane * sizeof *m->data);
    m->size[IMAGE_D] = 1;
    slice_geometry(&m->geometry, slice);
    return ATT_OK;
}
