/* SPDX-License-Identifier: Apache-2.0 */
/* NIfTI files: .nii, gzip-compressed by content, and pairs of .hdr and .img, each also in gzip,
 * named by the header; such pairs of ANALYZE 7.5, too. Dimensions 4 and 5 are channels, whether
 * times or vectors; RGB24 is three channels, and so is RGBA32 without its alpha. */
#include <string.h>

#include "base/mem.h"
#include "format/nifti_header.h"
#include "format/sink.h"
#include "format/volume.h"

/* NAME.img or NAME.img.gz for NAME.hdr or NAME.hdr.gz; NULL: no memory. */
static char *img_name(const char *header, bool packed)
{
    const int stem = (int)strlen(header) - (file_ends(header, ".gz") ? 7 : 4);
    return mem_text(
        "%.*s%s%s", stem, header, header[stem + 1] == 'H' ? ".IMG" : ".img", packed ? ".gz" : "");
}

/* The existing one, first that in gzip if the header is. */
static char *img_path(const char *header)
{
    const bool packed = file_ends(header, ".gz");
    char *path = img_name(header, packed), *other = img_name(header, !packed);
    if (path && other && !file_exists(path) && file_exists(other)) {
        char *swap = path;
        path = other;
        other = swap;
    }
    mem_free(other);
    return path;
}

static att_status companion(const char *path, char **data_path, struct err *e)
{
    struct source s;
    struct nifti n;
    *data_path = NULL;
    TRY(source_open(path, &s, e));
    att_status status = nifti_read_header(&s, &n, e);
    source_close(&s);
    if (status != ATT_OK || !n.pair || !nifti_names_pair(path)) return status;
    *data_path = img_path(path);
    return *data_path ? ATT_OK : err_path(e);
}

static att_status open_img(const char *path, struct volume *v, struct err *e)
{
    if (!nifti_names_pair(path))
        return err_data(e,
            "%s: this is the header of a .hdr/.img pair under another name; name the two "
            "NAME.hdr and NAME.img",
            path);
    v->data_path = img_path(path);
    if (!v->data_path) return err_path(e);
    if (!file_exists(v->data_path))
        return err_data(
            e, "%s: its samples are missing: %s; put that file next to it", path, v->data_path);
    source_close(&v->samples);
    /* without content detection: samples may resemble a gzip stream */
    return source_open_at(v->data_path, 0, file_ends(v->data_path, ".gz"), &v->samples, e);
}

static att_status nifti_open_file(const char *path, struct volume *v, struct err *e)
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

static att_status write_header(struct sink *s, const struct nifti_out *out, struct err *e)
{
    TRY(sink_write(s, out->n.raw, out->n.raw_size, e));
    return sink_write(s, out->more, out->more_size, e);
}

static att_status write_pair(
    const char *path, const struct nifti_out *out, const struct samples_out *x, struct err *e)
{
    struct sink data, s;
    char *img = img_name(path, file_ends(path, ".gz"));
    if (!img) return err_path(e);
    att_status status = sink_open(img, &data, e);
    mem_free(img);
    TRY(status);
    status = samples_write(&data, x, e);
    if (status == ATT_OK) status = sink_open(path, &s, e);
    if (status != ATT_OK) return sink_close(&data, status, e);
    return sink_close_pair(&data, &s, write_header(&s, out, e), e);
}

static att_status nifti_write_file(
    const char *path, const struct nifti_out *out, const struct samples_out *x, struct err *e)
{
    struct sink s;
    if (out->n.pair) return write_pair(path, out, x, e);
    TRY(sink_open(path, &s, e));
    att_status status = write_header(&s, out, e);
    if (status == ATT_OK) status = samples_write(&s, x, e);
    return sink_close(&s, status, e);
}

static att_status save(const char *path, const struct geometry *g, const int size[3],
    const struct samples_out *x, struct err *e)
{
    struct nifti_out out;
    struct samples_out turned = *x;
    enum nifti_code code = x->image ? NIFTI_F32 : x->bytes == 2 ? NIFTI_U16 : NIFTI_U8;
    TRY(nifti_make_header(path, g, (int)x->channels, size, code, &out, e));
    turned.swapped = out.n.swapped;
    return nifti_write_file(path, &out, &turned, e);
}

static const char *const detached[] = {".hdr", ".img", ".hdr.gz", ".img.gz", NULL};
static const char *const endings[] = {".nii.gz", ".nii", ".hdr", ".hdr.gz", NULL};

const struct format format_nifti = {
    .name = "NIfTI",
    .endings = endings,
    .places = true,
    .sniff = nifti_sniff,
    .open = nifti_open_file,
    .companion = companion,
    .detached = detached,
    .save = save,
};
