/* SPDX-License-Identifier: Apache-2.0 */
/* NIfTI files: .nii and, by content, gzip-compressed ones.  Dimensions 4 and 5 are channels, RGB24 is three.  Samples pass through a small
 * buffer of doubles on their way in and out, so a volume is in memory once, as float or label. */
#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "format/format.h"
#include "format/nifti_header.h"
#include "format/sink.h"

enum { CHUNK = 2048 }; /* samples */

/* Takes samples start..start+count-1 of the file, scaled. */
typedef att_status take_fn(void *arg, const struct nifti *n, size_t start, const double *x, size_t count, struct err *e);

#define WIDEN(TYPE)                                                                                                                        \
    for (size_t i = 0; i < count; i++) {                                                                                                   \
        TYPE v;                                                                                                                            \
        memcpy(&v, raw + i * sizeof(TYPE), sizeof v);                                                                                      \
        out[i] = (double)v;                                                                                                                \
    }                                                                                                                                      \
    break

/* kind and bytes as one number, for switch */
#define KIND(kind, bytes) ((kind)*16 + (int)(bytes))

static void widen(const struct nifti *n, unsigned char *raw, size_t count, double *out)
{
    if (n->swapped && n->type->bytes > 1) nifti_swap(raw, count, n->type->bytes);
    switch (KIND(n->type->kind, n->type->bytes)) {
    case KIND('u', 1):
        WIDEN(uint8_t);
    case KIND('u', 2):
        WIDEN(uint16_t);
    case KIND('u', 4):
        WIDEN(uint32_t);
    case KIND('u', 8):
        WIDEN(uint64_t);
    case KIND('i', 1):
        WIDEN(int8_t);
    case KIND('i', 2):
        WIDEN(int16_t);
    case KIND('i', 4):
        WIDEN(int32_t);
    case KIND('i', 8):
        WIDEN(int64_t);
    case KIND('f', 4):
        WIDEN(float);
    case KIND('f', 8):
        WIDEN(double);
    }
    for (size_t i = 0; i < count && (n->slope != 1 || n->inter != 0); i++) out[i] = out[i] * n->slope + n->inter;
}

static att_status read_samples(struct source *s, const struct nifti *n, take_fn *take, void *arg, struct err *e)
{
    unsigned char raw[CHUNK * sizeof(double)];
    double x[CHUNK];
    TRY(source_skip(s, n->offset - n->raw_size, "the bytes before its samples", e));
    for (size_t start = 0; start < n->samples; start += CHUNK) {
        size_t count = n->samples - start < CHUNK ? n->samples - start : CHUNK;
        TRY(source_need(s, raw, count * n->type->bytes, "its samples", e));
        widen(n, raw, count, x);
        TRY(take(arg, n, start, x, count, e));
    }
    return source_finish(s, e);
}

static att_status take_image(void *arg, const struct nifti *n, size_t start, const double *x, size_t count, struct err *e)
{
    float *data = arg;
    (void)e;
    if (n->type->samples == 1) {
        for (size_t i = 0; i < count; i++) data[start + i] = (float)x[i];
        return ATT_OK;
    }
    size_t voxels = image_voxels(n->size), colours = (size_t)n->type->samples;
    for (size_t i = 0; i < count; i++) { /* the colours of a voxel lie together; make them planes */
        size_t voxel = (start + i) / colours, channel = voxel / voxels * colours + (start + i) % colours;
        data[channel * voxels + voxel % voxels] = (float)x[i];
    }
    return ATT_OK;
}

struct label_target {
    const char *path;
    uint16_t *data;
};

static att_status take_labels(void *arg, const struct nifti *n, size_t start, const double *x, size_t count, struct err *e)
{
    const struct label_target *to = arg;
    for (size_t i = 0; i < count; i++) {
        if (x[i] >= 0 && x[i] <= UINT16_MAX && x[i] == floor(x[i])) {
            to->data[start + i] = (uint16_t)x[i];
            continue;
        }
        size_t w = (size_t)n->size[IMAGE_W], h = (size_t)n->size[IMAGE_H], at = start + i;
        return err_set(e, ATT_DATA,
                       "%s: voxel (%zu,%zu,%zu) has the value %.9g where a label must be a whole number from 0 to %d; mend the labels",
                       to->path, at % w, at / w % h, at / w / h, x[i], UINT16_MAX);
    }
    return ATT_OK;
}

static att_status load_into_image(struct source *s, struct image *m, struct err *e)
{
    struct nifti n;
    TRY(nifti_read_header(s, &n, e));
    m->channels = n.channels;
    memcpy(m->size, n.size, sizeof n.size);
    TRY(nifti_geometry(s->path, &n, &m->geometry, e));
    m->data = mem_array(n.samples, sizeof *m->data);
    if (!m->data) return err_memory(e, n.samples * sizeof *m->data, s->path);
    return read_samples(s, &n, take_image, m->data, e);
}

static att_status load_into_labels(struct source *s, struct labelmap *m, struct err *e)
{
    struct nifti n;
    TRY(nifti_read_header(s, &n, e));
    if (n.channels > 1)
        return err_set(e, ATT_DATA, "%s: it has %d channels where labels have one; give a label image", s->path, n.channels);
    memcpy(m->size, n.size, sizeof n.size);
    TRY(nifti_geometry(s->path, &n, &m->geometry, e));
    m->data = mem_array(n.samples, sizeof *m->data);
    if (!m->data) return err_memory(e, n.samples * sizeof *m->data, s->path);
    return read_samples(s, &n, take_labels, &(struct label_target){s->path, m->data}, e);
}

static att_status load_image(const char *path, struct image *m, struct err *e)
{
    struct source s;
    *m = (struct image){0};
    TRY(source_open(path, &s, e));
    att_status status = load_into_image(&s, m, e);
    source_close(&s);
    if (status != ATT_OK) image_free(m);
    return status;
}

static att_status load_labels(const char *path, struct labelmap *m, struct err *e)
{
    struct source s;
    *m = (struct labelmap){0};
    TRY(source_open(path, &s, e));
    att_status status = load_into_labels(&s, m, e);
    source_close(&s);
    if (status != ATT_OK) labelmap_free(m);
    return status;
}

static att_status peek(const char *path, int *channels, int size[3], float spacing[3], struct err *e)
{
    struct source s;
    struct nifti n;
    TRY(source_open(path, &s, e));
    att_status status = nifti_read_header(&s, &n, e);
    source_close(&s);
    TRY(status);
    *channels = n.channels;
    memcpy(size, n.size, sizeof n.size);
    nifti_spacing(&n, spacing);
    return ATT_OK;
}

/* Samples from float or uint16 to the type and byte order of the header. */
static void narrow(const struct nifti *n, const float *image, const uint16_t *labels, size_t start, size_t count, unsigned char *out)
{
    size_t bytes = n->type->bytes;
    if (image)
        memcpy(out, image + start, count * bytes);
    else if (bytes == 2)
        memcpy(out, labels + start, count * bytes);
    else
        for (size_t i = 0; i < count; i++) out[i] = (unsigned char)labels[start + i];
    if (n->swapped && bytes > 1) nifti_swap(out, count, bytes);
}

static att_status write_file(const char *path, const struct nifti *n, const float *image, const uint16_t *labels, struct err *e)
{
    static const unsigned char no_extensions[4] = {0};
    unsigned char out[CHUNK * sizeof(float)];
    struct sink s;
    TRY(sink_open(path, &s, e));
    att_status status = sink_write(&s, n->raw, n->raw_size, e);
    if (status == ATT_OK) status = sink_write(&s, no_extensions, sizeof no_extensions, e);
    for (size_t start = 0; status == ATT_OK && start < n->samples; start += CHUNK) {
        size_t count = n->samples - start < CHUNK ? n->samples - start : CHUNK;
        narrow(n, image, labels, start, count, out);
        status = sink_write(&s, out, count * n->type->bytes, e);
    }
    return sink_close(&s, status, e);
}

static att_status save_image(const char *path, const struct image *m, struct err *e)
{
    struct nifti n;
    TRY(nifti_make_header(path, &m->geometry, m->channels, m->size, NIFTI_F32, false, &n, e));
    return write_file(path, &n, m->data, NULL, e);
}

static att_status save_labels(const char *path, const struct labelmap *m, struct err *e)
{
    struct nifti n;
    bool wide = false;
    for (size_t i = 0, voxels = image_voxels(m->size); i < voxels && !wide; i++) wide = m->data[i] > UINT8_MAX;
    TRY(nifti_make_header(path, &m->geometry, 1, m->size, wide ? NIFTI_U16 : NIFTI_U8, true, &n, e));
    return write_file(path, &n, NULL, m->data, e);
}

static const char *const endings[] = {".nii.gz", ".nii", NULL};

const struct format format_nifti = {
    .name = "NIfTI",
    .endings = endings,
    .sniff = nifti_sniff,
    .peek = peek,
    .load_image = load_image,
    .load_labels = load_labels,
    .save_image = save_image,
    .save_labels = save_labels,
};
