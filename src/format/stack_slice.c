/* SPDX-License-Identifier: Apache-2.0 */
/* Slices of volumes, for stacks of planes that are one file. */
#include "format/stack_slice.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "files/file.h"

int slice_number(const char *path, char file[PATH_MAX])
{
    enum { DIGITS = 6 };
    const char *mark = strrchr(path, '#');
    const size_t length = mark ? (size_t)(mark - path) : 0, digits = mark ? strlen(mark + 1) : 0;
    if (!length || !digits || digits > DIGITS || length >= PATH_MAX ||
        strspn(mark + 1, "0123456789") != digits || file_exists(path))
        return -1;
    memcpy(file, path, length);
    file[length] = 0;
    return atoi(mark + 1);
}

const char *slice_file(const char *path, char room[PATH_MAX])
{
    return slice_number(path, room) < 0 ? path : room;
}

static att_status check_slice(const char *path, int slice, int depth, struct err *e)
{
    if (slice < depth) return ATT_OK;
    return err_set(e, ATT_DATA, "%s: the file has only %d slices, counted from 0; give one of them",
        path, depth);
}

/* The plane moves along the axis of slices. */
static void slice_geometry(struct geometry *g, int slice)
{
    enum { SLICES = 2 /* the affine's column */ };
    for (int i = 0; i < 3; i++) g->affine[i][3] += slice * g->affine[i][SLICES];
    mem_free(g->header); /* of the volume */
    g->header = NULL;
    g->header_size = 0;
}

att_status slice_image(const char *path, int slice, struct image *m, struct err *e)
{
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
