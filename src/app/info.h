/* SPDX-License-Identifier: Apache-2.0 */
/* What things are, as JSON, for att_info.  Each reads PATH and returns a fresh object, or leaves
 * *json NULL on failure. */
#ifndef APP_INFO_H
#define APP_INFO_H

#include "app/call.h"
#include "dataset/dataset.h"
#include "graph/graph.h"
#include "model/model.h"

/* NULL when there is no memory. */
json_t *info_pack(const struct dataset *d);
att_status info_dataset(struct api_call *call, const char *path, json_t **json);
att_status info_model(struct api_call *call, const char *path, json_t **json);
att_status info_image(struct api_call *call, const char *path, json_t **json);
att_status info_run(struct api_call *call, const char *path, json_t **json);
att_status info_folds(struct api_call *call, const char *path, json_t **json);
/* Adds "stages" of a hard model's run: a list of {"name", "step", "steps", "finished"}, without
 * steps where one has not begun. */
att_status info_stages(const char *run, json_t *json, struct err *e);
/* Whether a folder holds a file of a run. */
bool info_has_run_file(const char *path);
/* The last complete row of a run's log; *json stays NULL when there is none. */
att_status info_last_row(const char *run, json_t **json, struct err *e);
/* The description of a loaded model, which begins with where it lies, if that is known; with the
 * option `shape`, its layers too. */
att_status info_describe(
    struct api_call *call, const struct model *m, const char *path, json_t **json);

/* The layer a node belongs to: its first parameter's name without the last word, or else the name
 * of the output it makes, or nothing. */
void info_layer_name(const struct graph *g, const struct node *n, char *name, size_t room);

#endif
