/* SPDX-License-Identifier: Apache-2.0 */
/* A model: spec, weights, preparation of images, and meaning of labels, in one safetensors file. */
#pragma once

#include "arch/arch.h"
#include "arch/objective.h"
#include "dataset/dataset.h"
#include "image/normalise.h"
#include "model/postprocess.h"
#include "model/weights.h"

/* Preparation of input: normalise, resample to `spacing` or `resize` (not both), average blocks of
 * `shrink`, cut into windows of `patch`. With `spacing`, `nonzero` or `crop`, first crop to the
 * box of non-zero voxels. */
enum { PREPARATION_SHRINK = 64 }; /* the longest side of a block */
struct preparation {
    struct normalise normalise[DATASET_CHANNELS]; /* one per channel */
    int resize[3];                                /* common d, h, w; 0,0,0: none */
    double spacing[3];      /* common d, h, w in mm; 0: this axis keeps its own */
    int shrink[3];          /* d, h, w of averaged blocks of that grid; 0,0,0: none */
    char axes[ORIENT_TEXT]; /* turn volumes to these first (orient.h); "": do not turn */
    double
        trained[3]; /* common d, h, w in mm of the training images; 0: none (prepare_spacing_fit) */
    bool crop;      /* see above */
    bool nonzero;   /* "zscore" over non-zero voxels and the holes between them, 0 elsewhere */
    int patch[3];   /* window of training and prediction; multiples of the network's strides */
    int channels;
    char channel_name[DATASET_CHANNELS][LABELLING_NAME];
};

struct model {
    struct spec spec;
    struct arch_facts facts;
    struct params params;
    struct preparation prep;
    struct labelling labels;
    struct postprocess post; /* empty unless validation has shown a gain */
    /* divides a policy's scores to give probabilities (policy/temperature.h); 0: not fitted */
    double temperature;
    double logit_temperature; /* divides logits to give probabilities; 0: not fitted */
    json_t *history;          /* how it was trained: an object, or NULL */
};

/* A new model with parameters initialised from the seed and copies of prep and labels, which must
 * fit in, classes and dims of the spec. */
att_status model_create(const struct spec *spec, const struct preparation *prep,
    const struct labelling *labels, uint64_t seed, struct model *m, struct err *e);
/* Metadata key: weights_hash() as 16 digits. */
#define MODEL_HASH "weights_hash"
/* Metadata key: the hash of the text under "attunet", as 16 digits. */
#define MODEL_ABOUT_HASH "description_hash"
/* Load a model file, or a run folder's model.safetensors. ATT_MODEL if the weights or the
 * description do not match their hash. */
att_status model_load(const char *path, struct model *m, struct err *e);
att_status model_save(const struct model *m, const char *path, struct err *e);
void model_free(struct model *m);

/* Spec, preparation, labels, post-processing and history, as in __metadata__["attunet"] and
 * checkpoints. */
json_t *model_to_json(const struct model *m);
/* The preparation: {"channels", "resize", "patch", ...}; reading it, errors are ATT_MODEL. */
json_t *preparation_to_json(const struct preparation *p);
att_status preparation_from_json(
    const json_t *j, const char *path, struct preparation *p, struct err *e);
/* The inverse: all but the weights, which stay unallocated. `json` is text. */
att_status model_from_json(const char *json, const char *path, struct model *m, struct err *e);

/* Check that spec, preparation and labels fit and make the parameter list. A model of hard
 * attention gets its fine network's window as the patch. */
att_status model_prepare(struct model *m, struct err *e);

/* True if it was trained on volumes as stored (orientation none). */
bool model_keeps_axes(const struct model *m);

/* Meaning of the logits' channels, for an objective. */
void model_target(const struct model *m, struct target *t);

/* Build the network for n windows of `size` (d, h, w) in an initialised graph. */
att_status model_build(
    const struct model *m, struct graph *g, int n, const int size[3], int *input, struct err *e);
/* Build one part (enum arch_part) of a model of arch=hard or arch=glimpse. */
enum { MODEL_WHOLE = -1 };
att_status model_build_part(const struct model *m, int part, struct graph *g, int n,
    const int size[3], int *input, struct err *e);
