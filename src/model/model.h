/* SPDX-License-Identifier: Apache-2.0 */
/* A model: spec, weights, and how images become its input and its output labels again.  One
 * safetensors file holds all of it. */
#ifndef MODEL_MODEL_H
#define MODEL_MODEL_H

#include "arch/arch.h"
#include "arch/objective.h"
#include "dataset/dataset.h"
#include "image/normalise.h"
#include "model/postprocess.h"
#include "model/weights.h"

/* How an image becomes input: normalised, brought to another grid where `spacing` or `resize` (not
 * both) says so, averaged over blocks of `shrink`, cut into windows of `patch`. With `spacing`,
 * `nonzero` or `crop` only the box around what is not zero is taken. */
enum { PREPARATION_SHRINK = 64 }; /* the longest side of a block */
struct preparation {
    struct normalise normalise[DATASET_CHANNELS]; /* one per channel */
    int resize[3]; /* d, h, w that every image is brought to; 0,0,0: none */
    double
        spacing[3]; /* d, h, w in mm that every image is brought to; 0: this axis keeps its own */
    int shrink[3];  /* d, h, w of blocks of that grid's voxels that become one; 0,0,0: none */
    char axes[ORIENT_TEXT]; /* volumes are turned to these first (orient.h); "": they stay as they
                               are stored */
    double trained[3];      /* d, h, w in mm of the images that trained, where all have one; 0: none
                               (prepare_strays) */
    bool crop;              /* see above */
    bool nonzero; /* "zscore" of the voxels that are not zero or are enclosed by such, the rest 0 */
    int patch[3]; /* window of training and prediction; multiples of the network's stride on its
                     axes */
    int channels;
    char channel_name[DATASET_CHANNELS][LABELLING_NAME];
};

struct model {
    struct spec spec;
    struct arch_facts facts;
    struct params params;
    struct preparation prep;
    struct labelling labels;
    struct postprocess
        post;           /* of what it predicts; nothing unless validation has shown that it helps */
    double temperature; /* what a policy's scores are divided by where they stand for probabilities
                           (policy/temperature.h); 0: nothing */
    json_t *history;    /* how it was trained, for people: an object, or NULL */
};

/* A new model with parameters initialised from the seed. prep and labels are copied. Spec's in,
 * classes and dims must fit them. */
att_status model_create(const struct spec *spec, const struct preparation *prep,
    const struct labelling *labels, uint64_t seed, struct model *m, struct err *e);
/* In the metadata of its file: weights_hash(), as 16 digits. */
#define MODEL_HASH "weights_hash"
/* A model file, or a run folder's model.safetensors. Weights that are not those that were written
 * are ATT_MODEL. */
att_status model_load(const char *path, struct model *m, struct err *e);
att_status model_save(const struct model *m, const char *path, struct err *e);
void model_free(struct model *m);

/* The JSON of spec, preparation, labels, post-processing and history, as it stands in
 * __metadata__["attunet"]; checkpoints carry the same.
 */
json_t *model_to_json(const struct model *m);
/* Its part that says how images are prepared: {"channels", "resize", "patch", ...}; and read again,
 * where what is wrong is ATT_MODEL. */
json_t *preparation_to_json(const struct preparation *p);
att_status preparation_from_json(
    const json_t *j, const char *path, struct preparation *p, struct err *e);
/* The inverse: everything but the weights, which stay unallocated. `json` is the text. */
att_status model_from_json(const char *json, const char *path, struct model *m, struct err *e);

/* After spec, preparation and labels are set: checks that they fit each other and makes the
 * parameter list. A model of hard attention gets its fine network's window as the patch. */
att_status model_prepare(struct model *m, struct err *e);

/* Whether it learnt from volumes as they are stored, since their headers were not believed
 * (--orientation none). */
bool model_unturned(const struct model *m);

/* What the logits' channels stand for, for an objective. */
void model_target(const struct model *m, struct target *t);

/* The network for n windows of `size` (d, h, w) on an initialised graph. */
att_status model_build(
    const struct model *m, struct graph *g, int n, const int size[3], int *input, struct err *e);
/* One part (enum arch_part) of a model of arch=hard or arch=glimpse. */
enum { MODEL_WHOLE = -1 };
att_status model_build_part(const struct model *m, int part, struct graph *g, int n,
    const int size[3], int *input, struct err *e);

#endif
