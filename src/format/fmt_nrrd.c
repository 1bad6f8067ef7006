/* SPDX-License-Identifier: Apache-2.0 */
/* NRRD files: .nrrd, and .nhdr with a data file in the same folder or below; samples are raw, gzip
 * or text. The one axis that is not spatial has the channels, at any position. Coordinates become
 * RAS. */
#include <string.h>

#include "base/mem.h"
#include "format/nrrd_header.h"
#include "format/volume.h"

/* Byte at which the data begin: after the header, if both are in one file, and `lines` lines. */
static att_status skip_lines(
    const char *path, bool whole, size_t header, long lines, size_t *at, struct err *e)
{
    struct source s;
    *at = header;
    if (lines == 0) return ATT_OK;
    TRY((whole ? source_open_whole : source_open_at)(path, header, false, &s, e));
    att_status status = ATT_OK;
    unsigned char piece[4096];
    for (size_t got = 1; status == ATT_OK && lines > 0 && got > 0;) {
        status = source_read(&s, piece, sizeof piece, &got, e);
        for (size_t i = 0; i < got && lines > 0; i++, ++*at) lines -= piece[i] == '\n';
    }
    source_close(&s);
    TRY(status);
    return lines == 0
        ? ATT_OK
        : err_data(e, "%s: it has fewer lines than its 'line skip'; get a complete copy", path);
}

static att_status fmt_nrrd_read_header(
    const char *path, struct nrrd *n, struct geometry *g, struct err *e)
{
    struct source s;
    *n = (struct nrrd){.data_file = NULL};
    TRY(source_open(path, &s, e));
    att_status status = nrrd_read_header(&s, n, g, e);
    source_close(&s);
    return status;
}

static att_status nrrd_open_samples(
    const char *path, const struct nrrd *n, struct volume *v, struct err *e)
{
    size_t begin = n->header.size;
    v->x = n->x;
    if (n->data_file) {
        TRY(header_data_file(path, n->data_file, &v->data_path, e));
        path = v->data_path;
        begin = 0;
    }
    v->whole = !n->data_file || !file_ends(path, n->data_file);
    TRY(skip_lines(path, v->whole, begin, n->lines_skipped, &begin, e));
    return volume_begin(v, path, begin, n->encoding == NRRD_GZIP, n->bytes_skipped, e);
}

static att_status nrrd_open_file(const char *path, struct volume *v, struct err *e)
{
    struct nrrd n;
    att_status status = fmt_nrrd_read_header(path, &n, &v->geometry, e);
    if (status == ATT_OK) status = nrrd_open_samples(path, &n, v, e);
    header_keep(&n.header, &v->geometry);
    nrrd_free(&n);
    return status;
}

static att_status companion(const char *path, char **data_path, struct err *e)
{
    struct nrrd n;
    struct geometry unused;
    *data_path = NULL;
    att_status status = fmt_nrrd_read_header(path, &n, &unused, e);
    if (status == ATT_OK && n.data_file && !(*data_path = header_data_path(path, n.data_file, e)))
        status = e->status;
    nrrd_free(&n);
    return status;
}

static att_status save(const char *path, const struct geometry *g, const int size[3],
    const struct samples_out *x, struct err *e)
{
    struct header_out h = {.stream = SINK_GZIP};
    const char *type = x->image ? "float" : x->bytes == 2 ? "unsigned short" : "unsigned char";
    bool detached = file_ends(path, ".nhdr");
    char *data = detached ? mem_text("%.*s.raw", (int)(strlen(path) - 5), path) : NULL;
    if (detached && !data) return err_path(e);
    nrrd_make_header(
        g, type, (int)x->channels, size, data ? file_base(data) : NULL, &h.deflate, &h.text);
    if (data && h.deflate) h.data_path = mem_text("%s.gz", data);
    if (data && !h.deflate) h.data_path = mem_text("%s", data);
    att_status status = detached && !h.data_path ? err_path(e) : header_write(path, &h, x, e);
    mem_free(h.data_path);
    mem_free(h.text.text);
    mem_free(data);
    return status;
}

static const char *const detached[] = {".nhdr", ".raw", ".nhdr", ".raw.gz", NULL};
static const char *const endings[] = {".nrrd", ".nhdr", NULL};

const struct format format_nrrd = {
    .name = "NRRD",
    .endings = endings,
    .places = true,
    .sniff = nrrd_sniff,
    .open = nrrd_open_file,
    .companion = companion,
    .detached = detached,
    .save = save,
};
