/* SPDX-License-Identifier: Apache-2.0 */
/* Common to picture formats: checks runs of samples, and makes an image of them. */
#include "format/raster.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

enum { PART = 2048, PIXELS = 1 << 30 };

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

att_status raster_check_size(const char *path, uint64_t width, uint64_t height, uint64_t bytes,
    uint64_t ratio, size_t size, struct err *e)
{
    const unsigned long long w = width, h = height;
    if (w < 1 || h < 1 || w > RASTER_SIDE || h > RASTER_SIDE || w * h > PIXELS)
        return err_set(e, ATT_DATA,
            "%s is %llux%llu, but sides are limited to 1..%d and an image to 2^30 pixels; resize "
            "it",
            path, h, w, RASTER_SIDE);
    if (bytes / ratio > size)
        return err_set(e, ATT_DATA,
            "%s: its size of %llux%llu needs more than the file's %zu bytes; get a complete copy",
            path, h, w, size);
    return ATT_OK;
}

struct image raster_grid(int channels, int height, int width)
{
    struct image m = {
        .channels = channels, .size = {1, height, width}, .geometry = geometry_none()};
    m.geometry.colours = channels == 3;
    return m;
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
    TRY(f->decode(path, false, check_run, &c, e));
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
    mem_fill_soon(m->data, samples * sizeof *m->data);
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

/* ---- labels */

/* Colours of more values are a picture. Compression moves channels apart by less than TOLERANCE. */
enum { COLOURS = 8, TOLERANCE = 64 };

struct labels {
    const char *path;
    struct labelmap *m;
    int tolerance;
    size_t done;
    bool coloured;
};

static att_status raster_take_labels(
    void *user, int channel, size_t start, const float *x, size_t count, struct err *e)
{
    struct labels *t = user;
    const size_t voxels = image_voxels(t->m->size);
    if (start > voxels || count > voxels - start) return raster_changed(t->path, e);
    uint16_t *to = t->m->data + start;
    t->done += channel == 0 ? count : 0;
    for (size_t i = 0; i < count && channel == 0; i++) to[i] = (uint16_t)x[i];
    for (size_t i = 0; i < count && channel > 0; i++)
        t->coloured |= abs((int)x[i] - to[i]) > t->tolerance;
    return t->coloured ? err_set(e, ATT_DATA, "%s", t->path) : ATT_OK;
}

/* Index of the colour of pixel i among `count` known ones; a new one is added. */
static int colour_of(const struct image *m, size_t i, float known[COLOURS + 1][3], int *count)
{
    const size_t voxels = image_voxels(m->size);
    const float own[3] = {m->data[i], m->data[voxels + i], m->data[2 * voxels + i]};
    int k = 0;
    while (k < *count && memcmp(known[k], own, sizeof own) != 0) k++;
    if (k == *count) memcpy(known[(*count)++], own, sizeof own);
    return k;
}

static att_status raster_list_colours(
    const struct format *f, const char *path, bool lossy, struct err *e)
{
    struct image m;
    float known[COLOURS + 1][3];
    char list[COLOURS * 24] = "";
    int count = 0, used = 0;
    TRY(raster_load_image(f, path, &m, e));
    for (size_t i = 0, n = image_voxels(m.size); i < n && count <= COLOURS; i++)
        colour_of(&m, i, known, &count);
    image_free(&m);
    for (int k = 0; k < count && k < COLOURS; k++)
        used += snprintf(list + used, sizeof list - (size_t)used, "%s(%g,%g,%g)", k ? " " : "",
            (double)known[k][0], (double)known[k][1], (double)known[k][2]);
    if (lossy || count > COLOURS)
        return err_set(e, ATT_DATA,
            "%s: it has many colours (%s ...), so it is no mask; give masks with one grey "
            "value for each class",
            path, list);
    return err_set(e, ATT_DATA,
        "%s: its labels are the colours %s; save them as grey values instead, one number for "
        "each class",
        path, list);
}

/* Edges have any value after compression, but an area between dark and bright is a class. */
enum { DARK = 31, BRIGHT = 224, HALF = 128, FULL = 255, FLAT = 8, FEW = 8 };

static bool between(uint16_t v) { return v > DARK && v < BRIGHT; }

static bool flat_between(const uint16_t *x, size_t right, size_t below)
{
    return between(*x) && abs(*x - x[right]) <= FLAT && abs(*x - x[below]) <= FLAT;
}

static att_status raster_cut(const char *path, struct labelmap *m, struct err *e)
{
    const size_t width = (size_t)m->size[IMAGE_W], voxels = image_voxels(m->size);
    size_t bright = 0, some = 0, flat = 0;
    unsigned low = UINT16_MAX, high = 0;
    for (size_t i = 0; i < voxels; i++) {
        const uint16_t v = m->data[i];
        if (v < low) low = v;
        if (v > high) high = v;
        bright += v >= BRIGHT;
        some += between(v);
        flat += i + width < voxels && (i + 1) % width && flat_between(&m->data[i], 1, width);
    }
    const bool empty = low == high && high <= DARK;
    const bool classes = flat > FEW && flat > (bright + some) / 100;
    if (high > FULL || (!bright && !empty) || classes || some > voxels / 4)
        return err_set(e, ATT_DATA,
            "%s: its compression changes values, and its values from %u to %u are not only near "
            "0 and 255; get the original labels, as PNG",
            path, low, high);
    for (size_t i = 0; i < voxels; i++) m->data[i] = m->data[i] < HALF ? 0 : FULL;
    return ATT_OK;
}

static att_status raster_fill_labels(
    const struct format *f, const char *path, struct labelmap *m, struct err *e)
{
    double unused;
    struct image grid;
    struct err cause = {0};
    TRY(f->survey(path, &grid, &unused, e));
    if (grid.channels != 1 && !grid.geometry.colours)
        return err_set(e, ATT_DATA,
            "%s: it has %d channels, but labels have one; give a label image", path, grid.channels);
    memcpy(m->size, grid.size, sizeof m->size);
    m->palette = grid.palette;
    m->geometry = grid.geometry;
    TRY(MEM_ARRAY(m->data, image_voxels(m->size), path, e));
    struct labels t = {path, m, grid.geometry.lossy ? TOLERANCE : 0, 0, false};
    att_status status = f->decode(path, true, raster_take_labels, &t, &cause);
    if (t.coloured) return raster_list_colours(f, path, grid.geometry.lossy, e);
    TRY(err_pass(e, status, &cause));
    if (t.done != image_voxels(m->size)) return raster_changed(path, e);
    return grid.geometry.lossy ? raster_cut(path, m, e) : ATT_OK;
}

att_status raster_load_labels(
    const struct format *f, const char *path, struct labelmap *m, struct err *e)
{
    *m = (struct labelmap){0};
    att_status status = raster_fill_labels(f, path, m, e);
    if (status != ATT_OK) labelmap_free(m);
    return status;
}

/* ---- rows */

/* Samples 0, step, 2 step, ...; the loops for the usual steps are the fast ones. */
static void raster_widen(
    const unsigned char *restrict from, size_t bytes, size_t step, size_t count, float *restrict x)
{
    if (bytes == 1 && step == 1)
        for (size_t i = 0; i < count; i++) x[i] = from[i];
    else if (bytes == 1)
        for (size_t i = 0; i < count; i++, from += step) x[i] = *from;
    for (size_t i = 0; i < count && bytes == 2; i++, from += 2 * step) {
        uint16_t wide;
        memcpy(&wide, from, 2);
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

void raster_palette_judge(struct raster_palette *p)
{
    bool white = false;
    p->grey = p->two = true;
    for (int i = 0; i < 256; i++) {
        const unsigned char *c = p->rgb[i];
        for (int k = 0; k < 3; k++) p->value[k][i] = c[k];
        p->grey = p->grey && c[0] == c[1] && c[1] == c[2];
        p->two = p->two && p->grey && (c[0] == 0 || c[0] == FULL);
        white = white || c[0] == FULL;
    }
    p->two = p->two && white;
}

att_status raster_give_indices(const struct raster_palette *p, bool labels,
    const unsigned char *row, int width, int y, samples_fn *take, void *user, struct err *e)
{
    const size_t all = (size_t)width;
    float x[PART];
    for (int c = 0; c < (labels || p->grey ? 1 : 3); c++)
        for (size_t from = 0, n; from < all; from += n) {
            n = all - from < PART ? all - from : PART;
            if (labels && !p->two)
                raster_widen(row + from, 1, 1, n, x);
            else
                for (size_t i = 0; i < n; i++) x[i] = p->value[c][row[from + i]];
            TRY(take(user, c, (size_t)y * all + from, x, n, e));
        }
    return ATT_OK;
}
