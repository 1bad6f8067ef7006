/* SPDX-License-Identifier: Apache-2.0 */
/* Image files.  One file per format (fmt_*.c), one list (format.c) that finds it: reading by
 * content, writing by the name's ending. */
#ifndef FORMAT_FORMAT_H
#define FORMAT_FORMAT_H

#include "format/by_parts.h"
#include "image/image.h"

struct volume;
struct samples_out;

struct format {
    const char *name;           /* "NIfTI", "PNG" */
    const char *const *endings; /* with the dot, NULL-terminated: ".nii.gz", ".nii" */
    const char *results; /* the ending of what is made from its images; NULL: the image's own */
    bool places;         /* its files say where any grid lies: they hold spacing and an affine */
    const char
        *missing; /* the library that this build lacks, so that only sniff is there; or NULL */
    bool (*sniff)(const unsigned char *head,
        size_t size); /* head: the first bytes (up to 512; of a gzip file, those inside) */
    /* A format of volumes (volume.h) has these two: `open` checks and fills v up to the first
     * sample, what it filled is freed also when it fails; `save` writes x on the grid of g. */
    att_status (*open)(const char *path, struct volume *v, struct err *e);
    att_status (*save)(const char *path, const struct geometry *g, const int size[3],
        const struct samples_out *x, struct err *e);
    /* The other file in which its samples lie, or which says how large its voxels are, in *beside,
     * fresh; NULL: it has all of that itself. That file need not be there. NULL where the format
     * has no such files. */
    att_status (*companion)(const char *path, char **beside, struct err *e);
    /* Endings of headers that are written without their samples, each before one that the samples
     * beside it may get: ".mhd", ".raw". */
    const char *const *detached;
    /* A format of pictures (raster.h) has the others.  Each checks everything the file claims
     * against its size and sane limits before it allocates.  What `decode` refuses before it reads
     * samples, `survey` refuses: it says channels, size and geometry, and bytes that `decode` holds
     * at most, which gives all samples in runs, each once. */
    att_status (*survey)(const char *path, struct image *m, double *bytes, struct err *e);
    att_status (*decode)(const char *path, samples_fn *take, void *user, struct err *e);
    att_status (*load_labels)(const char *path, struct labelmap *m,
        struct err *e); /* values must be whole numbers 0..65535 */
    /* All NULL where the format is only read.  Written atomically (of a header and its samples,
     * both or neither; a process that is killed between the two leaves no header, never an old one
     * beside new samples), with the header bytes of `geometry` where there are some of this format
     * (only data type, scaling, intent and description change), else with its spacing and affine.
     * save_parts writes the bytes of save_labels, of labels that come by parts; `grid` has none;
     * wide: some are above 255. */
    att_status (*save_image)(const char *path, const struct image *m,
        struct err *e); /* float; PNG: 16 bit, 0..1 -> 0..65535 */
    att_status (*save_labels)(const char *path, const struct labelmap *m,
        struct err *e); /* the smallest unsigned type that holds them */
    att_status (*save_parts)(const char *path, const struct labelmap *grid, bool wide,
        labels_fn *next, void *user, struct err *e);
};

extern const struct format format_nifti, format_nrrd, format_metaimage, format_npy, format_png,
    format_jpeg, format_tiff;

/* Loads by content, whatever the name says.  NaN or infinite samples are ATT_DATA with the voxel
 * named. */
att_status format_load_image(const char *path, struct image *m, struct err *e);
/* The same check of an image that is in memory, called `path` in the sentence. */
att_status format_check_finite(const char *path, const struct image *m, struct err *e);
/* The same by parts: count the samples of all channels, in their order, and ask at the end. */
struct finite {
    size_t samples, bad, first;
};
void format_count_finite(const float *x, size_t count, struct finite *f);
att_status format_all_finite(
    const char *path, const int size[3], const struct finite *f, struct err *e);
att_status format_load_labels(const char *path, struct labelmap *m, struct err *e);
/* What else has to be copied, hashed or spared together with an image: the file in which its
 * samples lie, where its header is a file of its own (.hdr of a pair, .nhdr, .mhd), and that which
 * says how far the slices of a TIFF stack are apart (CASE.json).  A fresh path in *beside, or NULL;
 * that file need not be there.  What is no image is refused. */
att_status format_companion(const char *path, char **beside, struct err *e);
/* Saves by ending, as the image's file is stored where it was turned; an unknown ending is
 * ATT_USAGE and lists those that are known. */
att_status format_save_image(const char *path, const struct image *m, struct err *e);
att_status format_save_labels(const char *path, const struct labelmap *m, struct err *e);
/* By ending, too, labels that come by parts, on a grid that was not turned; of formats that can. */
bool format_saves_parts(const char *path);
att_status format_save_parts(const char *path, const struct labelmap *grid, bool wide,
    labels_fn *next, void *user, struct err *e);
att_status format_by_content(const char *path, const struct format **format, struct err *e);
/* With this format, whatever the content; samples are not looked at. */
att_status format_image_by(
    const struct format *f, const char *path, struct image *m, struct err *e);
att_status format_labels_by(
    const struct format *f, const char *path, struct labelmap *m, struct err *e);
att_status format_peek_by(const struct format *f, const char *path, struct image *m,
    struct err *e); /* format_peek_image */
bool format_writes(const struct format *f);
/* The format that claims a file name, or NULL; the length of its ending in *ending. */
const struct format *format_by_name(const char *path, size_t *ending);
/* What a file is called without folder and ending, fresh; NULL: no format claims the name, or no
 * memory. */
char *format_stem(const char *path);
/* Those that this build reads, for sentences: "NIfTI, PNG or TIFF". */
enum { FORMAT_NAMES = 128 };
const char *format_names(char text[FORMAT_NAMES]);
/* The ending that results of an image get: its own where that can be written, else what its format
 * names (of a JPEG image, ".png").  A name that no format claims is looked up by content. */
const char *format_result_ending(const char *path);
/* Size and spacing (0: not known) without reading the samples, for listing data sets fast. */
att_status format_peek(
    const char *path, int *channels, int size[3], float spacing[3], struct err *e);
/* The same as an image that has no samples, with the geometry that the format knows, but without
 * header bytes. */
att_status format_peek_image(const char *path, struct image *m, struct err *e);

/* 8-bit RGB pictures for people: overlays, curves. rgb is [height][width][3]. */
att_status png_write_rgb(
    const char *path, int width, int height, const unsigned char *rgb, struct err *e);

#endif
