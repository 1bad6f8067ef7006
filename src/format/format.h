/* SPDX-License-Identifier: Apache-2.0 */
/* Image files.  One file per format (fmt_*.c), one list (format.c) that finds it: reading by content, writing by the name's ending. */
#ifndef FORMAT_FORMAT_H
#define FORMAT_FORMAT_H

#include "image/image.h"

struct format {
    const char *name;                                      /* "NIfTI", "PNG" */
    const char *const *endings;                            /* with the dot, NULL-terminated: ".nii.gz", ".nii" */
    bool (*sniff)(const unsigned char *head, size_t size); /* head: the first bytes (up to 512; of a gzip file, those inside) */
    /* Size and spacing from the header alone; spacing 0 where the format has none. */
    att_status (*peek)(const char *path, int *channels, int size[3], float spacing[3], struct err *e);
    /* Each checks everything the file claims against its size and sane limits before it allocates. */
    att_status (*load_image)(const char *path, struct image *m, struct err *e);
    att_status (*load_labels)(const char *path, struct labelmap *m, struct err *e); /* values must be whole numbers 0..65535 */
    /* Written atomically, with the header bytes of `geometry` where there are some of this format (only data type, scaling, intent and
     * description change), else with its spacing and affine. */
    att_status (*save_image)(const char *path, const struct image *m, struct err *e);     /* float; PNG: 16 bit, 0..1 -> 0..65535 */
    att_status (*save_labels)(const char *path, const struct labelmap *m, struct err *e); /* the smallest unsigned type that holds them */
};

extern const struct format format_nifti, format_png;

/* Loads by content, whatever the name says.  NaN or infinite samples are ATT_DATA with the voxel named. */
att_status format_load_image(const char *path, struct image *m, struct err *e);
/* The same check of an image that is in memory, called `path` in the sentence. */
att_status format_check_finite(const char *path, const struct image *m, struct err *e);
att_status format_load_labels(const char *path, struct labelmap *m, struct err *e);
/* Saves by ending; an unknown one is ATT_USAGE and lists those that are known. */
att_status format_save_image(const char *path, const struct image *m, struct err *e);
att_status format_save_labels(const char *path, const struct labelmap *m, struct err *e);
/* The format that claims a file name, or NULL; the length of its ending in *ending. */
const struct format *format_by_name(const char *path, size_t *ending);
/* Size and spacing (0: not known) without reading the samples, for listing data sets fast. */
att_status format_peek(const char *path, int *channels, int size[3], float spacing[3], struct err *e);

/* 8-bit RGB pictures for people: overlays, curves. rgb is [height][width][3]. */
att_status png_write_rgb(const char *path, int width, int height, const unsigned char *rgb, struct err *e);

#endif
