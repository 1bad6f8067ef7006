/* SPDX-License-Identifier: Apache-2.0 */
/* Requests and answers of the Open Inference Protocol (KServe v2), REST, with the binary tensor
 * extension: one input "image", outputs "labels", "probabilities" and "attention_GATE". */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "attunet.h"
#include "bytes.h"

enum { DOUBTS = 64, INFER_OUTPUTS = 64, INFER_NAME = 80, INFER_ERROR = 320, INFER_RANK = 5 };
/* JSON takes ten times its size as values, so large tensors must be binary. */
enum { INFER_JSON = 16 << 20 };

struct infer_output {
    char name[INFER_NAME];
    bool binary;
    /* The answer, of free(): one of both. */
    uint16_t *labels;
    float *values;
    size_t count, channels; /* samples; channels 0: none */
};

struct infer {
    json_t *root; /* the request */
    att_image image;
    double affine[12];
    float *own;           /* the samples, where they are not those of the body */
    int rank;             /* of the input: 5 [1, c, d, h, w], 4 [c, d, h, w], 3 [c, h, w] */
    bool attention;       /* some maps are wanted */
    bool all, all_binary; /* maps of all gates */
    struct infer_output outputs[INFER_OUTPUTS];
    int count;
    /* For a callback, which cannot fail otherwise. */
    bool lost;
};

/* Reads a request whose JSON is the first `json` bytes of the body.  max_samples: of the image.
 * False: `error` says why.  End with infer_free in both cases. */
bool infer_read(struct infer *r, const char *body, size_t size, size_t json, int channels,
    size_t max_samples, char error[INFER_ERROR]);
/* Memory for the outputs that att_model_run fills; false: none. */
bool infer_prepare(struct infer *r, int classes, att_result *result);
/* Of an output that no map came for: its name; NULL: all are there. */
const char *infer_missing(const struct infer *r);
/* The answer's JSON; binary outputs follow it in their order. */
bool infer_write(const struct infer *r, const char *model, const char *version,
    const att_result *result, struct text *json);
size_t infer_bytes(const struct infer_output *o);
const void *infer_data(const struct infer_output *o);
/* att_doubt bits as words, such as "brought,flat". */
void infer_doubts(int doubts, char words[DOUBTS]);
void infer_add_doubt(const char *word, char words[DOUBTS]);
/* Frees the request, but not the outputs. */
void infer_drop_input(struct infer *r);
void infer_free(struct infer *r);
