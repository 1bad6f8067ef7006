/* SPDX-License-Identifier: Apache-2.0 */
/* Prediction of image files: masks, and what else is asked for, into a folder. */
#ifndef PREDICT_FILES_H
#define PREDICT_FILES_H

#include <jansson.h>

#include "files/file.h"
#include "predict/predict.h"

/* One image that has been predicted. Files are called FOLDER/NAME... */
struct predicted {
    const char *folder, *name, *ending; /* ending: format_result_ending of the image */
    const struct image *image;
    const struct prediction *result;
    const struct labelling *labels; /* what the classes are called */
};
/* Called for every image when its files are written, to write more (an overlay). */
typedef att_status predicted_fn(void *user, const struct predicted *p, struct err *e);

struct predict_job {
    const struct model *models; /* that predict together, see predict.h */
    int nmodels;
    struct host *host;              /* with kernels */
    struct predict_options options; /* attention and probabilities are saved, too */
    const char *const *inputs;      /* files and folders, see predict_inputs.h */
    int count;
    const struct file_id
        *learnt; /* sorted: images that are known to have trained the models; NULL: none is */
    size_t nlearnt;
    float voxel[3];       /* mm that all voxels have, whatever the files say; 0: as they say */
    bool voxel_of_planes; /* it was given as height and width */
    bool held; /* it is of one image that a caller holds, who gives what size its voxels have */
    char axes[ORIENT_TEXT]; /* volumes are turned to these (orient.h); "": none is */
    const char *folder;     /* for the results; made if it is not there */
    predicted_fn *more;     /* may be NULL */
    void *user;
    const char *const
        *others; /* what `more` writes, as _overlay.png behind the name: for a dry run */
    int nothers;
};

/* Writes, for an image CASE.nii.gz: CASE.nii.gz, the mask on the image's grid; with `attention`
 * CASE_attention_GATE.nii.gz on the image's grid (PNG: 16 bit, 0..65535 for 0..1) and
 * CASE_attention_GATE_own.nii.gz on the gate's (of one slice its own slice alone); with
 * `probabilities` CASE_probability_K_NAME.nii.gz for every channel K; of a model of hard attention
 * CASE_tiles.json and CASE_tiles.nii.gz (predict_tiles.h). Of an image in another format the ending
 * is format_result_ending's. Files that are there are replaced, but never an input image, nor one
 * another (ATT_USAGE). Logs what an earlier prediction left beside a new mask.
 *
 * *rows becomes an array with one object per image: case, file, windows, passes, seconds, size
 * [d,h,w], classes {NAME: {voxels, volume_mm3}}, the volume (of one slice without a thickness
 * area_mm2) only where the file says how large voxels are; with post-processing dropped {NAME:
 * voxels}; of hard attention tiles (tiles_row). An image that is damaged, or too large for the
 * memory there is, does not end it: the others are predicted, and then it fails as the first of
 * such images did (predict_failures.h). Any other failure ends it at once, with the image named;
 * what was written stays. What costs time (several models, mirroring) and what is unlike training
 * (a 2D network on volumes, a 3D network on images of one slice) is said through the log. */
att_status predict_files(const struct predict_job *j, json_t **rows, struct err *e);

#endif
