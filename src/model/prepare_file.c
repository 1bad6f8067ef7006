/* SPDX-License-Identifier: Apache-2.0 */
/* One channel and one axis at a time. An axis needs whole lines, so a pass cuts the volume across
 * another axis, reads one file and writes the next. For prediction within a memory limit. */
#include "model/prepare_file.h"

#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "image/box_spool.h"
#include "image/nonzero.h"
#include "image/resample.h"
#include "image/shrink.h"

/* b: in the crop. */
static att_status read_crop(
    const struct prepared_file *p, int channel, const struct box *b, float *to, struct err *e)
{
    struct box whole = *b; /* in the image */
    for (int i = 0; i < 3; i++) whole.from[i] += p->where.crop.from[i];
    return scan_read(p->scan, channel, &whole, to, e);
}

static att_status read_mask(
    const struct prepared_file *p, const struct box *b, uint8_t *mask, struct err *e)
{
    TRY(box_read(&p->mask, 0, p->where.crop.size, 1, b, mask, e));
    for (size_t i = 0; i < box_voxels(b); i++) mask[i] = mask[i] != NONZERO_OUTSIDE;
    return ATT_OK;
}

static att_status read_normal(const struct prepared_file *p, int channel, const struct box *b,
    float *to, uint8_t *mask, struct err *e)
{
    const bool masked = scratch_is_open(&p->mask);
    TRY(read_crop(p, channel, b, to, e));
    if (masked) TRY(read_mask(p, b, mask, e));
    normaliser_apply(&p->how[channel], to, box_voxels(b), masked ? mask : NULL);
    return ATT_OK;
}

att_status prepare_file_read(
    const struct prepared_file *p, const struct box *b, float *to, uint8_t *mask, struct err *e)
{
    for (int c = 0; c < p->prep->channels; c++, to += box_voxels(b)) {
        uint64_t at = (uint64_t)c * image_voxels(p->where.size) * sizeof *to;
        TRY(scratch_is_open(&p->grid) ? box_read(&p->grid, at, p->where.size, sizeof *to, b, to, e)
                                      : read_normal(p, c, b, to, mask, e));
    }
    return ATT_OK;
}

/* Buffers for a part of the crop and its mask. */
struct part_buffers {
    size_t voxels;
    float *x;
    uint8_t *mask;
};

static size_t part_voxels(const struct placed *w, size_t bytes)
{
    const size_t row = (size_t)w->crop.size[2], all = box_voxels(&w->crop),
                 part = bytes / (sizeof(float) + 1);
    const size_t max = row > part ? row : part;
    return max < all ? max : all;
}

static att_status make_mask(
    struct prepared_file *p, const struct part_buffers *r, const char *folder, struct err *e)
{
    const struct box all = box_whole(p->where.crop.size);
    int64_t done = 0;
    TRY(scratch_create(folder, box_voxels(&all), &p->mask, e));
    for (struct box part = {.size = {0}}; box_next(&all, r->voxels, &part);) {
        memset(r->mask, 0, box_voxels(&part));
        for (int c = 0; c < p->prep->channels; c++) {
            TRY(read_crop(p, c, &part, r->x, e));
            for (size_t i = 0; i < box_voxels(&part); i++)
                if (r->x[i] != 0) r->mask[i] = NONZERO_INSIDE;
        }
        TRY(box_write(&p->mask, 0, all.size, 1, &part, r->mask, e));
        TRY(host_part(
            p->host, "masking", done += (int64_t)box_voxels(&part), (int64_t)box_voxels(&all), e));
    }
    return nonzero_flood_file(&p->mask, all.size, p->host, e);
}

static att_status prepare_file_measure(
    struct prepared_file *p, const struct part_buffers *r, struct err *e)
{
    const struct box all = box_whole(p->where.crop.size);
    const bool masked = scratch_is_open(&p->mask);
    for (int c = 0; c < p->prep->channels; c++) {
        struct normaliser *n = &p->how[c];
        int64_t done = 0;
        normaliser_begin(n, &p->prep->normalise[c]);
        for (int round = 0; round < n->rounds; round++) {
            for (struct box part = {.size = {0}}; box_next(&all, r->voxels, &part);) {
                TRY(read_crop(p, c, &part, r->x, e));
                if (masked) TRY(read_mask(p, &part, r->mask, e));
                normaliser_add(n, round, r->x, box_voxels(&part), masked ? r->mask : NULL);
                TRY(host_part(p->host, "measuring", done += (int64_t)box_voxels(&part),
                    (int64_t)box_voxels(&all) * n->rounds, e));
            }
            normaliser_turn(n, round);
        }
        p->where.flattened |= normaliser_flattens(n);
    }
    return ATT_OK;
}

/* A channel: in a file, or still in the image. */
struct stage {
    struct spool file;
    uint64_t at;
    int size[3];
};

/* Clipping range of splines: of the channel, or of each unmixed plane. */
struct range {
    int planes;
    float *lo, *hi;
};

struct resampling {
    struct prepared_file *p;
    const char *folder;
    struct pool *pool;
    struct resample_part grids;
    bool cubic; /* along some axis */
    int channel;
    struct range range;
    struct part_buffers room;
    size_t bytes; /* memory of a pass */
};

static att_status read_stage(const struct resampling *w, const struct stage *s, const struct box *b,
    float *to, uint8_t *mask, struct err *e)
{
    if (scratch_is_open(&s->file)) return box_read(&s->file, s->at, s->size, sizeof *to, b, to, e);
    return read_normal(w->p, w->channel, b, to, mask, e);
}

/* The axis across which a pass along `axis` is cut; *thick: planes per part. */
static int cut_pass(
    const int from[3], const int to[3], int axis, size_t room, int *thick, double *bytes)
{
    int cut = axis != 0 && from[0] > 1 ? 0 : axis != 1 ? 1 : 2;
    double plane = 0; /* bytes */
    for (int side = 0; side < 2; side++) {
        const int *size = side ? to : from;
        plane += (double)sizeof(float) * size[0] * size[1] * size[2] / size[cut];
    }
    plane += (double)from[0] * from[1] * from[2] / from[cut]; /* a mask */
    *thick = plane * from[cut] <= (double)room ? from[cut]
        : plane >= (double)room                ? 1
                                               : (int)((double)room / plane);
    *bytes = plane * *thick;
    return cut;
}

/* Which plane's range clips voxel i of box b of the new grid. */
static int prepare_file_plane_of(const struct resampling *w, const struct box *b, size_t i)
{
    const int thick_axis = w->grids.thick_axis;
    const size_t width = (size_t)b->size[2], height = (size_t)b->size[1];
    if (thick_axis < 0) return 0;
    size_t at[3] = {i / width / height, i / width % height, i % width};
    return resample_source(
        w->grids.in, w->grids.out, thick_axis, b->from[thick_axis] + (int)at[thick_axis]);
}

static void clip_range(const struct resampling *w, const struct box *b, float *y)
{
    for (size_t i = 0; i < box_voxels(b); i++) {
        int k = prepare_file_plane_of(w, b, i);
        y[i] = y[i] < w->range.lo[k] ? w->range.lo[k]
            : y[i] > w->range.hi[k]  ? w->range.hi[k]
                                     : y[i];
    }
}

static att_status prepare_file_find_range(
    struct resampling *w, const struct stage *s, struct err *e)
{
    const struct box all = box_whole(s->size);
    const int thick_axis = w->grids.thick_axis;
    int64_t done = 0;
    for (int k = 0; k < w->range.planes; k++) {
        w->range.lo[k] = INFINITY;
        w->range.hi[k] = -INFINITY;
    }
    for (struct box part = {.size = {0}}; box_next(&all, w->room.voxels, &part);) {
        TRY(read_stage(w, s, &part, w->room.x, w->room.mask, e));
        for (size_t i = 0; i < box_voxels(&part); i++) {
            const size_t width = (size_t)part.size[2], height = (size_t)part.size[1];
            const size_t at[3] = {i / width / height, i / width % height, i % width};
            int k = thick_axis < 0 ? 0 : part.from[thick_axis] + (int)at[thick_axis];
            float v = w->room.x[i];
            w->range.lo[k] = v < w->range.lo[k] ? v : w->range.lo[k];
            w->range.hi[k] = v > w->range.hi[k] ? v : w->range.hi[k];
        }
        TRY(host_part(w->p->host, "measuring", done += (int64_t)box_voxels(&part),
            (int64_t)box_voxels(&all), e));
    }
    return ATT_OK;
}

/* axis: 0..2, or -1 for means of blocks. `last`: clip to the range. */
static att_status prepare_file_run_part(const struct resampling *w, int axis, bool last,
    const float *x, const struct box *from, float *y, const struct box *to, struct err *e)
{
    if (axis < 0) {
        shrink_image(x, 1, from->size, w->p->where.shrink, y, w->pool);
        return ATT_OK;
    }
    TRY(resample_along(&w->grids, w->cubic, axis, x, from->size, y, w->pool, e));
    if (last && w->cubic) clip_range(w, to, y);
    return ATT_OK;
}

static att_status run_parts(const struct resampling *w, int axis, bool last,
    const struct stage *from, const struct stage *to, int cut, int thick, float *x, float *y,
    uint8_t *mask, struct err *e)
{
    const int by = axis < 0 ? w->p->where.shrink[cut] : 1;
    struct box a = box_whole(from->size), b = box_whole(to->size);
    for (; b.from[cut] < to->size[cut]; b.from[cut] += thick) {
        b.size[cut] = thick < to->size[cut] - b.from[cut] ? thick : to->size[cut] - b.from[cut];
        a.from[cut] = b.from[cut] * by;
        a.size[cut] = b.size[cut] * by < from->size[cut] - a.from[cut]
            ? b.size[cut] * by
            : from->size[cut] - a.from[cut];
        TRY(read_stage(w, from, &a, x, mask, e));
        TRY(prepare_file_run_part(w, axis, last, x, &a, y, &b, e));
        TRY(box_write(&to->file, to->at, to->size, sizeof *y, &b, y, e));
        TRY(host_part(w->p->host, "resampling", b.from[cut] + b.size[cut], to->size[cut], e));
    }
    return ATT_OK;
}

/* *thick: planes of the result per part. */
static int cut_blocks(const struct placed *w, size_t room, int *thick, double *bytes)
{
    int cut = w->size[0] > 1 ? 0 : 1;
    double plane = (sizeof(float) + 1.0) * w->grid[0] * w->grid[1] * w->grid[2] / w->grid[cut] *
            w->shrink[cut] +
        (double)sizeof(float) * w->size[0] * w->size[1] * w->size[2] / w->size[cut];
    *thick = plane * w->size[cut] <= (double)room ? w->size[cut]
        : plane >= (double)room                   ? 1
                                                  : (int)((double)room / plane);
    *bytes = plane * *thick;
    return cut;
}

static att_status run_pass(const struct resampling *w, int axis, bool last,
    const struct stage *from, const struct stage *to, struct err *e)
{
    int thick;
    double bytes;
    int cut = axis < 0 ? cut_blocks(&w->p->where, w->bytes, &thick, &bytes)
                       : cut_pass(from->size, to->size, axis, w->bytes, &thick, &bytes);
    size_t area = image_voxels(to->size) / (size_t)to->size[cut],
           before = image_voxels(from->size) / (size_t)from->size[cut];
    size_t planes = (size_t)thick * (size_t)(axis < 0 ? w->p->where.shrink[cut] : 1);
    float *x = mem_array(before * planes, sizeof *x),
          *y = mem_array(area * (size_t)thick, sizeof *y);
    uint8_t *mask = mem_array(before * planes, scratch_is_open(&w->p->mask));
    att_status status = x && y && mask
        ? ATT_OK
        : err_memory(e, (size_t)bytes, "a part of an image to be resampled");
    if (status == ATT_OK) status = run_parts(w, axis, last, from, to, cut, thick, x, y, mask, e);
    mem_free(x);
    mem_free(y);
    mem_free(mask);
    return status;
}

/* The next stage is a new file; the last one is the channel's part of p->grid. */
static att_status next_stage(const struct resampling *w, const struct stage *now, int axis,
    bool last, struct stage *next, struct err *e)
{
    const struct placed *where = &w->p->where;
    *next = (struct stage){
        .file = w->p->grid, .at = (uint64_t)w->channel * image_voxels(where->size) * sizeof(float)};
    memcpy(next->size, axis < 0 ? where->size : now->size, sizeof next->size);
    if (axis >= 0) next->size[axis] = where->grid[axis];
    if (last) return ATT_OK;
    next->at = 0;
    return scratch_create(
        w->folder, (uint64_t)image_voxels(next->size) * sizeof(float), &next->file, e);
}

static att_status prepare_file_run_channel(struct resampling *w, struct err *e)
{
    const struct placed *where = &w->p->where;
    const bool shrunk = !image_same_triple(where->grid, where->size);
    int axes[4], resampled = resample_axes(where->crop.size, where->grid, axes),
                 passes = resampled + shrunk;
    struct stage now = {.file = {.file = {.fd = -1}}}, next;
    if (shrunk) axes[resampled] = -1;
    memcpy(now.size, where->crop.size, sizeof now.size);
    if (w->cubic) TRY(prepare_file_find_range(w, &now, e));
    att_status status = ATT_OK;
    for (int i = 0; i < passes && status == ATT_OK; i++) {
        bool last = i == passes - 1;
        status = next_stage(w, &now, axes[i], last, &next, e);
        if (status != ATT_OK) break;
        status = run_pass(w, axes[i], i == resampled - 1, &now, &next, e);
        scratch_close(&now.file);
        now = next;
        if (last) now.file.file.fd = -1; /* it is p->grid's */
    }
    scratch_close(&now.file);
    return status;
}

static struct resample_part grids_of(const struct placed *w)
{
    struct resample_part p = {.smooth = !w->splines, .thick_axis = w->thick_axis};
    memcpy(p.in, w->crop.size, sizeof p.in);
    memcpy(p.out, w->grid, sizeof p.out);
    return p;
}

/* True if some axis uses splines. */
static bool takes_splines(const struct resample_part *g)
{
    bool any = false;
    for (int i = 0; i < 3; i++) any = any || (i != g->thick_axis && g->in[i] != g->out[i]);
    return any && !g->smooth;
}

static att_status prepare_file_move(struct prepared_file *p, const struct part_buffers *room,
    size_t bytes, const char *folder, struct pool *pool, struct err *e)
{
    const struct placed *where = &p->where;
    struct resampling w = {.p = p,
        .folder = folder,
        .pool = pool,
        .grids = grids_of(where),
        .room = *room,
        .bytes = bytes};
    w.cubic = takes_splines(&w.grids);
    w.range.planes = w.grids.thick_axis < 0 ? 1 : w.grids.in[w.grids.thick_axis];
    w.range.lo = mem_array((size_t)w.range.planes, 2 * sizeof *w.range.lo);
    if (!w.range.lo)
        return err_memory(
            e, (size_t)w.range.planes * 2 * sizeof *w.range.lo, "the range of an image");
    w.range.hi = w.range.lo + w.range.planes;
    att_status status = scratch_create(folder,
        (uint64_t)p->prep->channels * image_voxels(where->size) * sizeof(float), &p->grid, e);
    for (w.channel = 0; w.channel < p->prep->channels && status == ATT_OK; w.channel++)
        status = prepare_file_run_channel(&w, e);
    mem_free(w.range.lo);
    return status;
}

att_status prepare_file_begin(const struct preparation *prep, const struct scan *scan,
    const struct placed *where, size_t bytes, const char *folder, struct pool *pool,
    struct host *host, struct prepared_file *p, struct err *e)
{
    struct part_buffers r = {.voxels = part_voxels(where, bytes)};
    *p = (struct prepared_file){.prep = prep,
        .scan = scan,
        .where = *where,
        .host = host,
        .mask = {.file = {.fd = -1}},
        .grid = {.file = {.fd = -1}}};
    r.x = mem_array(r.voxels, sizeof *r.x);
    r.mask = mem_array(r.voxels, prep->nonzero);
    att_status status =
        r.x && r.mask ? ATT_OK : err_memory(e, r.voxels * sizeof *r.x, "a part of an image");
    if (status == ATT_OK && prep->nonzero) status = make_mask(p, &r, folder, e);
    if (status == ATT_OK) status = prepare_file_measure(p, &r, e);
    if (status == ATT_OK && prepare_resamples(where))
        status = prepare_file_move(p, &r, bytes, folder, pool, e);
    mem_free(r.x);
    mem_free(r.mask);
    if (status != ATT_OK) prepare_file_close(p);
    return status;
}

void prepare_file_close(struct prepared_file *p)
{
    scratch_close(&p->mask);
    scratch_close(&p->grid);
}

/* Simulate the passes: maximum memory, and maximum bytes of two successive stages. */
static void estimate_passes(
    const struct placed *w, size_t room, int threads, double *memory, double *files)
{
    struct resample_part g = grids_of(w);
    int axes[3], passes = resample_axes(w->crop.size, w->grid, axes), now[3], next[3], thick;
    double bytes, before = 0;
    memcpy(now, w->crop.size, sizeof now);
    *memory = *files = 0;
    for (int i = 0; i < passes; i++, memcpy(now, next, sizeof now)) {
        memcpy(next, now, sizeof next);
        next[axes[i]] = w->grid[axes[i]];
        cut_pass(now, next, axes[i], room, &thick, &bytes);
        bytes += resample_bytes(takes_splines(&g), now[axes[i]], next[axes[i]], threads);
        /* the range of each plane */
        if (g.thick_axis >= 0) bytes += 2.0 * sizeof(float) * g.in[g.thick_axis];
        double after = i == passes - 1 && image_same_triple(w->grid, w->size)
            ? 0
            : (double)sizeof(float) * next[0] * next[1] * next[2];
        *memory = fmax(*memory, bytes);
        *files = fmax(*files, before + after);
        before = after;
    }
    if (image_same_triple(w->grid, w->size)) return;
    cut_blocks(w, room, &thick, &bytes);
    *memory = fmax(*memory, bytes);
}

double prepare_file_bytes(
    const struct preparation *prep, const struct placed *w, size_t room, int threads)
{
    const double part = (double)part_voxels(w, room) * (sizeof(float) + 1.0),
                 plane = (double)w->crop.size[1] * w->crop.size[2];
    double memory, files;
    estimate_passes(w, room, threads, &memory, &files);
    /* two planes of a mask, and its flood fill */
    return part + fmax(memory, prep->nonzero ? 10 * plane : 0);
}

double prepare_file_temporary(const struct preparation *prep, const struct placed *w, int channels)
{
    double memory, files;
    estimate_passes(w, 0, 1, &memory, &files);
    if (prepare_resamples(w))
        files += (double)sizeof(float) * channels * w->size[0] * w->size[1] * w->size[2];
    return files + (prep->nonzero ? (double)box_voxels(&w->crop) : 0);
}
