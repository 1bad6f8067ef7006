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
    return err_data(e, "%s: the file changed while attunet read it; try again", path);
}

att_status raster_check_size(const char *path, uint64_t width, uint64_t height, uint64_t bytes,
    uint64_t ratio, size_t size, struct err *e)
{
    const unsigned long long w = width, h = height;
    if (w < 1 || h < 1 || w > RASTER_SIDE || h > RASTER_SIDE || w * h > PIXELS)
        return err_data(e,
            "%s is %llux%llu, but sides are limited to 1..%d and an image to 2^30 pixels; resize "
            "it",
            path, h, w, RASTER_SIDE);
    if (bytes / ratio > size)
        return err_data(e,
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

static att_status raster_take_run(
    void *user, int channel, size_t start, const float *x, size_t count, struct err *e)
{
    const struct image *m = user;
    (void)e;
    memcpy(m->data + (size_t)channel * image_voxels(m->size) + start, x, count * sizeof *x);
    return ATT_OK;
}

att_status raster_decode(const struct format *f, const char *path, const struct image *grid,
    samples_fn *take, void *user, struct err *e)
{
    struct checked c = {.path = path, .grid = grid, .take = take, .user = user};
    TRY(f->decode(path, false, check_run, &c, e));
    return c.done == image_voxels(grid->size) * (size_t)grid->channels ? ATT_OK
                                                                       : raster_changed(path, e);
}

static att_status raster_load(
    const struct format *f, const char *path, struct image *m, struct err *e)
{
    double unused;
    TRY(f->survey(path, m, &unused, e));
    const size_t samples = image_voxels(m->size) * (size_t)m->channels;
    TRY(MEM_ARRAY(m->data, samples, path, e));
    mem_fill_soon(m->data, samples * sizeof *m->data);
    return raster_decode(f, path, m, raster_take_run, m, e);
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
enum { COLOURS = 64, SHOWN = 8, TOLERANCE = 64 };

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
    return t->coloured ? err_data(e, "%s", t->path) : ATT_OK;
}

uint16_t raster_colour_code(const unsigned char c[3])
{
    if (c[0] == c[1] && c[0] == c[2]) return c[0];
    if (!c[1] && !c[2]) return (uint16_t)(LABEL_RED + c[0]);
    return (uint16_t)(LABEL_COLOUR + (c[1] >> 3 << 10 | c[2] >> 3 << 5 | c[0] >> 3));
}

struct colours {
    unsigned char of[COLOURS + 1][3];
    uint16_t code[COLOURS + 1];
    int count;
};

/* Index of a colour; a new one is added. */
static int colour_of(struct colours *l, const unsigned char own[3])
{
    int k = 0;
    while (k < l->count && memcmp(l->of[k], own, 3) != 0) k++;
    if (k < l->count) return k;
    memcpy(l->of[k], own, 3);
    l->code[k] = raster_colour_code(own);
    l->count++;
    return k;
}

static att_status refuse_colours(
    const struct colours *l, const char *path, const char *why, struct err *e)
{
    char list[SHOWN * 16] = "more than 8 bits";
    int used = 0;
    for (int k = 0; k < l->count && k < SHOWN; k++)
        used += snprintf(list + used, sizeof list - (size_t)used, "%s(%d,%d,%d)", k ? " " : "",
            l->of[k][0], l->of[k][1], l->of[k][2]);
    return err_data(e,
        "%s: it has %s colours (%s ...), so it is no mask; give masks with one grey value for each "
        "class",
        path, why, list);
}

/* Edges have any value after compression, but an area between dark and bright is a class. */
enum { DARK = 31, BRIGHT = 224, HALF = 128, FULL = 255, FLAT = 8, FEW = 8 };

static bool between(int v) { return v > DARK && v < BRIGHT; }

static bool flat_between(int v, int right, int below)
{
    return between(v) && abs(v - right) <= FLAT && abs(v - below) <= FLAT;
}

/* The nearest of 8 colours, bit c for channel c; *certain: it is near. */
static unsigned corner_of(const struct image *m, size_t i, bool *certain)
{
    const size_t voxels = image_voxels(m->size);
    unsigned corner = 0;
    *certain = true;
    for (unsigned c = 0; c < 3; c++) {
        const uint16_t v = (uint16_t)m->data[c * voxels + i];
        corner |= (unsigned)(v >= HALF) << c;
        *certain &= !between(v);
    }
    return corner;
}

/* Pixels inside areas of other colours, of which some channel is between. Compression mixes the
 * colours of neighbours, so a pixel is compared with farther ones on all sides. */
static size_t count_between(const struct image *m)
{
    enum { STEP = 2, NEAR = 2 * FLAT };
    const int width = m->size[IMAGE_W], height = m->size[IMAGE_H];
    const ptrdiff_t aside[] = {-STEP, STEP, -STEP * (ptrdiff_t)width, STEP * (ptrdiff_t)width};
    size_t count = 0;
    for (int y = STEP; y < height - STEP; y++)
        for (int x = STEP; x < width - STEP; x++) {
            bool inside = false;
            for (int c = 0; c < 3; c++) {
                const float *v =
                    m->data + ((size_t)c * (size_t)height + (size_t)y) * (size_t)width + x;
                bool flat = between((int)*v);
                for (int k = 0; k < 4 && flat; k++) flat = abs((int)*v - (int)v[aside[k]]) <= NEAR;
                inside |= flat;
            }
            count += inside;
        }
    return count;
}

/* Compressed colours whose channels are near 0 or 255; mixtures at edges become a colour that has
 * areas. */
static att_status cut_colours(struct image *m, const char *path, struct err *e)
{
    const size_t voxels = image_voxels(m->size);
    size_t count[8] = {0}, sure = 0, most = 0;
    const size_t others = count_between(m);
    unsigned best[8];
    bool certain;
    for (size_t i = 0; i < voxels; i++) {
        const unsigned corner = corner_of(m, i, &certain);
        count[corner] += certain;
        sure += certain;
    }
    for (int k = 0; k < 8; k++) most = count[k] > most ? count[k] : most;
    const bool dim = sure == count[0] && voxels - sure > FEW;
    if (dim || sure < voxels - voxels / 4 || (others > FEW && others > (voxels - most) / 100))
        return err_data(e,
            "%s: its compression changes colours, and they are not only near 0 and 255; get the "
            "original labels, as PNG",
            path);
    for (unsigned k = 0; k < 8; k++) {
        best[k] = k;
        for (unsigned bit = 0; bit < 3 && count[best[k]] <= FEW; bit++) best[k] = k ^ (1u << bit);
        if (count[best[k]] <= FEW) best[k] = k;
    }
    for (size_t i = 0; i < voxels; i++) {
        const unsigned corner = best[corner_of(m, i, &certain)];
        for (unsigned c = 0; c < 3; c++) m->data[c * voxels + i] = corner >> c & 1 ? FULL : 0;
    }
    return ATT_OK;
}

static att_status number_colours(
    struct image *m, const char *path, bool lossy, uint16_t *to, struct err *e)
{
    struct colours l = {.count = 0};
    const size_t voxels = image_voxels(m->size);
    if (lossy) TRY(cut_colours(m, path, e));
    for (size_t i = 0, last = 0; i < voxels && l.count <= COLOURS; i++) {
        for (size_t c = 0; c < 3; c++)
            if (m->data[c * voxels + i] > UINT8_MAX) return refuse_colours(&l, path, "deep", e);
        const unsigned char own[3] = {(unsigned char)m->data[i], (unsigned char)m->data[voxels + i],
            (unsigned char)m->data[2 * voxels + i]};
        if (!l.count || memcmp(l.of[last], own, 3) != 0) last = (size_t)colour_of(&l, own);
        to[i] = l.code[last];
    }
    const bool picture = l.count > SHOWN && (size_t)l.count > voxels / 4;
    if (l.count > COLOURS || picture) return refuse_colours(&l, path, "many", e);
    for (int k = 1; k < l.count; k++)
        for (int i = 0; i < k; i++)
            if (l.code[i] == l.code[k]) return refuse_colours(&l, path, "nearly equal", e);
    return ATT_OK;
}

static att_status raster_number_colours(
    const struct format *f, const char *path, bool lossy, struct labelmap *m, struct err *e)
{
    struct image colours;
    TRY(raster_load_image(f, path, &colours, e));
    att_status status = image_voxels(colours.size) == image_voxels(m->size) && colours.channels == 3
        ? number_colours(&colours, path, lossy, m->data, e)
        : raster_changed(path, e);
    m->coloured = true;
    image_free(&colours);
    return status;
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
        flat += i + width < voxels && (i + 1) % width &&
            flat_between(v, m->data[i + 1], m->data[i + width]);
    }
    const bool empty = low == high && high <= DARK;
    const bool classes = flat > FEW && flat > (bright + some) / 100;
    if (high > FULL || (!bright && !empty) || classes || some > voxels / 4)
        return err_data(e,
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
        return err_data(e, "%s: it has %d channels, but labels have one; give a label image", path,
            grid.channels);
    memcpy(m->size, grid.size, sizeof m->size);
    m->palette = grid.palette;
    m->geometry = grid.geometry;
    TRY(MEM_ARRAY(m->data, image_voxels(m->size), path, e));
    struct labels t = {path, m, grid.geometry.lossy ? TOLERANCE : 0, 0, false};
    att_status status = f->decode(path, true, raster_take_labels, &t, &cause);
    if (t.coloured) return raster_number_colours(f, path, grid.geometry.lossy, m, e);
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

/* Four at once become one conversion, twice as fast as one by one. */
static void widen_bytes(
    const unsigned char *restrict from, size_t step, size_t count, float *restrict x)
{
    size_t i = 0;
    for (; i + 4 <= count; i += 4, from += 4 * step) {
        const int v[] = {from[0], from[step], from[2 * step], from[3 * step]};
        for (size_t k = 0; k < 4; k++) x[i + k] = (float)v[k];
    }
    for (; i < count; i++, from += step) x[i] = *from;
}

static void widen_shorts(
    const unsigned char *restrict from, size_t step, size_t count, float *restrict x)
{
    for (size_t i = 0; i < count; i++, from += step * sizeof(uint16_t)) {
        uint16_t v;
        memcpy(&v, from, sizeof v);
        x[i] = v;
    }
}

static void widen_ints(
    const unsigned char *restrict from, size_t step, size_t count, float *restrict x)
{
    for (size_t i = 0; i < count; i++, from += step * sizeof(int32_t)) {
        int32_t v;
        memcpy(&v, from, sizeof v);
        x[i] = (float)v;
    }
}

/* Channel c of pixels first..first+count-1. */
static void raster_run_floats(
    const struct raster_run *r, int c, size_t first, size_t count, float *restrict x)
{
    const unsigned char *from = r->from + first * r->step * r->bytes;
    if (r->value) {
        for (size_t i = 0; i < count; i++) x[i] = r->value[c][from[i]];
        return;
    }
    from += (size_t)c * r->bytes;
    if (r->bytes == 1 && r->step == 1)
        for (size_t i = 0; i < count; i++) x[i] = from[i];
    else if (r->bytes == 1)
        widen_bytes(from, r->step, count, x);
    else if (r->bytes == 2)
        widen_shorts(from, r->step, count, x);
    else
        widen_ints(from, r->step, count, x);
}

/* Into the image of raster_load, without a copy. */
static att_status raster_give_image(struct checked *c, const struct raster_run *r, struct err *e)
{
    const struct image *m = c->user;
    const size_t voxels = image_voxels(m->size);
    if (r->channel + r->channels > m->channels || r->start > voxels || r->count > voxels - r->start)
        return raster_changed(c->path, e);
    c->done += r->count * (size_t)r->channels;
    for (int k = 0; k < r->channels; k++)
        raster_run_floats(
            r, k, 0, r->count, m->data + (size_t)(r->channel + k) * voxels + r->start);
    return ATT_OK;
}

att_status raster_give(const struct raster_run *r, samples_fn *take, void *user, struct err *e)
{
    struct checked *checked = user;
    float own[PART];
    if (take == check_run && checked->take == raster_take_run)
        return raster_give_image(checked, r, e);
    for (int c = 0; c < r->channels; c++)
        for (size_t i = 0, n; i < r->count; i += n) {
            n = r->count - i < PART ? r->count - i : PART;
            raster_run_floats(r, c, i, n, own);
            TRY(take(user, r->channel + c, r->start + i, own, n, e));
        }
    return ATT_OK;
}

att_status raster_give_row(const void *row, size_t bytes, int channels, int width, int y,
    samples_fn *take, void *user, struct err *e)
{
    const size_t count = (size_t)width;
    const struct raster_run run = {.from = row,
        .bytes = bytes,
        .step = (size_t)channels,
        .count = count,
        .channels = channels,
        .start = (size_t)y * count};
    return raster_give(&run, take, user, e);
}

void raster_palette_judge(struct raster_palette *p)
{
    int whites = 0;
    p->grey = p->two = true;
    for (int i = 0; i < 256; i++) {
        const unsigned char *c = p->rgb[i];
        for (int k = 0; k < 3; k++) p->value[k][i] = c[k];
        p->grey = p->grey && c[0] == c[1] && c[1] == c[2];
        p->two = p->two && p->grey && (c[0] == 0 || c[0] == FULL);
        whites += c[0] == FULL;
    }
    p->two = p->two && whites == 1;
    p->black = p->rgb[0][0] ? 1 : 0;
}

void raster_note(samples_fn *take, void *user, const unsigned char rgb[256][3])
{
    if (take != raster_take_labels) return;
    struct labelmap *m = ((struct labels *)user)->m;
    m->shown = true;
    memcpy(m->shade, rgb, sizeof m->shade);
}

/* Programs that read indices see a class where the palette shows background. */
static att_status refuse_black(
    const struct raster_palette *p, const unsigned char *row, int width, void *user, struct err *e)
{
    for (int i = 0; i < width; i++)
        if (!p->rgb[row[i]][0] && row[i] != p->black)
            return err_data(e,
                "%s: its palette shows the numbers %d and %d as black, so attunet cannot tell "
                "whether %d is background; save the mask in grey",
                ((struct labels *)user)->path, p->black, row[i], row[i]);
    return ATT_OK;
}

att_status raster_give_indices(const struct raster_palette *p, bool labels,
    const unsigned char *row, int width, int y, samples_fn *take, void *user, struct err *e)
{
    const size_t count = (size_t)width;
    if (labels && !p->two && y == 0) raster_note(take, user, p->rgb);
    if (labels && p->two && take == raster_take_labels) TRY(refuse_black(p, row, width, user, e));
    const struct raster_run run = {.from = row,
        .bytes = 1,
        .step = 1,
        .count = count,
        .channels = labels || p->grey ? 1 : 3,
        .start = (size_t)y * count,
        .value = labels && !p->two ? NULL : p->value};
    return raster_give(&run, take, user, e);
}
