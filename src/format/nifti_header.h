/* SPDX-License-Identifier: Apache-2.0 */
/* The headers of NIfTI-1 and NIfTI-2 (nifti.nimh.nih.gov: nifti1.h, nifti2.h), both byte orders; for fmt_nifti.c. */
#ifndef FORMAT_NIFTI_HEADER_H
#define FORMAT_NIFTI_HEADER_H

#include "format/source.h"
#include "image/image.h"

enum { NIFTI1_SIZE = 348, NIFTI2_SIZE = 540 };

enum nifti_code { NIFTI_U8 = 2, NIFTI_F32 = 16, NIFTI_RGB24 = 128, NIFTI_U16 = 512 };

/* How one sample lies in the file. */
struct nifti_type {
    int code;     /* header field datatype */
    char kind;    /* u, i or f */
    size_t bytes; /* of one sample */
    int samples;  /* per voxel: 3 for RGB24 */
    const char *name;
};

struct nifti {
    unsigned char raw[NIFTI2_SIZE];
    size_t raw_size; /* NIFTI1_SIZE or NIFTI2_SIZE */
    bool swapped;    /* big-endian */
    const struct nifti_type *type;
    int channels, size[3]; /* d, h, w */
    size_t samples;        /* in the whole file */
    size_t offset;         /* of the first */
    double slope, inter;   /* 1 and 0 when the header asks for no scaling */
};

bool nifti_sniff(const unsigned char *head, size_t size);
/* Reads and checks the header: afterwards all sizes are sane, and not more than the file can hold. */
att_status nifti_read_header(struct source *s, struct nifti *n, struct err *e);
void nifti_spacing(const struct nifti *n, float spacing[3]);
/* Spacing, affine and a copy of the header. */
att_status nifti_geometry(const char *path, const struct nifti *n, struct geometry *g, struct err *e);
/* The header for a file on the grid of `g`. All its bytes are kept but these: dim, data type, scaling, display range, intent,
 * description, offset of the samples (extensions are dropped). */
att_status nifti_make_header(const char *path, const struct geometry *g, int channels, const int size[3], enum nifti_code code, bool labels,
                             struct nifti *n, struct err *e);
/* Turns `count` samples of `bytes` bytes each to the other byte order. */
void nifti_swap(unsigned char *p, size_t count, size_t bytes);

#endif
