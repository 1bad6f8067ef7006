/* SPDX-License-Identifier: Apache-2.0 */
/* What is taken away from a predicted mask by its shape alone. It is chosen on validation cases
 * (measure/choose_post.h), kept with the model, and applied to what the model predicts. */
#ifndef MODEL_POSTPROCESS_H
#define MODEL_POSTPROCESS_H

#include "dataset/labelling.h"
#include "image/drop.h"

/* In this order. Components are connected by faces, edges and corners; what goes becomes
 * background; of equally large ones the first in scan order stays. All 0: nothing is done. */
struct postprocess {
    bool all_foreground;      /* of all foreground together only the largest component stays */
    struct class_set largest; /* classes of which only the largest component stays */
    int64_t smallest[LABELLING_MAX]; /* components of a class with fewer voxels go */
};

bool postprocess_any(const struct postprocess *p); /* whether anything is to be done */
bool postprocess_same(const struct postprocess *a, const struct postprocess *b);

/* classes: [d][h][w], indices of the labelling's classes (labelling_class of the values that are
 * written, with regions, too). */
att_status postprocess_apply(
    const struct postprocess *p, uint8_t *classes, const int size[3], struct err *e);

/* The same of a mask in memory or in a file, with values that stand for classes: class_of. `most`:
 * bytes it may take (drop.h). */
att_status postprocess_planes(const struct postprocess *p, const uint8_t class_of[256],
    const struct drop_planes *planes, double max, struct err *e);

/* {"all_foreground": true, "classes": [{"class": 2, "name": "tumour", "largest": true, "smallest":
 * 40}, ...]}, with the values of files as numbers of classes and nothing that is not done; NULL
 * when there is no memory. */
json_t *postprocess_to_json(const struct postprocess *p, const struct labelling *l);
/* The inverse; what does not fit the labelling is ATT_MODEL. `path` names the file in sentences. */
att_status postprocess_from_json(const json_t *j, const struct labelling *l, const char *path,
    struct postprocess *p, struct err *e);
/* Of a file, such as what `evaluate --choose-postprocess` writes. */
att_status postprocess_read(
    const char *path, const struct labelling *l, struct postprocess *p, struct err *e);

#endif
