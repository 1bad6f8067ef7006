/* SPDX-License-Identifier: Apache-2.0 */
/* NIfTI files: .nii and, by content, gzip-compressed ones; pairs of .hdr and .img or .img.gz, which go by the name of the header.
 * Dimensions 4 and 5 are channels, whether their header calls them times or vectors; RGB24 is three channels, and so is RGBA32, whose alpha
 * is passed over. */
#include <string.h>

#include "base/mem.h"
#include "format/nifti_header.h"
#include "format/places.h"
#include "format/sink.h"
#include "format/volume.h"

enum { PART = 8192 }; /* labels */

/* NAME.img or NAME.img.gz of NAME.hdr, whichever is there; NULL when memory is short. */
static char *img_path(const char *header)
{
    int stem = (int)strlen(header) - 4;
    char *path = mem_text("%.*s%s", stem, header, strcmp(header + stem, ".HDR") == 0 ? ".IMG" : ".img");
    char *packed = path ? mem_text("%s.gz", path) : NULL;
    if (packed && !file_exists(path) && file_exists(packed)) {
        mem_free(path);
        return packed;
    }
    mem_free(packed);
    return path;
}

static att_status companion(const char *path, char **beside, struct err *e)
{
    struct source s;
    struct nifti n;
    *beside = NULL;
    TRY(source_open(path, &s, e));
    att_status status = nifti_read_header(&s, &n, e);
    source_close(&s);
    if (status != ATT_OK || !n.pair || !file_ends(path, ".hdr")) return status;
    *beside = img_path(path);
    return *beside ? ATT_OK : err_memory(e, strlen(path), "a file name");
}

static att_status open_img(const char *path, struct volume *v, struct err *e)
{
    if (!file_ends(path, ".hdr"))
        return err_set(e, ATT_DATA, "%s: this is the header of a .hdr/.img pair under another name; name the two NAME.hdr and NAME.img",
                       path);
    v->beside = img_path(path);
    if (!v->beside) return err_memory(e, strlen(path), "a file name");
    if (!file_exists(v->beside)) return err_set(e, ATT_DATA, "%s: its samples, %s, are not there; put them beside it", path, v->beside);
    source_close(&v->samples);
    return source_open_at(v->beside, 0, file_ends(v->beside, ".gz"), &v->samples, e); /* samples may look like anything */
}

static att_status open_file(const char *path, struct volume *v, struct err *e)
{
    struct nifti n;
    TRY(source_open(path, &v->samples, e));
    TRY(nifti_read_header(&v->samples, &n, e));
    TRY(nifti_geometry(&v->samples, &n, &v->geometry, e));
    if (n.pair) TRY(open_img(path, v, e));
    v->x = n.x;
    v->offset = n.offset;
    return samples_fit(&v->samples, v->offset, &v->x, e);
}

static att_status locate(const char *path, struct places *p, struct geometry *g, struct err *e)
{
    struct volume v = {.offset = 0};
    const struct samples *x = &v.x;
    att_status status = open_file(path, &v, e);
    if (status == ATT_OK) {
        bool alpha = x->axes > 0 && x->keep < x->count[0];
        *p = (struct places){.sample = x->kind,
                             .offset = v.offset,
                             .channels = x->channels,
                             .size = {x->size[0], x->size[1], x->size[2]},
                             .together = alpha || (x->axes > 0 && x->step[0] > 1) ? (int)x->count[0] : 1,
                             .alpha = alpha,
                             .deflated = v.samples.deflated,
                             .beside = v.beside};
        *g = v.geometry;
        v.beside = NULL;
        v.geometry.header = NULL; /* both are the caller's now */
    }
    volume_close(&v);
    return status;
}

static att_status write_header(struct sink *s, const struct nifti_out *out, struct err *e)
{
    TRY(sink_write(s, out->n.raw, out->n.raw_size, e));
    return sink_write(s, out->more, out->more_size, e);
}

/* What is written: samples in memory, or labels that come by parts. */
struct content {
    struct samples_out x;
    labels_fn *next; /* NULL: all of x */
    void *user;
};

static att_status write_content(struct sink *s, const struct nifti_out *out, const struct content *c, struct err *e)
{
    uint16_t labels[PART];
    struct samples_out x = c->x;
    x.swapped = out->n.swapped;
    if (!c->next) return samples_write(s, &x, e);
    x.labels = labels;
    for (size_t start = 0, count; start < x.voxels; start += count) {
        count = x.voxels - start < PART ? x.voxels - start : PART;
        TRY(c->next(c->user, start, count, labels, e));
        TRY(samples_write_some(s, &x, 0, count, e));
    }
    return ATT_OK;
}

static att_status write_pair(const char *path, const struct nifti_out *out, const struct content *c, struct err *e)
{
    struct sink data, s;
    int stem = (int)strlen(path) - 4;
    char *img = mem_text("%.*s%s", stem, path, strcmp(path + stem, ".HDR") == 0 ? ".IMG" : ".img");
    if (!img) return err_memory(e, strlen(path), "a file name");
    att_status status = sink_open(img, &data, e);
    mem_free(img);
    TRY(status);
    status = write_content(&data, out, c, e);
    if (status == ATT_OK) status = sink_open(path, &s, e);
    if (status != ATT_OK) return sink_close(&data, status, e);
    return sink_close_pair(&data, &s, write_header(&s, out, e), e);
}

static att_status write_file(const char *path, const struct nifti_out *out, const struct content *c, struct err *e)
{
    struct sink s;
    if (out->n.pair) return write_pair(path, out, c, e);
    TRY(sink_open(path, &s, e));
    att_status status = write_header(&s, out, e);
    if (status == ATT_OK) status = write_content(&s, out, c, e);
    return sink_close(&s, status, e);
}

static att_status write_volume(const char *path, const struct geometry *g, const int size[3], const struct content *c, struct err *e)
{
    struct nifti_out out;
    enum nifti_code code = c->x.image ? NIFTI_F32 : c->x.bytes == 2 ? NIFTI_U16 : NIFTI_U8;
    TRY(nifti_make_header(path, g, (int)c->x.channels, size, code, &out, e));
    return write_file(path, &out, c, e);
}

static att_status save(const char *path, const struct geometry *g, const int size[3], const struct samples_out *x, struct err *e)
{
    return write_volume(path, g, size, &(struct content){.x = *x}, e);
}

static att_status save_planes(const char *path, const struct labelmap *grid, bool wide, labels_fn *next, void *user, struct err *e)
{
    struct samples_out x = {.voxels = image_voxels(grid->size), .channels = 1, .bytes = wide ? 2 : 1};
    return write_volume(path, &grid->geometry, grid->size, &(struct content){x, next, user}, e);
}

static const char *const detached[] = {".hdr", ".img", NULL};
static const char *const endings[] = {".nii.gz", ".nii", ".hdr", NULL};

const struct format format_nifti = {
    .name = "NIfTI",
    .endings = endings,
    .places = true,
    .sniff = nifti_sniff,
    .open = open_file,
    .companion = companion,
    .detached = detached,
    .save = save,
    .locate = locate,
    .save_planes = save_planes,
};
