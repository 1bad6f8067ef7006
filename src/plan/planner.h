/* SPDX-License-Identifier: Apache-2.0 */
/* Plans grid, dimensions, patch, batch and levels from a fingerprint. The rules are nnU-Net's
 * (Isensee et al., Nature Methods 18, 203-211), adapted to limited CPU time; docs/plan.md has them
 * and the differences. */
#pragma once

#include "arch/spec.h"
#include "dataset/fingerprint.h"

/* Adds a reason under a setting's name; `why` may be NULL. */
void planner_explain(json_t *why, const char *setting, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* 2, or 3 for volumes with enough slices. */
int planner_dims(const struct fingerprint *f, json_t *why);

/* True if a 2D network on slices learns more than a 3D network that makes only `steps`. */
bool planner_slices(const struct fingerprint *f, double steps, json_t *why);

/* True if normalisation should ignore zeros around the images. */
bool planner_nonzero(const struct fingerprint *f, json_t *why);

/* The scheme of every channel ("ct", "zscore", ...), or one word for all. */
void planner_normalise(const struct fingerprint *f, char *text, size_t room, json_t *why);

/* What a run affords. */
struct planner_time {
    double seconds, speed; /* of the run; million voxels a second that steps train on */
};
/* Two cores with AVX-512 on 2 patches of 40x56x40 and a 3D network of widths 16 to 128; much the
 * same for 2D networks of widths 16 to 256. For runs of a given number of steps, whose plan must
 * not depend on the machine. */
#define PLANNER_SPEED 1.35

/* The grid that images are resampled to. */
struct planner_grid {
    double spacing[3]; /* mm; all 0: images keep their grid, or `resize` */
    int resize[3];     /* all 0: none */
    int shrink[3];     /* blocks averaged to one voxel afterwards; all 0: none */
};
/* For `batch` patches per step. */
void planner_grid(const struct fingerprint *f, int dims, int batch, struct planner_time time,
    struct planner_grid *g, json_t *why);
/* Images on a grid: median size and voxel size of each axis (1, 1, 1 if unknown). */
struct planner_view {
    int size[3];
    double mm[3];
    bool slices; /* a 2D network cuts patches from slices of volumes; set by the caller */
};
void planner_apply_grid(const struct fingerprint *f, const struct planner_grid *g, bool nonzero,
    struct planner_view *v);

/* Levels of down-sampling: the stride to each next level, and the kernel of each level. */
struct planner_levels {
    int count, stride[SPEC_LEVELS][3], kernel[SPEC_LEVELS][3];
    bool plain; /* all strides 2, all kernels 3 */
};
void planner_levels(const int size[3], const double mm[3], int dims, struct planner_levels *l);

enum { PLANNER_BATCH_2D = 8, PLANNER_BATCH_3D = 2 }; /* defaults, also for planning grids */
int planner_batch(const struct fingerprint *f, int dims, const struct planner_view *v, json_t *why);

/* The patch, and levels that fit it; without levels (l NULL), for a network whose sizes must be
 * multiples. */
void planner_patch(const struct planner_view *v, int dims, int batch, struct planner_time time,
    const int *multiple, int patch[3], struct planner_levels *l, json_t *why);
