/* SPDX-License-Identifier: Apache-2.0 */
/* Messages during prediction, most of them once. */
#pragma once

#include "dataset/dataset.h"
#include "predict/predict_files.h"

struct case_count {
    int count;
    char first[256];
};

/* Totals, and which messages were printed. */
struct notices {
    int64_t windows, passes;
    double seconds;
    bool dims[2]; /* [0]: slice for a 3D network; [1]: volume for a 2D one */
    bool turned, oblique;
    bool unknown;                     /* no voxel size, though the model has one */
    struct case_count resampled, far; /* voxels unlike training: resampled; not resampled */
    struct case_count flattened;      /* by normalising */
    struct case_count large;          /* not mirrored */
    bool poor, sure;                  /* `share` too small for a tile; `cost` leaves at most one */
    bool covered, dear, few; /* a tile covers the image; tiles cost more than dense; fewer tiles
                              * than asked */
};

/* Logs how many inputs are known training images, or may be by their names. */
void say_learnt(const struct predict_job *j, const struct dataset *d);
/* Before the first image is predicted: logs the passes per window if above one. */
void say_plan(const struct predict_job *j);
/* After each image: differences from training, post-processing, useless tiles. */
void say_case(const struct predict_job *j, const char *name, const struct image *m,
    const struct prediction *r, struct notices *c);
/* The same for an image in memory; returns ATT_DOUBT_... flags. */
int say_in_memory(const struct predict_job *j, const char *name, const struct image *m,
    const struct prediction *r);
/* Logs a voxel size unlike the first model's; returns whether it is. spacing_set: the caller set
 * the spacing. */
bool say_spacing(struct host *host, const char *name, const struct model *model, bool spacing_set,
    const struct prediction *r);
/* After the last: total passes, and counts of unusual images. */
void say_cost(const struct predict_job *j, const struct notices *c);
