/* SPDX-License-Identifier: Apache-2.0 */
/* plans.json and dataset.json in the folder of a model that nnU-Net v2 trained. */
#pragma once

#include "model/model.h"

#define NNUNET_PLANS "plans.json"
#define NNUNET_CHECKPOINT "checkpoint_final.pth" /* in each fold's folder */
#define NNUNET_WEIGHTS "network_weights."        /* prefix of parameters in it */
bool nnunet_is_model(const char *path);          /* true for such a folder */
/* ATT_MODEL: only attunet convert reads such a folder. */
att_status nnunet_refuse_model(const char *path, struct err *e);

/* Set m->spec, m->prep, m->labels and the `order` for weights_load, since nnU-Net may have permuted
 * axes. path: plans.json or its folder. configuration: "2d", "3d_fullres", ...; NULL: the only one,
 * or the one in the folder's name (nnUNetTrainer__nnUNetPlans__3d_fullres). ATT_DATA for a missing
 * file or invalid entry, ATT_USAGE for a missing or ambiguous configuration, ATT_MODEL for
 * unsupported features. */
att_status nnunet_plans_read(
    const char *path, const char *configuration, struct model *m, int order[3], struct err *e);
