/* SPDX-License-Identifier: Apache-2.0 */
/* The models that a server offers, by name and version.  No answer holds a path of them. */
#pragma once

#include <jansson.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "attunet.h"
#include "queue.h"

enum { MODEL_NAME = 64 };
struct served {
    char name[MODEL_NAME], version[12];
    att_model *model;
    int in, out;    /* channels */
    bool flat;      /* a network of 2D images */
    bool regions;   /* its channels are regions, each with a probability of its own */
    json_t *labels; /* [{"name", "value"}, ...], as the model has them */
    char *path;     /* of this host: in no answer */
    char *modality; /* of DICOM series in training, such as "CT,MR"; NULL: unknown */
    char *about;    /* JSON: labels, spec, orientation */
};
struct models {
    struct served list[QUEUE_MODELS];
    atomic_int count; /* one thread adds, others read */
};

/* A word is [NAME=]PATH; a name that is there already gets the next version. Failed: `error`. */
att_status models_add(struct models *m, att_context *c, const char *word, char error[512]);
/* The same of a path, with a name that no other model has. */
att_status models_add_path(struct models *m, att_context *c, const char *path, char error[512]);
int models_count(const struct models *m);
/* version NULL: the latest.  name NULL: the only model, or NULL.  NULL: there is none. */
const struct served *models_find(const struct models *m, const char *name, const char *version);
void models_free(struct models *m);
