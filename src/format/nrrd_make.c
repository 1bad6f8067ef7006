/* SPDX-License-Identifier: Apache-2.0 */
/* Header of a file to write: the image's own lines, or a few new ones; for fmt_nrrd.c. */
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "format/nrrd_header.h"

/* Storage fields, written anew. */
static bool is_storage(const char *key)
{
    static const char *const keys[] = {"type", "dimension", "sizes", "endian", "encoding",
        "data file", "datafile", "line skip", "lineskip", "byte skip", "byteskip", "min", "max",
        "old min", "oldmin", "old max", "oldmax", "number", "block size", "blocksize",
        "sample units", "sampleunits", NULL};
    for (int i = 0; keys[i]; i++)
        if (text_equals(key, keys[i])) return true;
    return false;
}

/* Copy a field of one word per axis, with channels moved last; omit a field without words. */
static void nrrd_make_add_axes(struct text_out *t, const struct header_field *f,
    const struct nrrd *own, int channels, const char *list)
{
    char word[HEADER_WORD];
    const char *at = f->value;
    if (!*at) return;
    text_add(t, "%s:", f->key);
    for (int i = 0; nrrd_word(&at, word); i++)
        if (i != own->channel_axis) text_add(t, " %s", word);
    text_add(t, channels > 1 ? " %s\n" : "\n", list);
}

static void nrrd_make_add_kept(struct text_out *t, const struct nrrd *own, int channels)
{
    const char *at = NULL;
    struct header_line line;
    struct header_field f;
    bool listed = false; /* some field marks the channel axis */
    header_next(own->header.text, &at, &line);
    while (header_next(own->header.text, &at, &line)) {
        const char *colon = memchr(line.text, ':', line.length);
        bool field = line.length > 0 && line.text[0] != '#' && colon && colon[1] != '=' &&
            header_split(line, ':', &f);
        const char *list = field ? nrrd_list_word(f.key) : NULL;
        listed = listed ||
            (field &&
                (text_equals(f.key, "kinds") || text_equals(f.key, "space directions") ||
                    text_equals(f.key, "spacings")));
        if (list)
            nrrd_make_add_axes(t, &f, own, channels, list);
        else if (line.length > 0 && !(field && is_storage(f.key)))
            text_add(t, "%.*s\n", (int)line.length, line.text);
    }
    if (channels > 1 && !listed)
        text_add(t, "kinds:%s domain domain list\n", own->spaces > 2 ? " domain" : "");
}

static void add_vector(struct text_out *t, const struct geometry *g, int column)
{
    static const double flip[3] = {-1, -1, 1};
    for (int i = 0; i < 3; i++) {
        text_add(t, i == 0 ? "(" : ",");
        text_number(t, flip[i] * g->affine[i][column]);
    }
    text_add(t, ")");
}

static void add_fresh(struct text_out *t, const struct geometry *g, int channels)
{
    if (g->valid) {
        text_add(t, "space: left-posterior-superior\nspace directions:");
        for (int j = 0; j < 3; j++) {
            text_add(t, " ");
            add_vector(t, g, j);
        }
        text_add(t, channels > 1 ? " none\nspace origin: " : "\nspace origin: ");
        add_vector(t, g, 3);
        text_add(t, "\n");
    }
    text_add(t, "kinds: domain domain domain%s\n", channels > 1 ? " list" : "");
}

/* Read the header of g's own file; false if it is not NRRD. */
static bool nrrd_make_own_header(const struct geometry *g, struct nrrd *own)
{
    struct err unused = {0};
    struct geometry ignored;
    *own = (struct nrrd){0};
    if (!g->header || !nrrd_sniff(g->header, g->header_size)) return false;
    own->header.text = mem_text("%.*s", (int)g->header_size, (const char *)g->header);
    return own->header.text && nrrd_read_text("", own, &ignored, &unused) == ATT_OK;
}

void nrrd_make_header(const struct geometry *g, const char *type, int channels, const int size[3],
    const char *data_file, bool *gzip, struct text_out *t)
{
    struct nrrd own;
    bool kept = nrrd_make_own_header(g, &own);
    int spaces = kept && own.spaces == 2 && size[IMAGE_D] == 1 ? 2 : 3;
    if (spaces == 3 && kept && own.spaces == 2) kept = false;
    *gzip = !kept || own.encoding == NRRD_GZIP;
    text_add(t, "%.8s\ntype: %s\ndimension: %d\nsizes:", kept ? own.header.text : "NRRD0004", type,
        spaces + (channels > 1));
    for (int i = 0; i < spaces; i++) text_add(t, " %d", size[2 - i]);
    if (channels > 1) text_add(t, " %d", channels);
    text_add(t, "\n");
    if (kept)
        nrrd_make_add_kept(t, &own, channels);
    else
        add_fresh(t, g, channels);
    text_add(t, "endian: little\nencoding: %s\n", *gzip ? "gzip" : "raw");
    if (data_file) text_add(t, "data file: %s%s\n", data_file, *gzip ? ".gz" : "");
    text_add(t, "\n");
    nrrd_free(&own);
}
