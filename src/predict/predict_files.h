/* SPDX-License-Identifier: Apache-2.0 */
/* Predicts image files into a folder: masks and other requested files. */
#pragma once

#include <jansson.h>

#include "dataset/dataset.h"
#include "files/file.h"
#include "predict/predict.h"

/* A predicted image. Its files are FOLDER/NAME... */
struct predicted {
    const char *folder, *name, *ending; /* format_result_ending of the image */
    const struct image *image;
    const struct prediction *result;
    const struct labelling *labels; /* class names */
    int *dicom;                     /* counts the DICOM files that `more` writes */
};
/* Called after an image's files are written, to write more (an overlay). */
typedef att_status predicted_fn(void *user, const struct predicted *p, struct err *e);
/* In a dry run: of which endings `more` can write no file for the image of this name. */
enum { PREDICT_OTHERS = 4 };
typedef att_status predicted_lacks_fn(
    void *user, const char *name, bool lacks[PREDICT_OTHERS], struct err *e);

struct predict_job {
    const struct model *models; /* predict together (predict.h) */
    int nmodels;
    struct host *host;              /* with kernels */
    struct predict_options options; /* attention is saved; probabilities and progress are ignored */
    bool probabilities, uncertainty; /* whether they are saved; uncertainty: the variance of the
                                      * options, else the entropy */
    const char *const *inputs;       /* files and folders (predict_inputs.h) */
    int count;
    const struct dataset_patterns *names; /* how images in folders are named, or NULL */
    const struct file_id *learnt;         /* sorted: images known as training images, or NULL */
    size_t nlearnt;
    const json_t *learnt_names; /* of training cases whose data set is gone, or NULL */
    float voxel[3];             /* mm, overrides headers; 0: as in the header */
    bool voxel_of_planes;       /* only height and width were set */
    bool in_memory;             /* an image in memory, with the caller's spacing */
    char axes[ORIENT_TEXT];     /* target axes of volumes (orient.h); "": none */
    const char *folder;         /* for results; created if missing */
    /* Make an image file before it is read, and end it after its results; NULL: all are there. */
    att_status (*fetch)(void *user, const char *path, struct err *e);
    void (*drop)(void *user, const char *path);
    void *fetcher;             /* their user */
    predicted_fn *more;        /* may be NULL */
    predicted_lacks_fn *lacks; /* NULL: `more` writes all */
    void *user;                /* of both */
    const char *const *others; /* endings that `more` writes, such as _overlay.png; for a dry run */
    int nothers;               /* at most PREDICT_OTHERS */
};

/* For an image CASE.nii.gz, writes the mask CASE.nii.gz on the image's grid and, if requested,
 * CASE_attention_GATE.nii.gz (PNG: 16 bit, 0..65535 for 0..1) and CASE_attention_GATE_own.nii.gz on
 * the gate's grid (a single slice: one slice of it), CASE_probability_K_NAME.nii.gz for each
 * channel K; with hard attention CASE_tiles.json and CASE_tiles.nii.gz (predict_tiles.h). Other
 * formats have the ending of format_result_ending. Replaces own files (files/claims.h), but never
 * an input or another result (ATT_USAGE); warns about older files beside a new mask. *rows: an
 * array with an object per image: case, file, windows, passes, seconds, size [d,h,w], classes
 * {NAME: {voxels, volume_mm3}} (area_mm2 for a slice without thickness; neither without a spacing);
 * with post-processing dropped {NAME: voxels}; with hard attention tiles (tiles_row). A damaged or
 * too large image does not stop the others (predict_failures.h); the call then fails with its
 * status. Any other failure stops at once and names the image; written files stay. The log lists
 * what costs time and what differs from training. */
att_status predict_files(const struct predict_job *j, json_t **rows, struct err *e);
