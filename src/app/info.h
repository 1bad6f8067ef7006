/* SPDX-License-Identifier: Apache-2.0 */
/* Descriptions as JSON for att_info: each reads `path` into *json, which is NULL before and which
 * the caller frees even after a failure. */
#pragma once

#include "app/call.h"
#include "dataset/dataset.h"
#include "graph/graph.h"
#include "model/model.h"

/* NULL: out of memory. */
json_t *info_pack(const struct dataset *d);
/* {"case", "images", "labels", "group"}; NULL: out of memory. */
json_t *info_case(const struct data_case *c);
/* Adds to "validation_cases" of a run with these settings: {the same, "mask", "dice"} of each case
 * that its data set still has. */
void info_cases(const char *run, const json_t *settings, json_t *json);
/* Adds the files of each case, and how a search of names found them. */
void info_pairs(const struct dataset *d, json_t *json);
att_status info_dataset(struct app_call *call, const char *path, json_t **json);
att_status info_model(struct app_call *call, const char *path, json_t **json);
att_status info_image(struct app_call *call, const char *path, json_t **json);
att_status info_run(struct app_call *call, const char *path, json_t **json);
att_status info_folds(struct app_call *call, const char *path, json_t **json);
/* Adds "stages" of a hard-attention run: a list of {"name", "step", "steps", "finished"}, without
 * steps before a stage begins. */
att_status info_stages(const char *run, json_t *json, struct err *e);
/* Adds the command that continues a run, or those that use it, as "next". data: NULL without cases
 * to evaluate. */
void info_next(const char *run, bool finished, const char *data, json_t *json);
/* Whether a folder has a file of a run. */
bool info_has_run_file(const char *path);
/* Last complete row of a run's log; NULL without one. */
att_status info_last_row(const char *run, json_t **json, struct err *e);
/* Describes a model, with its path unless NULL and, with `shape`, its layers. */
att_status info_describe(
    struct app_call *call, const struct model *m, const char *path, json_t **json);

/* A node's layer: its first parameter's name without the last word, else its output's name, else
 * "". */
void info_layer_name(const struct graph *g, const struct node *n, char *name, size_t room);
