/* SPDX-License-Identifier: Apache-2.0 */
/* Predicts labels on an image's own grid: prepare, cut into overlapping windows, blend, resample
 * back. */
#pragma once

#include "base/host.h"
#include "dataset/scan.h"
#include "files/scratch.h"
#include "graph/run.h"
#include "image/box.h"
#include "image/image.h"
#include "model/prepare.h"
#include "policy/tiling.h"

struct predict_options {
    int window[3];  /* 0,0,0: the model's patch. Rounded up to the network's multiple; a smaller
                     * image shrinks it, except with instance norm, which needs the zero padding of
                     * training */
    double overlap; /* 0..0.9 of a window; nnU-Net has 0.5 */
    bool mirror[3]; /* d, h, w: average 2^axes mirrored passes */
    double
        work; /* multiply-adds; an image whose mirrored passes take more gets none. 0: no limit */
    bool attention;
    bool probabilities;
    bool logits;   /* leave the probabilities logits */
    bool variance; /* needs several passes: ATT_USAGE for one model without mirror images */
    bool progress; /* report windows to the host, if several */
    struct postprocess post; /* applied to the mask */
    double max_memory;       /* bytes for the process; 0: no limit. Cutting recomputes windows on
                              * borders */
    bool as_is;       /* do not resample to the voxel size of training (prepare_spacing_fit) */
    const char *conv; /* convolution kernel or NULL; copied */
    bool diverging;   /* logits that are not finite become background, not an error: a training may
                       * recover */
    /* For hard attention, instead of the model's own rule: a number of tiles; no tile that is
     * chosen first with less than `cost` times chance; multiply-adds at most `share` of the
     * cheapest dense prediction (0: no limit). ATT_USAGE with other models; hard attention refuses
     * has_overlap. */
    bool has_tiles, has_cost, has_overlap;
    int tiles;
    double cost, share;
};

/* Keeps the network for a window size, so that a series of images plans once. Predictors may share
 * a model. */
struct predictor;
att_status predictor_create(const struct model *m, const struct kernels *k, struct pool *pool,
    const struct predict_options *o, struct predictor **p, struct err *e);
/* Averages logits and maps window by window in list order. The models have one labelling and grid
 * (ensemble.h). Maps need identical networks (else ATT_USAGE). */
att_status predictor_create_several(const struct model *models, int count, const struct kernels *k,
    struct pool *pool, const struct predict_options *o, struct predictor **p, struct err *e);
/* Whether all options but probabilities are equal. */
bool predictor_has(const struct predictor *p, const struct predict_options *o);
void predictor_probabilities(struct predictor *p, bool wanted); /* for later predictions */
void predictor_free(struct predictor *p);                       /* may be NULL */

/* One gate's map, 0..1, on the image's grid and on its own coarser grid. Own voxel i is centred at
 * image voxel start + i * step. With padding, the own grid exceeds the image. */
struct attention_map {
    char name[48]; /* "gate.2", "Att4" */
    float *data;   /* [d][h][w] on the image's grid */
    int own[3];    /* for the whole image, rounded up */
    float *own_data;
    double start[3], step[3];
};

/* A tile that the fine network computed. */
struct chosen_tile {
    int tile;       /* index (policy/tiling.h) */
    struct box box; /* in image voxels */
    double score;   /* at the time of choice */
};
struct tile_report {
    struct tiling tiling;
    int count;
    struct chosen_tile *list; /* in order of choice */
    double macs, dense;       /* multiply-adds used, and of the cheapest dense prediction */
    int64_t peak;             /* bytes, of the process */
};

struct prediction {
    struct labelmap labels; /* values as in files; numbers, if the model predicts objects */
    int objects;
    uint8_t *classes;   /* class indices; for regions: index of the last one set + 1, 0 none */
    struct spool *mask; /* streamed images: holds `classes`; `classes` and labels.data are NULL */
    bool wide;          /* with `mask`: some labels exceed 255 */
    bool overflowed;    /* some logits are not finite */
    int64_t voxels[LABELLING_MAX]; /* per class, or per whole region */
    float *probability;            /* [channel][d][h][w] if requested, before post-processing */
    float *variance; /* [d][h][w] if requested, 0..1: of the probabilities over all passes of a
                      * voxel, weighted like their logits; 0 outside the crop */
    bool post;       /* post-processing ran */
    int64_t dropped[LABELLING_MAX]; /* voxels that it removed, per class */
    int channels;
    enum spacing_fit spacing; /* compared with training; FAR also if the models disagree */
    bool flattened;  /* normalising left almost no contrast in a channel (image_normalise) */
    float target[3]; /* SPACING_RESAMPLED: its target d, h, w in mm */
    struct attention_map *maps; /* if requested */
    int nmaps;
    struct tile_report *tiles; /* hard attention, else NULL */
    double work; /* multiply-adds of mirrored passes that `work` of the options left out; else 0 */
    int windows; /* computed; tiles may share one */
    int64_t passes; /* network runs: windows x models x mirror images */
    double seconds;
};

/* m: the image as loaded, not normalised. Copies its geometry to the labels. ATT_INTERRUPTED after
 * a stop of `host`, which may be NULL. */
att_status predict_image(struct predictor *p, const struct image *m, struct prediction *out,
    struct host *host, struct err *e);
/* The same; takes over m's samples to save memory. */
att_status predict_image_consume(
    struct predictor *p, struct image *m, struct prediction *out, struct host *host, struct err *e);
/* The same for an image streamed from its files (predict_estimate sets *stay). The mask and
 * temporaries are files in `folder`, gone with prediction_free or the process. Without maps,
 * probabilities and hard attention. */
att_status predict_scan(struct predictor *p, struct scan *scan, const char *folder,
    struct prediction *out, struct host *host, struct err *e);
/* How an image is read. */
struct predict_reading {
    int files;
    bool give;      /* predict_image_consume follows */
    double working; /* bytes of decoding besides buffers (scan_working) */
};
/* Checks the memory limit before loading (ATT_MEMORY). m has size and spacing but no samples.
 * *stay: whether streaming is possible; becomes whether it is needed, or computes fewer windows
 * twice. */
att_status predict_estimate(struct predictor *p, const struct image *m,
    const struct predict_reading *how, bool *stay, struct err *e);
/* Whether the model takes this size and number of channels; m has no samples. */
att_status predictor_fits(const struct predictor *p, const struct image *m, struct err *e);
void prediction_free(struct prediction *p);
