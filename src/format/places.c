/* SPDX-License-Identifier: Apache-2.0 */
#include "format/places.h"

#include "base/mem.h"
#include "format/raster.h"
#include "format/stack_slice.h"
#include "format/volume.h"

enum { CHUNK = 4096, REPORTED = 1 << 17 }; /* samples */

static uint64_t sample_bytes(const struct places *at)
{
    uint64_t planes = (uint64_t)(at->channels / (at->together - at->alpha));
    return (uint64_t)image_voxels(at->size) * planes * (uint64_t)at->together * at->sample.bytes;
}

/* Whether the first axis has the samples of a voxel. */
static bool has_colours(const struct samples *x)
{
    return x->axes > 0 && (x->step[0] > 1 || x->keep < x->count[0]);
}

/* Whether samples are in this order: interleaved colours, then voxels, then further channels. */
static bool is_regular(const struct samples *x)
{
    const size_t voxels = image_voxels(x->size);
    const bool colours = has_colours(x);
    size_t step = 1;
    if (x->text || (colours && (x->step[0] != voxels || x->count[0] > CHUNK))) return false;
    for (int i = colours; i < x->axes; i++) {
        if (x->step[i] != step) return false;
        step *= x->count[i];
        if (colours && step == voxels) step *= x->keep;
    }
    return true;
}

static struct places places_of(struct volume *v)
{
    const struct samples *x = &v->x;
    struct places p = {.sample = x->kind,
        .begin = v->samples.begin,
        .offset = v->offset,
        .channels = x->channels,
        .size = {x->size[0], x->size[1], x->size[2]},
        .together = has_colours(x) ? (int)x->count[0] : 1,
        .alpha = has_colours(x) && x->keep < x->count[0],
        .packed = v->samples.deflated || v->samples.file.at.memory,
        .whole = v->samples.file.at.memory,
        .deflated = v->samples.deflated,
        .data_path = v->data_path};
    v->data_path = NULL;
    return p;
}

static att_status peek_volume(const struct format *f, struct opened *o, bool *can, struct err *e)
{
    struct volume v;
    TRY(volume_open(f, o->path, &v, e));
    *can = is_regular(&v.x);
    if (*can) {
        if (v.samples.file.at.memory) o->working = (double)v.samples.file.size;
        o->at = places_of(&v);
        o->geometry = volume_take_geometry(&v);
    }
    volume_close(&v);
    return ATT_OK;
}

/* Decoding gives planar floats. */
static att_status peek_encoded(const struct format *f, struct opened *o, struct err *e)
{
    struct image m;
    TRY(f->survey(o->path, &m, &o->working, e));
    o->working += source_whole_bytes(o->path);
    o->decoder = f;
    o->at = (struct places){.sample = {.kind = 'f', .bytes = sizeof(float), .slope = 1},
        .channels = m.channels,
        .size = {m.size[0], m.size[1], m.size[2]},
        .together = 1,
        .packed = true};
    o->geometry = m.geometry;
    return ATT_OK;
}

att_status opened_peek(const char *path, struct opened *o, bool *can, struct err *e)
{
    const struct format *format;
    *o = (struct opened){.path = path, .file = {.fd = -1}, .unpacked = {.file = {.fd = -1}}};
    char file[PATH_MAX];
    *can = slice_number(path, file) < 0;
    if (!*can) return ATT_OK;
    TRY(format_by_content(path, &format, e));
    *can = !format->open;
    return format->open ? peek_volume(format, o, can, e) : peek_encoded(format, o, e);
}

double opened_temporary(const struct opened *o)
{
    return o->at.packed ? (double)sample_bytes(&o->at) : 0;
}

static att_status inflate_samples(
    struct opened *o, struct source *s, struct host *host, struct err *e)
{
    unsigned char part[CHUNK * sizeof(double)];
    const uint64_t all = sample_bytes(&o->at);
    TRY(source_skip(s, o->at.offset, "the bytes before its samples", e));
    for (uint64_t at = 0; at < all; at += sizeof part) {
        size_t size = all - at < sizeof part ? (size_t)(all - at) : sizeof part;
        TRY(source_need(s, part, size, "its samples", e));
        TRY(scratch_write(&o->unpacked, at, part, size, e));
        TRY(host_part(host, "inflating", (int64_t)(at + size), (int64_t)all, e));
    }
    o->at.begin = 0;
    o->at.offset = 0;
    return source_finish(s, e);
}

static const char *samples_path(const struct opened *o)
{
    return o->at.data_path ? o->at.data_path : o->path;
}

struct decoding {
    const struct opened *o;
    struct host *host;
    int64_t done, reported;
};

static att_status places_take_run(
    void *user, int channel, size_t start, const float *x, size_t count, struct err *e)
{
    struct decoding *d = user;
    const struct places *at = &d->o->at;
    const int64_t voxels = (int64_t)image_voxels(at->size), all = voxels * at->channels;
    d->done += (int64_t)count;
    TRY(scratch_write(&d->o->unpacked, ((uint64_t)channel * (uint64_t)voxels + start) * sizeof *x,
        x, count * sizeof *x, e));
    if (d->done - d->reported < REPORTED && d->done < all) return ATT_OK;
    d->reported = d->done;
    return host_part(d->host, "decoding", d->done, all, e);
}

static att_status decode_samples(struct opened *o, struct host *host, struct err *e)
{
    const struct image grid = {
        .channels = o->at.channels, .size = {o->at.size[0], o->at.size[1], o->at.size[2]}};
    return raster_decode(
        o->decoder, o->path, &grid, places_take_run, &(struct decoding){.o = o, .host = host}, e);
}

att_status opened_begin(struct opened *o, const char *folder, struct host *host, struct err *e)
{
    struct source s;
    if (!o->at.packed) return file_at_open(samples_path(o), &o->file, e);
    TRY(scratch_create(folder, sample_bytes(&o->at), &o->unpacked, e));
    if (o->decoder) return decode_samples(o, host, e);
    TRY((o->at.whole ? source_open_whole : source_open_at)(
        samples_path(o), o->at.begin, o->at.deflated, &s, e));
    att_status status = inflate_samples(o, &s, host, e);
    source_close(&s);
    return status;
}

void opened_close(struct opened *o)
{
    file_at_close(&o->file);
    scratch_close(&o->unpacked);
    geometry_free(&o->geometry);
    mem_free(o->at.data_path);
    o->at.data_path = NULL;
}

static att_status places_read_bytes(
    const struct opened *o, uint64_t at, void *to, size_t size, struct err *e)
{
    return o->at.packed ? scratch_read(&o->unpacked, at, to, size, e)
                        : file_at_read(&o->file, samples_path(o), at, to, size, e);
}

/* Read `count` neighbours of a channel from voxel `from`. */
static att_status read_run(
    const struct opened *o, int channel, size_t from, size_t count, float *to, struct err *e)
{
    const struct places *p = &o->at;
    const size_t colours = (size_t)p->together, shown = colours - p->alpha;
    const size_t first = (size_t)channel / shown * image_voxels(p->size) + from;
    unsigned char raw[CHUNK * sizeof(double)];
    double x[CHUNK];
    for (size_t done = 0; done < count;) {
        size_t part = count - done < CHUNK / colours ? count - done : CHUNK / colours;
        uint64_t at = p->begin + p->offset + (uint64_t)(first + done) * colours * p->sample.bytes;
        TRY(places_read_bytes(o, at, raw, part * colours * p->sample.bytes, e));
        samples_widen(&p->sample, raw, part * colours, x);
        for (size_t i = 0; i < part; i++)
            to[done + i] = (float)x[i * colours + (size_t)channel % shown];
        done += part;
    }
    return ATT_OK;
}

att_status opened_read(
    const struct opened *o, int channel, const struct box *b, float *to, struct err *e)
{
    for (struct box_run r = {0}; box_next_run(b, o->at.size, &r); to += r.count)
        TRY(read_run(o, channel, r.from, r.count, to, e));
    return ATT_OK;
}
