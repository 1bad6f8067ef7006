/* SPDX-License-Identifier: Apache-2.0 */
/* Samples of a file become an image or labels in the fastest of three ways.
 * A gzip stream that fits into the result's memory is decompressed as a whole to the end of that
 * memory and widened from there to its front, which is faster than by parts. Plain files, streams
 * by parts and text pass through a small buffer. */
#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "base/number.h"
#include "format/samples.h"

enum { CHUNK = 1024 }; /* samples */

/* Destination: image or labels. */
struct target {
    const char *path;
    const struct samples *x;
    float *image;
    uint16_t *labels;
    size_t at[SAMPLE_AXES], to; /* position of the next sample on the file's axes, and in memory */
};

/* kind and bytes as one number, for switch */
#define KIND(kind, bytes) ((kind)*16 + (bytes))

#define EACH(TYPE, RESULT)                                                                         \
    for (size_t i = 0; i < count; i++) {                                                           \
        TYPE v;                                                                                    \
        memcpy(&v, raw + i * sizeof(TYPE), sizeof v);                                              \
        out[i] = (RESULT)v;                                                                        \
    }                                                                                              \
    break

static void samples_read_widen(
    const struct sample_kind *k, const unsigned char *raw, size_t count, double *out)
{
    switch (KIND(k->kind, (int)k->bytes)) {
    case KIND('u', 1):
        EACH(uint8_t, double);
    case KIND('u', 2):
        EACH(uint16_t, double);
    case KIND('u', 4):
        EACH(uint32_t, double);
    case KIND('u', 8):
        EACH(uint64_t, double);
    case KIND('i', 1):
        EACH(int8_t, double);
    case KIND('i', 2):
        EACH(int16_t, double);
    case KIND('i', 4):
        EACH(int32_t, double);
    case KIND('i', 8):
        EACH(int64_t, double);
    case KIND('f', 2):
        for (size_t i = 0; i < count; i++)
            out[i] = number_of_half((uint16_t)(raw[2 * i] | raw[2 * i + 1] << 8));
        break;
    case KIND('f', 4):
        EACH(float, double);
    case KIND('f', 8):
        EACH(double, double);
    }
    for (size_t i = 0; i < count && (k->slope != 1 || k->inter != 0); i++)
        out[i] = out[i] * k->slope + k->inter;
}

void samples_widen(const struct sample_kind *k, unsigned char *raw, size_t count, double *out)
{
    if (k->swapped && k->bytes > 1) samples_swap(raw, count, k->bytes);
    samples_read_widen(k, raw, count, out);
}

/* Common cases of widening and rounding to float in one pass; false for others. */
static bool to_floats(const struct samples *x, const unsigned char *raw, size_t count, float *out)
{
    if (x->kind.slope != 1 || x->kind.inter != 0) return false;
    switch (KIND(x->type->kind, x->type->bytes)) {
    case KIND('u', 1):
        EACH(uint8_t, float);
    case KIND('u', 2):
        EACH(uint16_t, float);
    case KIND('u', 4):
        EACH(uint32_t, float);
    case KIND('i', 1):
        EACH(int8_t, float);
    case KIND('i', 2):
        EACH(int16_t, float);
    case KIND('i', 4):
        EACH(int32_t, float);
    case KIND('f', 4):
        EACH(float, float);
    default:
        return false;
    }
    return true;
}

static bool to_labels(
    const struct samples *x, const unsigned char *raw, size_t count, uint16_t *out)
{
    if (x->kind.slope != 1 || x->kind.inter != 0 || x->type->kind != 'u') return false;
    switch (x->type->bytes) {
    case 1:
        EACH(uint8_t, uint16_t);
    case 2:
        EACH(uint16_t, uint16_t);
    default:
        return false;
    }
    return true;
}

static bool in_order(const struct samples *x)
{
    return x->axes == 0 || (x->axes == 1 && x->step[0] == 1 && x->keep == x->count[0]);
}

static void advance(struct target *t)
{
    const struct samples *x = t->x;
    for (int a = 0; a < x->axes; a++) {
        t->to += x->step[a];
        if (++t->at[a] < x->count[a]) return;
        t->to -= x->step[a] * x->count[a];
        t->at[a] = 0;
    }
}

att_status samples_bad_label(
    const char *path, const int size[3], size_t at, double value, struct err *e)
{
    char place[IMAGE_PLACE_TEXT];
    return err_data(e,
        "%s: voxel %s has the value %.9g, but a label must be an integer from 0 to %d; correct "
        "it, or give the label if this is an image",
        path, image_place(size, at, place), value, UINT16_MAX);
}

bool samples_label(double value, uint16_t *label)
{
    static const double rounding = 1e-6; /* some programs store labels with a slope */
    const double whole = rint(value);
    if (!(whole >= 0 && whole <= UINT16_MAX && fabs(value - whole) <= rounding * fmax(whole, 1)))
        return false;
    *label = (uint16_t)whole;
    return true;
}

static att_status samples_read_put(struct target *t, const double *v, size_t count, struct err *e)
{
    for (size_t i = 0; i < count; i++, advance(t)) {
        if (t->at[0] >= t->x->keep) continue;
        if (t->image) {
            t->image[t->to] = (float)v[i];
            continue;
        }
        if (!samples_label(v[i], &t->labels[t->to]))
            return samples_bad_label(t->path, t->x->size, t->to, v[i], e);
    }
    return ATT_OK;
}

/* Put `count` samples in native byte order; `start` samples came before. */
static att_status put_raw(
    struct target *t, size_t start, const unsigned char *raw, size_t count, struct err *e)
{
    double v[CHUNK];
    if (in_order(t->x) &&
        (t->image ? to_floats(t->x, raw, count, t->image + start)
                  : to_labels(t->x, raw, count, t->labels + start)))
        return ATT_OK;
    samples_read_widen(&t->x->kind, raw, count, v);
    if (!in_order(t->x) || t->labels) return samples_read_put(t, v, count, e);
    for (size_t i = 0; i < count; i++) t->image[start + i] = (float)v[i];
    return ATT_OK;
}

static att_status read_binary(struct source *s, struct target *t, struct err *e)
{
    const struct samples *x = t->x;
    size_t bytes = x->type->bytes;
    unsigned char room[CHUNK * sizeof(double)];
    for (size_t start = 0; start < x->total; start += CHUNK) {
        size_t count = x->total - start < CHUNK ? x->total - start : CHUNK;
        const unsigned char *raw;
        TRY(source_view(s, room, count * bytes, &raw, "its samples", e));
        if (x->kind.swapped && bytes > 1) {
            if (raw != room) memcpy(room, raw, count * bytes);
            samples_swap(room, count, bytes);
            raw = room;
        }
        TRY(put_raw(t, start, raw, count, e));
    }
    return source_finish(s, e);
}

/* Convert samples decompressed to `there`, at the end of the block that begins with the target. */
static att_status read_inflated(struct target *t, const unsigned char *there, struct err *e)
{
    const struct samples *x = t->x;
    size_t bytes = x->type->bytes, each = t->image ? sizeof *t->image : sizeof *t->labels;
    const unsigned char *to = t->image ? (unsigned char *)t->image : (unsigned char *)t->labels;
    unsigned char room[CHUNK * sizeof(double)];
    for (size_t start = 0; start < x->total; start += CHUNK) {
        size_t count = x->total - start < CHUNK ? x->total - start : CHUNK;
        const unsigned char *raw = there + start * bytes, *written = to + (start + count) * each;
        /* it overlaps the destination */
        if (written > raw || x->kind.swapped) raw = memcpy(room, raw, count * bytes);
        if (x->kind.swapped && bytes > 1) samples_swap(room, count, bytes);
        TRY(put_raw(t, start, raw, count, e));
    }
    return ATT_OK;
}

static bool is_space(unsigned char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r') || c == ',' || c == 0;
}

/* Read numbers between white space or commas. */
static att_status samples_read_text(struct source *s, struct target *t, struct err *e)
{
    char number[64], *end;
    size_t length = 0, found = 0, got = 1;
    while (found < t->x->total && got > 0) {
        unsigned char room[4096];
        TRY(source_read(s, room, sizeof room, &got, e));
        if (got == 0) room[0] = ' '; /* the end of the file ends a number */
        for (size_t i = 0; i < (got ? got : 1) && found < t->x->total; i++) {
            if (!is_space(room[i])) {
                if (length == sizeof number - 1)
                    return err_data(
                        e, "%s: sample %zu is not a number; repair the file", s->path, found);
                number[length++] = (char)room[i];
                continue;
            }
            if (length == 0) continue;
            number[length] = 0;
            double v = number_read(number, &end);
            if (*end)
                return err_data(
                    e, "%s: sample %zu is not a number; repair the file", s->path, found);
            v = v * t->x->kind.slope + t->x->kind.inter;
            TRY(samples_read_put(t, &v, 1, e));
            length = 0;
            found++;
        }
    }
    if (found < t->x->total)
        return err_data(e, "%s: the file ends after %zu of its %zu samples; get a complete copy",
            s->path, found, t->x->total);
    return ATT_OK;
}

/* Allocate `result` bytes for the target, or the little more that decompression in place needs, and
 * read. */
static att_status samples_read_load(
    struct source *s, size_t offset, struct target *t, void **block, size_t each, struct err *e)
{
    const struct samples *x = t->x;
    size_t voxels = image_voxels(x->size) * (size_t)x->channels, result,
           raw = offset + x->total * x->type->bytes;
    if (__builtin_mul_overflow(voxels, each, &result)) return err_memory(e, SIZE_MAX, s->path);
    bool whole = s->deflated && !x->text && in_order(x) && x->type->bytes <= each &&
        source_may_inflate(s, raw, result);
    size_t size = whole && raw > result ? raw : result;
    TRY(MEM_BYTES(*block, size, s->path, e));
    if (each == sizeof(float))
        t->image = *block;
    else
        t->labels = *block;
    if (whole && source_inflate(s, (unsigned char *)*block + size - raw, raw))
        return read_inflated(t, (unsigned char *)*block + size - raw + offset, e);
    TRY(source_skip(s, offset - s->taken, "the bytes before its samples", e));
    return x->text ? samples_read_text(s, t, e) : read_binary(s, t, e);
}

att_status samples_load_image(
    struct source *s, size_t offset, const struct samples *x, struct image *m, struct err *e)
{
    struct target t = {.path = s->path, .x = x};
    void *block = NULL;
    m->channels = x->channels;
    memcpy(m->size, x->size, sizeof m->size);
    att_status status = samples_read_load(s, offset, &t, &block, sizeof *m->data, e);
    m->data = block;
    return status;
}

att_status samples_load_labels(
    struct source *s, size_t offset, const struct samples *x, struct labelmap *m, struct err *e)
{
    struct target t = {.path = s->path, .x = x};
    void *block = NULL;
    if (x->channels > 1)
        return err_data(e,
            "%s: it has %d channels, but labels have one; save overlapping segments as one "
            "labelmap, and times as one file each",
            s->path, x->channels);
    memcpy(m->size, x->size, sizeof m->size);
    att_status status = samples_read_load(s, offset, &t, &block, sizeof *m->data, e);
    m->data = block;
    return status;
}
