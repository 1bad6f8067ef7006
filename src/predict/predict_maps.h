/* SPDX-License-Identifier: Apache-2.0 */
/* Attention maps of a whole image, collected window by window. */
#pragma once

#include "model/model.h"
#include "model/prepare.h"
#include "predict/predict.h"
#include "predict/predict_window.h"

/* Names of a network's gates. */
struct map_names {
    int count;
    char name[GRAPH_MAX_OUTPUTS][sizeof(((struct attention_map *)0)->name)];
};
att_status maps_list(const struct model *m, struct map_names *names, struct err *e);

struct map_sum {
    int value; /* of the graph */
    int stride[3];
    struct window_axis axis[3];
};

struct map_sums {
    int count;
    struct map_sum list[GRAPH_MAX_OUTPUTS];
};

/* Finds outputs "attention.NAME" and allocates out->maps on their own grids. size: image as the
 * network sees it. */
att_status maps_begin(struct map_sums *s, const struct graph *g, const int size[3],
    const int window[3], double overlap, struct prediction *out, struct err *e);
/* Adds the maps of window `index`, times `share`. */
void maps_add(const struct map_sums *s, const struct tensor *result, const int index[3],
    float share, struct prediction *out, struct pool *pool);
/* Resamples the maps to the image's grid; 0 outside the crop. */
att_status maps_end(const struct map_sums *s, const struct placed *where, const int window[3],
    struct prediction *out, struct pool *pool, struct err *e);
void maps_free(struct map_sums *s);
