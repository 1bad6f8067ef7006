/* SPDX-License-Identifier: Apache-2.0 */
/* What things are, as JSON, for att_info.  Each reads PATH and returns a fresh object, or leaves *json NULL on failure. */
#ifndef API_INFO_H
#define API_INFO_H

#include "api/api.h"
#include "graph/graph.h"
#include "model/model.h"

att_status info_dataset(struct api_call *call, const char *path, json_t **json);
att_status info_model(struct api_call *call, const char *path, json_t **json);
att_status info_folds(struct api_call *call, const char *path, json_t **json);
/* The description of a loaded model; with the option `shape`, its layers too. */
att_status info_describe(struct api_call *call, const struct model *m, json_t **json);

/* The layer a node belongs to: its first parameter's name without the last word, or else the name of the output it makes, or nothing. */
void info_layer_name(const struct graph *g, const struct node *n, char *name, size_t room);

#endif
