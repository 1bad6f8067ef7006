/* SPDX-License-Identifier: Apache-2.0 */
/* Image files, one format per fmt_*.c, listed in format.c. Reading detects the content; writing
 * follows the name's ending. */
#pragma once

#include "format/labels_out.h"
#include "image/image.h"

struct volume;
struct samples_out;

struct format {
    const char *name;           /* "NIfTI", "PNG" */
    const char *const *endings; /* with the dot, NULL-terminated: ".nii.gz", ".nii"; each is read
                                 * with ".gz" behind it, too */
    const char *results;        /* ending of results; NULL: the image's own */
    bool places;                /* its files can store any spacing and affine */
    const char *missing; /* the library this build lacks, so that only sniff is set, or NULL */
    /* head: the first bytes (up to 512), decompressed if gzip */
    bool (*sniff)(const unsigned char *head, size_t size);
    /* Volume formats (volume.h) set these two. `open` checks and fills v up to the first sample;
     * the caller frees v even on failure. `save` writes x on the grid of g. */
    att_status (*open)(const char *path, struct volume *v, struct err *e);
    att_status (*save)(const char *path, const struct geometry *g, const int size[3],
        const struct samples_out *x, struct err *e);
    /* Set *companion to a fresh path of the other file with the samples or the spacing, or NULL;
     * that file may be missing. NULL for formats without such files. */
    att_status (*companion)(const char *path, char **companion, struct err *e);
    /* Endings of headers with separate samples, each before an ending of those: ".mhd", ".raw". */
    const char *const *detached;
    /* Picture formats (raster.h) set the others. Each checks all sizes in the file against its
     * length and limits before allocating. `survey` returns channels, size, geometry and the
     * maximum bytes `decode` allocates; it fails where `decode` fails before its first sample.
     * `decode` passes each sample once, in runs; of a pixel the first channel comes first. For
     * labels it passes stored numbers, and of a palette the indices as one channel. */
    att_status (*survey)(const char *path, struct image *m, double *bytes, struct err *e);
    att_status (*decode)(
        const char *path, bool labels, samples_fn *take, void *user, struct err *e);
    /* Passes the transparency that `decode` drops, if there is any, as one channel; or NULL. */
    att_status (*alpha)(const char *path, samples_fn *take, void *user, struct err *e);
    /* All NULL for a read-only format. Writing is atomic; header and samples appear together, and a
     * killed process leaves no header. A header of this format in `geometry` is kept except for
     * data type, scaling, intent and description; else spacing and affine make a new one.
     * save_labels takes the labels apart from their grid. */
    /* float; PNG: 16 bit, 0..1 -> 0..65535 */
    att_status (*save_image)(const char *path, const struct image *m, struct err *e);
    /* smallest unsigned type that fits */
    att_status (*save_labels)(
        const char *path, const struct labelmap *grid, struct labels_out labels, struct err *e);
};

extern const struct format format_nifti, format_nrrd, format_metaimage, format_npy, format_png,
    format_jpeg, format_tiff, format_bmp, format_pnm, format_gif, format_webp, format_jp2;

/* Loads by content, not by name. ATT_DATA for NaN or infinite samples; the message names the first
 * voxel. */
att_status format_load_image(const char *path, struct image *m, struct err *e);
/* The same without that check; *finite: it is known to pass. */
att_status format_load_samples(const char *path, struct image *m, bool *finite, struct err *e);
/* The same check for an image in memory; `path` is for the message. */
att_status format_check_finite(const char *path, const struct image *m, struct err *e);
/* The same in parts: counts the samples of all channels in order, then checks. */
struct finite {
    size_t samples, bad, first;
};
void format_count_finite(const float *x, size_t count, struct finite *f);
att_status format_all_finite(
    const char *path, const int size[3], const struct finite *f, struct err *e);
att_status format_load_labels(const char *path, struct labelmap *m, struct err *e);
/* Set *companion to a fresh path of the file to copy, hash or keep with an image, or NULL: the
 * samples of a separate header (.hdr, .nhdr, .mhd), or CASE.json with the spacing of a TIFF stack.
 * That file may be missing. ATT_DATA if `path` is not an image. */
att_status format_companion(const char *path, char **companion, struct err *e);
/* Saves by ending, on the file's stored axes. ATT_USAGE for an unknown ending; the message lists
 * the known ones. */
att_status format_save_image(const char *path, const struct image *m, struct err *e);
att_status format_save_labels(const char *path, const struct labelmap *m, struct err *e);
/* Saves the same bytes with labels from a callback, on a grid that was not turned and has no data;
 * wide: some labels exceed 255. */
att_status format_save_parts(const char *path, const struct labelmap *grid, bool wide,
    labels_fn *next, void *user, struct err *e);
att_status format_by_content(const char *path, const struct format **format, struct err *e);
bool format_is_dicom(const char *path);
/* Why attunet reads no DICOM in the place of an image or mask, and the command that makes one. */
enum { FORMAT_SENTENCE = 2048 };
const char *format_of_dicom(const char *path, char text[FORMAT_SENTENCE]);
/* Uses this format without content detection or a check for NaN. */
att_status format_image_by(
    const struct format *f, const char *path, struct image *m, struct err *e);
att_status format_labels_by(
    const struct format *f, const char *path, struct labelmap *m, struct err *e);
/* as format_peek_image */
att_status format_peek_by(const struct format *f, const char *path, struct image *m, struct err *e);
bool format_writes(const struct format *f);
bool format_can_write(const char *path); /* by its ending */
/* The format for a file name, or NULL; sets the length of its ending. */
const struct format *format_by_name(const char *path, size_t *ending);
bool format_is(const char *path, const struct format *f); /* by its ending */
/* File name without folder and ending, fresh; NULL: unknown format or no memory. */
char *format_stem(const char *path);
/* The formats this build reads, for messages: "NIfTI, PNG or TIFF". */
enum { FORMAT_NAMES = 128 };
const char *format_names(char text[FORMAT_NAMES]);
/* Ending for results of an image: its own if writable, else its format's choice (".png" for JPEG).
 * A name without a known ending is identified by content. */
const char *format_result_ending(const char *path);
/* Ending of the file's own format, by content alone: ".jpg", and ".nii" or ".nii.gz". */
enum { FORMAT_ENDING = 16 };
void format_content_ending(const char *path, char text[FORMAT_ENDING]);
/* Name of the k-th file that may be written beside a header of this name: new, or NULL. */
enum { FORMAT_DETACHED = 2 };
char *format_detached(const char *path, int k);
/* Channels, size and spacing (0: unknown), without reading samples. */
att_status format_peek(
    const char *path, int *channels, int size[3], float spacing[3], struct err *e);
/* Whether more than a tenth of an image's transparency is neither its minimum nor its maximum, as
 * in a channel but not in a cut-out; false, too, if the file or its format has none. */
att_status format_alpha_varies(const char *path, bool *varies, struct err *e);
/* The same as an image without samples and header bytes, but with geometry. */
att_status format_peek_image(const char *path, struct image *m, struct err *e);

/* Write an 8-bit RGB picture. rgb is [height][width][3]. */
att_status png_write_rgb(
    const char *path, int width, int height, const unsigned char *rgb, struct err *e);
