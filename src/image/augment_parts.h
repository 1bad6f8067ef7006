/* SPDX-License-Identifier: Apache-2.0 */
/* Shared by augment.c's stages, which cut each unit into parts of about PART samples, by shape
 * only. */
#pragma once

#include "image/augment.h"

enum { PART = 8192, NODES_MOST = 8, REACH = 3 };

/* Marks patch voxels beyond the image; neither a class nor "ignore" (255). */
enum { BEYOND = 254 };

struct moments {
    double sum, squares, count;
    float low, high;
};

/* One map of one patch: a channel, or a slice of it. */
struct unit {
    const struct augment_job *job;
    int map, channel; /* channel: whose intensity changes it gets */
    /* [patch], shared by maps: voxels that are 0 in all of them; NULL: not kept */
    uint8_t *empty;
    bool *beyond;    /* some voxel is beyond the image; shared by maps */
    float *x, *free; /* its samples, and the buffer for a filter's output */
    float *home;     /* final place of the samples */
    double mean, deviation, new_mean, new_deviation; /* the new ones: after a gamma */
    float low, high;
};

/* Displacements of a patch's nodes in voxels: [axis][node d][node h][node w], one node along an
 * axis that does not bend. */
struct bending {
    int nodes[3];
    float at[3][NODES_MOST * NODES_MOST * NODES_MOST];
};

struct augment_work {
    int jobs, maps, slices, patch[3], threads; /* maps: channels * slices */
    size_t area;
    int flat_parts;          /* of PART samples */
    int rows, row_parts;     /* rows of a part, over all rows of the patch */
    int lines, plane_parts;  /* rows of a part within one plane */
    struct unit *units;      /* [jobs][maps] */
    struct bending *bend;    /* [jobs] */
    struct moments *moments; /* [unit][flat part] */
    bool *beyond;            /* [jobs] */
    bool *part_beyond;       /* [jobs][row_parts] */
    float *spare;            /* [jobs][maps][patch], or NULL */
    uint8_t *empty;          /* [jobs][patch], or NULL */
    float *own;              /* [threads][own_size]: a worker's memory */
    size_t own_size;
    int count;            /* units of this batch */
    struct unit **listed; /* units of the current stage */
    int listed_count;
    uint8_t outside;
};

/* A piece of work with its worker's memory. */
struct part {
    struct augment_work *w;
    struct unit *u;
    int number;
    float *own;
};
typedef void part_fn(const struct part *p);

static inline struct moments *moments_of(const struct augment_work *w, const struct unit *u)
{
    return w->moments + (size_t)(u - w->units) * (size_t)w->flat_parts;
}

/* augment_warp.c: handles all maps of a patch, u being the first; one of row_parts. */
part_fn augment_warp;
void augment_bend(struct bending *b, const struct augment *a, const int patch[3]);
size_t augment_warp_own(const int patch[3]); /* floats of worker memory */

/* augment_filter.c: x to free; one of plane_parts of some plane. */
part_fn augment_blur, augment_coarsen;
size_t augment_filter_own(const int patch[3], int lines);

/* augment_intensity.c: in place; one of flat_parts. The gammas also take the moments of their
 * result. */
part_fn augment_note_empty; /* reads all maps; u is the first */
part_fn augment_measure, augment_noise, augment_brighten, augment_contrast, augment_gamma,
    augment_gamma_inverted, augment_restore;
part_fn augment_cut_out; /* a whole unit */
/* copies samples to their final place, 0 beyond the image and where empty */
part_fn augment_finish;
part_fn augment_name_beyond;                                  /* labels beyond the image */
void augment_know(struct augment_work *w, struct unit *u);    /* merges the moments of the parts */
void augment_compare(struct augment_work *w, struct unit *u); /* the same, as the new ones */
