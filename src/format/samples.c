/* SPDX-License-Identifier: Apache-2.0 */
#include "format/samples.h"

#include <math.h>
#include <string.h>

#include "base/text.h"

enum { CHUNK = 2048 }; /* samples */

#define LARGEST ((size_t)1 << 40)

const struct sample_type *sample_type_find(char kind, size_t bytes)
{
    static const struct sample_type types[] = {{'u', 1, "uint8"}, {'i', 1, "int8"},
        {'u', 2, "uint16"}, {'i', 2, "int16"}, {'u', 4, "uint32"}, {'i', 4, "int32"},
        {'u', 8, "uint64"}, {'i', 8, "int64"}, {'f', 2, "float16"}, {'f', 4, "float32"},
        {'f', 8, "float64"}, {0, 0, NULL}};
    for (const struct sample_type *t = types; t->name; t++)
        if (t->kind == kind && t->bytes == bytes) return t;
    return NULL;
}

struct samples samples_of(const struct sample_type *type, bool swapped)
{
    return (struct samples){.type = type, .kind = {type->bytes, type->kind, swapped, 1, 0}};
}

bool samples_finite(const struct samples *x)
{
    return x->type->kind != 'f' && !x->text &&
        fabs(x->kind.slope) * 0x1p64 + fabs(x->kind.inter) < 0x1p127;
}

bool samples_axis(struct samples *x, size_t count, size_t step)
{
    size_t total;
    if (x->axes == 0) x->total = x->keep = 1;
    if (count == 1) return true;
    if (x->axes == SAMPLE_AXES || __builtin_mul_overflow(x->total, count, &total) ||
        total > LARGEST / x->type->bytes)
        return false;
    x->total = total;
    if (x->axes > 0 && x->keep == x->count[0] &&
        step == x->count[x->axes - 1] * x->step[x->axes - 1]) {
        x->count[x->axes - 1] *= count; /* it continues the previous axis */
        if (x->axes == 1) x->keep = x->count[0];
        return true;
    }
    if (x->axes == 0) x->keep = count;
    x->count[x->axes] = count;
    x->step[x->axes++] = step;
    return true;
}

att_status samples_fit(
    const struct source *s, size_t offset, const struct samples *x, struct err *e)
{
    size_t min = x->text ? 2 * x->total - 1 : x->total * x->type->bytes, needed = offset + min,
           limit = source_limit(s);
    if (needed <= limit) return ATT_OK;
    return err_data(e,
        "%s: its header states %dx%dx%d voxels (depth x height x width) of %s in %d channel%s, %zu "
        "bytes with the header, but the file has %s%zu; get a complete copy",
        s->path, x->size[IMAGE_D], x->size[IMAGE_H], x->size[IMAGE_W], x->type->name, x->channels,
        TEXT_S(x->channels), needed, s->deflated ? "at most " : "", limit);
}

void samples_swap(unsigned char *p, size_t count, size_t bytes)
{
    for (size_t i = 0; i < count; i++, p += bytes)
        for (size_t a = 0, b = bytes - 1; a < b; a++, b--) {
            unsigned char t = p[a];
            p[a] = p[b];
            p[b] = t;
        }
}

struct samples_out samples_of_image(const struct image *m)
{
    return (struct samples_out){.image = m->data,
        .voxels = image_voxels(m->size),
        .channels = (size_t)m->channels,
        .bytes = sizeof(float)};
}

struct samples_out samples_of_labels(struct labels_out labels, const int size[3])
{
    return (struct samples_out){
        .labels = labels, .voxels = image_voxels(size), .channels = 1, .bytes = labels.bytes};
}

/* Put samples start..start+count-1 in the file's order. */
static att_status samples_put(
    const struct samples_out *x, size_t start, size_t count, unsigned char *out, struct err *e)
{
    if (!x->image)
        TRY(labels_out_put(&x->labels, start, count, out, e));
    else if (x->together && x->channels > 1)
        for (size_t i = 0; i < count; i++) {
            size_t at = (start + i) % x->channels * x->voxels + (start + i) / x->channels;
            memcpy(out + i * sizeof(float), x->image + at, sizeof(float));
        }
    else
        memcpy(out, x->image + start, count * x->bytes);
    if (x->swapped && x->bytes > 1) samples_swap(out, count, x->bytes);
    return ATT_OK;
}

att_status samples_write(struct sink *s, const struct samples_out *x, struct err *e)
{
    unsigned char out[CHUNK * sizeof(float)];
    const size_t all = x->voxels * x->channels;
    for (size_t start = 0, count; start < all; start += count) {
        count = all - start < CHUNK ? all - start : CHUNK;
        TRY(samples_put(x, start, count, out, e));
        TRY(sink_write(s, out, count * x->bytes, e));
    }
    return ATT_OK;
}
