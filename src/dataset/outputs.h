/* SPDX-License-Identifier: Apache-2.0 */
/* Folders that attunet wrote, which somebody takes for a data set. */
#pragma once

#include <stdbool.h>

#include "base/status.h"

/* ATT_DATA if the folder is a run or a search. */
att_status outputs_refuse_run(const char *folder, struct err *e);
/* The same if a command listed all files that could be data as its own (claims.h), such as masks
 * and maps of predict. `any`, of a folder that is no data set: also for a part of a run, and
 * without images, such as reports. */
att_status outputs_refuse(const char *folder, bool any, struct err *e);
/* Of a folder to predict: ATT_DATA if 'attunet predict' wrote all its images. */
att_status outputs_refuse_predicted(const char *folder, struct err *e);
