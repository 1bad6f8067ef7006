/* SPDX-License-Identifier: Apache-2.0 */
/* The header of NRRD files (teem.sourceforge.net/nrrd/format.html), versions 1 to 5; for
 * fmt_nrrd.c. */
#pragma once

#include "format/header_text.h"

enum { NRRD_AXES = SAMPLE_AXES };
enum nrrd_encoding { NRRD_RAW, NRRD_GZIP, NRRD_TEXT };

struct nrrd {
    struct header_text header;
    struct samples x;
    int spaces, channel_axis; /* number of spatial axes; index of the other one, or -1 */
    enum nrrd_encoding encoding;
    char *data_file;         /* as in the header; NULL: the samples follow the header */
    long lines_skipped;      /* of the data file, before decompression */
    long long bytes_skipped; /* after it; -1: all but the samples */
};

bool nrrd_sniff(const unsigned char *head, size_t size);
/* Read and check the header; *g gets spacing and affine, but no header. The caller calls nrrd_free,
 * also on failure. */
att_status nrrd_read_header(struct source *s, struct nrrd *n, struct geometry *g, struct err *e);
void nrrd_free(struct nrrd *n);
/* The same for n->header.text; `path` is for messages. */
att_status nrrd_read_text(const char *path, struct nrrd *n, struct geometry *g, struct err *e);
/* Next word; a list in parentheses is one. False at the end. */
bool nrrd_word(const char **at, char word[HEADER_WORD]);
/* Entry for a non-spatial axis in a field of one word per axis; NULL: another kind of field. */
const char *nrrd_list_word(const char *key);

/* Make a header for samples of type `type` on the grid of g: g's own NRRD header with new storage
 * fields, else a new one. *gzip: compress the samples (nrrd_make.c). */
void nrrd_make_header(const struct geometry *g, const char *type, int channels, const int size[3],
    const char *data_file, bool *gzip, struct text_out *t);
