/* SPDX-License-Identifier: Apache-2.0 */
/* Compares attention maps with labels and with controls: random weights, image intensity, a prior
 * for the image centre. Also measures Dice after blanking voxels with high, low or unrelated
 * attention. docs/attention.md. */
#pragma once

#include <jansson.h>

#include "base/host.h"
#include "measure/map_measure.h"
#include "predict/predict.h"

enum attention_blank { BLANK_IMPORTANT, BLANK_UNIMPORTANT, BLANK_ELSEWHERE, BLANKS };

struct attention_options {
    double blank;  /* share of voxels to blank; 0: none */
    uint64_t seed; /* for random weights, and for areas elsewhere */
    struct predict_options predict;
};

struct attention_gate {
    char name[48];
    struct map_measure trained, random;
    double dice[BLANKS]; /* Dice with each area blanked */
    double lost[BLANKS]; /* Dice lost by blanking, for a case with both numbers */
};

struct attention_case {
    char *id;
    double dice; /* mean over the classes of the case or prediction */
    struct map_measure intensity, centre;
    struct attention_gate *gate; /* [gates] */
};

/* State of a gate over all images, from the means of its percentiles. */
enum gate_state {
    GATE_VARIES,
    GATE_OPEN,
    GATE_SHUT,
    GATE_FLAT,
    GATE_UNKNOWN /* all voxels are ignored */
};
extern const char *const gate_state_name[];
enum gate_state gate_state(const struct map_measure *mean);

struct attention {
    struct attention_options options;
    struct attention_case *list;
    int count, gates;
    struct attention_case mean; /* each over the cases that have the number; id NULL */
};

/* list: indices into d->cases, all labelled. ATT_USAGE for a network without gates. Frees *a on
 * failure. */
att_status attention_run(const struct model *m, const struct dataset *d, const int *list, int count,
    const struct attention_options *o, struct host *host, struct attention *a, struct err *e);
void attention_free(struct attention *a);
/* Measures two controls like maps: the image's first channel, and the prior for the centre. */
att_status attention_controls(const struct image *m, const uint8_t *classes,
    struct map_measure *intensity, struct map_measure *centre, struct err *e);

/* {"cases": [{"case", "dice", "intensity": MEASURES, "centre": MEASURES, "gates": [{"gate",
 * "trained": MEASURES, "random": MEASURES, "dice": {"important", "unimportant", "elsewhere"},
 * "lost": {the same}}, ...]}, ...], "mean": {the same, without "case"; each gate also has "state"},
 * "blank": 0.1, "seed": 1} with MEASURES = {"inside", "outside", "auc", "entropy", "p1", "p99"};
 * NaN is null; "dice" and "lost" of a gate need blanking. Each mean is over the cases that have its
 * number, so "lost" is not a difference of two means. */
json_t *attention_report(const struct attention *a);
/* Writes the report as attention.json, and attention.csv (a row per case, gate and weights; case
 * "mean" first), into an existing folder. */
att_status attention_write(
    const struct attention *a, json_t *report, const char *folder, struct err *e);
