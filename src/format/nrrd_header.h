/* SPDX-License-Identifier: Apache-2.0 */
/* The header of NRRD files (teem.sourceforge.net/nrrd/format.html), versions 1 to 5; for
 * fmt_nrrd.c. */
#ifndef FORMAT_NRRD_HEADER_H
#define FORMAT_NRRD_HEADER_H

#include "format/header_text.h"

enum { NRRD_AXES = SAMPLE_AXES };
enum nrrd_encoding { NRRD_RAW, NRRD_GZIP, NRRD_TEXT };

struct nrrd {
    struct header_text header;
    struct samples x;
    int spaces, channel_axis; /* axes that are space, and the one that is not, or -1 */
    enum nrrd_encoding encoding;
    char *data_file;         /* as the header names it; NULL: the samples are behind the header */
    long lines_skipped;      /* of the data file, before it is inflated */
    long long bytes_skipped; /* after; -1: all but the samples */
};

bool nrrd_sniff(const unsigned char *head, size_t size);
/* Reads and checks the header; *g gets spacing and affine, no copy of the header. The caller calls
 * nrrd_free, also after a failure. */
att_status nrrd_read_header(struct source *s, struct nrrd *n, struct geometry *g, struct err *e);
void nrrd_free(struct nrrd *n);
/* The same of n->header.text, which is there. `path` is for sentences. */
att_status nrrd_read_text(const char *path, struct nrrd *n, struct geometry *g, struct err *e);
/* Words between white space; a list in parentheses is one. False at the end. */
bool nrrd_word(const char **at, char word[HEADER_WORD]);
/* What an axis that is no space has in a field of one word per axis; NULL: the field is none. */
const char *nrrd_list_word(const char *key);

/* The text of a header for samples of type `type` on the grid of g: the lines of g's own header,
 * where it is of this format, but for those that say how the samples are stored.  *gzip: whether
 * they are to be deflated (nrrd_make.c). */
void nrrd_make_header(const struct geometry *g, const char *type, int channels, const int size[3],
    const char *data_file, bool *gzip, struct text_out *t);

#endif
