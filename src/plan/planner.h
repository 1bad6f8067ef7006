/* SPDX-License-Identifier: Apache-2.0 */
/* What to train on, decided from a fingerprint: the grid, 2D or 3D, patch, batch, levels.  The
 * rules are nnU-Net's (Isensee et al., Nature Methods 18, 203-211) fitted to what a CPU can do in
 * the time there is; docs/plan.md states them and where they differ. */
#pragma once

#include "arch/spec.h"
#include "dataset/fingerprint.h"

/* Adds a sentence under a setting's name; `why` may be NULL. */
void planner_because(json_t *why, const char *setting, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The network's dimensions: 2, or 3 for volumes of enough slices. */
int planner_dims(const struct fingerprint *f, json_t *why);

/* Whether the zeros around the images are taken out of the statistics. */
bool planner_nonzero(const struct fingerprint *f, json_t *why);

/* "ct", "zscore", ... of every channel, one word when all agree. */
void planner_normalise(const struct fingerprint *f, char *text, size_t room, json_t *why);

/* The grid that every image is brought to. */
struct planner_grid {
    double spacing[3]; /* mm; all 0: images keep their grid, or `resize` */
    int resize[3];     /* all 0: none */
    int shrink[3];     /* blocks of that that become one voxel; all 0: none */
};
/* `batch` patches a step, `seconds` for the run. */
void planner_grid(const struct fingerprint *f, int dims, int batch, double seconds,
    struct planner_grid *g, json_t *why);
/* What images are on a grid: the median size of each axis, and how far apart voxels are along each
 * (1, 1, 1 where nothing is known). */
struct planner_view {
    int size[3];
    double mm[3];
};
void planner_look(const struct fingerprint *f, const struct planner_grid *g, bool nonzero,
    struct planner_view *v);

/* Levels of down-sampling; the stride to each next level and the kernel of each level. */
struct planner_levels {
    int count, stride[SPEC_LEVELS][3], kernel[SPEC_LEVELS][3];
    bool plain; /* all strides 2, all kernels 3 */
};
void planner_levels(const int size[3], const double mm[3], int dims, struct planner_levels *l);

enum {
    PLANNER_BATCH_2D = 8,
    PLANNER_BATCH_3D = 2
}; /* usual ones, for which grids are chosen, too */
int planner_batch(const struct fingerprint *f, int dims, const struct planner_view *v, json_t *why);

/* The patch, and the levels that fit it. */
void planner_patch(const struct planner_view *v, int dims, int batch, double seconds, int patch[3],
    struct planner_levels *l, json_t *why);
/* The patch for a network whose sizes must be multiples. */
void planner_patch_for(const struct planner_view *v, int dims, int batch, double seconds,
    const int multiple[3], int patch[3], json_t *why);
