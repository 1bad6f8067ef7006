/* SPDX-License-Identifier: Apache-2.0 */
/* Headers of NIfTI-1 and NIfTI-2 (nifti.nimh.nih.gov: nifti1.h, nifti2.h) and of ANALYZE 7.5 as
 * nibabel reads it, in both byte orders; for fmt_nifti.c. */
#pragma once

#include "format/samples.h"
#include "image/image.h"

enum { NIFTI1_SIZE = 348, NIFTI2_SIZE = 540 };

enum nifti_code { NIFTI_U8 = 2, NIFTI_F32 = 16, NIFTI_U16 = 512 };

struct nifti {
    unsigned char raw[NIFTI2_SIZE];
    size_t raw_size; /* NIFTI1_SIZE or NIFTI2_SIZE */
    bool swapped;    /* big-endian */
    bool analyze;    /* ANALYZE 7.5, which ends where the forms and the magic begin */
    bool pair;       /* samples are in NAME.img next to NAME.hdr */
    struct samples x;
    bool colours;  /* samples are RGB or RGBA */
    size_t offset; /* of the first sample */
};

bool nifti_names_pair(const char *path); /* NAME.hdr or NAME.hdr.gz */
bool nifti_sniff(const unsigned char *head, size_t size);
/* Read and check the header: all sizes are valid afterwards. samples_fit() checks the file's
 * length. */
att_status nifti_read_header(struct source *s, struct nifti *n, struct err *e);
/* Spacing (of pixdim, else the form, else unknown), affine and a copy of the header with its
 * extensions, which follow in `s`. */
att_status nifti_geometry(
    struct source *s, const struct nifti *n, struct geometry *g, struct err *e);
/* Header for a file on the grid of g. It keeps all bytes but dim, data type, scaling, display
 * range, intent, description, magic and offset. `more` are the extensions of g's own file. */
struct nifti_out {
    struct nifti n;
    const unsigned char *more;
    size_t more_size;
};
att_status nifti_make_header(const char *path, const struct geometry *g, int channels,
    const int size[3], enum nifti_code code, struct nifti_out *out, struct err *e);
