/* SPDX-License-Identifier: Apache-2.0 */
/* From an image to labels on its own grid: prepared, cut into overlapping windows, blended, brought
 * back. */
#ifndef PREDICT_PREDICT_H
#define PREDICT_PREDICT_H

#include "base/host.h"
#include "dataset/scan.h"
#include "files/scratch.h"
#include "graph/run.h"
#include "image/box.h"
#include "image/image.h"
#include "model/prepare.h"
#include "policy/tiling.h"

struct predict_options {
    int window[3];  /* 0,0,0: the model's patch; rounded up to the network's multiple. An image
                       smaller than the window uses its own size,  rounded up, but for networks with
                       instance norm, which see it as in training, amid zeros */
    double overlap; /* 0..0.9 of a window; 0.5 is nnU-Net's */
    bool mirror[3]; /* every window also mirrored along these axes, d, h, w: 2^axes passes, turned
                       back and averaged */
    bool attention; /* collect the gates' maps */
    bool probabilities;      /* collect probabilities */
    bool progress;           /* report every window through the log, where there are several */
    struct postprocess post; /* what to take away from the mask */
    double max_memory; /* bytes that the process may hold; 0: no limit. Windows that reach into two
                          parts are computed twice to keep it */
    bool as_is;        /* images of other voxels than those that trained are not brought to these
                          (prepare_strays) */
    const char *conv;  /* implementation of convolutions, or NULL; copied */
    bool diverging; /* of a training, which may yet mend itself: logits that are no finite numbers
                       are background, not an error */
    /* Of a model of hard attention, in the place of what it says itself: so many tiles; none whose
     * probability of being chosen first is less than `cost` times what it would be by chance; as
     * many as keep its multiply-adds within `share` times those of the cheapest dense prediction
     * (0: no such limit). Other models refuse all three; these refuse an overlap that was given. */
    bool tiles_given, cost_given, overlap_given;
    int tiles;
    double cost, share;
};

/* Holds the network for a window size, so that a series of images of one size plans once. Several
 * predictors may share a model. */
struct predictor;
att_status predictor_create(const struct model *m, const struct kernels *k, struct pool *pool,
    const struct predict_options *o, struct predictor **p, struct err *e);
/* Models that predict together, of one labelling and target grid (ensemble.h): their logits and
 * maps are averaged, window by window, in the order of the list. Maps can be had of networks that
 * are alike only: else ATT_USAGE. */
att_status predictor_create_several(const struct model *models, int count, const struct kernels *k,
    struct pool *pool, const struct predict_options *o, struct predictor **p, struct err *e);
/* Whether it was made with these options, whatever they say of probabilities. */
bool predictor_has(const struct predictor *p, const struct predict_options *o);
void predictor_probabilities(struct predictor *p, bool wanted); /* of the predictions to come */
void predictor_free(struct predictor *p);                       /* NULL is fine */

/* One gate's map, on the image's grid and on its own coarser one. Values 0..1. Voxel i of its own
 * grid has its centre at voxel start + i * step of the image; where the image was padded, its own
 * grid is larger than the image. */
struct attention_map {
    char name[48]; /* as the network calls it: "gate.2", "Att4" */
    float *data;   /* [d][h][w] on the image's grid */
    int own[3];    /* the map's own size for the whole image, rounded up */
    float *own_data;
    double start[3], step[3];
};

/* A tile that a model of hard attention looked at. */
struct looked_at {
    int tile;       /* its number on the network's grid (policy/tiling.h) */
    struct box box; /* voxels of the image */
    double score;   /* when it was chosen */
};
struct tile_report {
    struct tiling tiling;
    int count;
    struct looked_at *list; /* in the order of choice */
    double macs, dense; /* multiply-adds that were done, and of the cheapest dense prediction by the
                           fine network */
    int64_t peak;       /* bytes that the process has held at most, when the prediction was done */
};

struct prediction {
    struct labelmap labels; /* values as in the data set's files */
    uint8_t *classes; /* the same as class indices; for regions: index of the last region set + 1, 0
                         none */
    struct spool *mask; /* of an image that stayed in its files: what else were `classes`; these and
                           the labels' data are NULL then */
    bool wide;          /* and whether some of its labels are above 255 */
    bool overflowed;    /* some logits are no finite numbers */
    int64_t
        voxels[LABELLING_MAX]; /* of each channel's class, or of its whole region, in the mask */
    float *probability; /* [channel][d][h][w], when asked for; post-processing leaves them alone */
    bool post;          /* post-processing was asked for: */
    int64_t dropped[LABELLING_MAX]; /* what it took away, voxels of each class of the labelling */
    int channels;
    enum stray stray; /* how its voxels compare with those that trained; LEFT, too, where the models
                         learnt from different ones */
    bool flattened; /* normalising made next to nothing of what a channel shows (image_normalise) */
    float brought[3];           /* BROUGHT: to these, d, h, w in mm */
    struct attention_map *maps; /* when asked for */
    int nmaps;
    struct tile_report *tiles; /* of a model of hard attention, else NULL */
    int windows;    /* how many were computed; of hard attention fewer than tiles where these share
                       them */
    int64_t passes; /* of a network over a window: of every model, of every mirror image */
    double seconds;
};

/* `m` is the image as loaded (not normalised). Geometry is copied to the labels. host->stop ends it
 * with ATT_INTERRUPTED. `host` may be NULL.
 */
att_status predict_image(struct predictor *p, const struct image *m, struct prediction *out,
    struct host *host, struct err *e);
/* The same, and m's samples are given away: they take no memory beside the prepared image. */
att_status predict_image_given(
    struct predictor *p, struct image *m, struct prediction *out, struct host *host, struct err *e);
/* The same of an image that stays in its files (ATT_OK of predict_foresee, *stay). The mask stays
 * in a file, too: in `folder`, as all temporaries, which are gone with the process or with
 * prediction_free. No maps, no probabilities, no model of hard attention. */
att_status predict_scan(struct predictor *p, struct scan *scan, const char *folder,
    struct prediction *out, struct host *host, struct err *e);
/* How an image will be read. */
struct predict_reading {
    int files;
    bool give;      /* predict_image_given will follow */
    double working; /* bytes that decoding it holds, beside buffers (scan_working) */
};
/* Before it is loaded: ATT_MEMORY when that alone would break the limit. m knows its size and
 * spacing, and has no samples. *stay: whether it may stay in its files; becomes whether it has to,
 * or should, since fewer windows are computed twice then. */
att_status predict_estimate(struct predictor *p, const struct image *m,
    const struct predict_reading *how, bool *stay, struct err *e);
/* Whether the model takes an image of these channels and this size; it has no samples yet. */
att_status predictor_fits(const struct predictor *p, const struct image *m, struct err *e);
void prediction_free(struct prediction *p);

#endif
