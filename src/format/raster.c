/* SPDX-License-Identifier: Apache-2.0 */
/* Common to picture formats: checks runs of samples, and makes an image of them. */
#include "format/raster.h"

#include <string.h>

#include "base/mem.h"

enum { PART = 2048 };

struct checked {
    const char *path;
    const struct image *grid;
    samples_fn *take;
    void *user;
    size_t done;
};

att_status raster_changed(const char *path, struct err *e)
{
    return err_set(e, ATT_DATA, "%s: the file changed while attunet read it; try again", path);
}

static att_status check_run(
    void *user, int channel, size_t start, const float *x, size_t count, struct err *e)
{
    struct checked *c = user;
    const size_t voxels = image_voxels(c->grid->size);
    if (channel >= c->grid->channels || start > voxels || count > voxels - start)
        return raster_changed(c->path, e);
    c->done += count;
    return c->take(c->user, channel, start, x, count, e);
}

att_status raster_decode(const struct format *f, const char *path, const struct image *grid,
    samples_fn *take, void *user, struct err *e)
{
    struct checked c = {path, grid, take, user, 0};
    TRY(f->decode(path, check_run, &c, e));
    return c.done == image_voxels(grid->size) * (size_t)grid->channels ? ATT_OK
                                                                       : raster_changed(path, e);
}

static att_status raster_take_run(
    void *user, int channel, size_t start, const float *x, size_t count, struct err *e)
{
    const struct image *m = user;
    (void)e;
    memcpy(m->data + (size_t)channel * image_voxels(m->size) + start, x, count * sizeof *x);
    return ATT_OK;
}

static att_status raster_load(
    const struct format *f, const char *path, struct image *m, struct err *e)
{
    double unused;
    TRY(f->survey(path, m, &unused, e));
    const size_t samples = image_voxels(m->size) * (size_t)m->channels;
    m->data = mem_array(samples, sizeof *m->data);
    return m->data ? raster_decode(f, path, m, raster_take_run, m, e)
                   : err_memory(e, samples * sizeof *m->data, path);
}

att_status raster_load_image(
    const struct format *f, const char *path, struct image *m, struct err *e)
{
    *m = (struct image){0};
    att_status status = raster_load(f, path, m, e);
    if (status != ATT_OK) image_free(m);
    return status;
}

/* Samples 0, step, 2 step, ... */
static void raster_widen(
    const unsigned char *from, size_t bytes, size_t step, size_t count, float *x)
{
    for (size_t i = 0; i < count && bytes == 1; i++) x[i] = from[i * step];
    for (size_t i = 0; i < count && bytes == 2; i++) {
        uint16_t wide;
        memcpy(&wide, from + 2 * i * step, 2);
        x[i] = wide;
    }
}

att_status raster_give_row(const void *row, size_t bytes, int channels, int width, int y,
    samples_fn *take, void *user, struct err *e)
{
    const size_t step = (size_t)channels, all = (size_t)width;
    float x[PART];
    for (size_t c = 0; c < step; c++)
        for (size_t i = 0, n; i < all; i += n) {
            n = all - i < PART ? all - i : PART;
            raster_widen((const unsigned char *)row + (i * step + c) * bytes, bytes, step, n, x);
            TRY(take(user, (int)c, (size_t)y * all + i, x, n, e));
        }
    return ATT_OK;
}
