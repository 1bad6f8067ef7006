/* SPDX-License-Identifier: Apache-2.0 */
/* What nnU-Net v2 says of a network that it trained: plans.json, and the dataset.json beside it, in
 * the folder of the trained model. */
#ifndef MODEL_NNUNET_PLANS_H
#define MODEL_NNUNET_PLANS_H

#include "model/model.h"

/* Its files: in the folder of a trained model, and in that of each fold. */
#define NNUNET_PLANS "plans.json"
#define NNUNET_CHECKPOINT "checkpoint_final.pth"
#define NNUNET_WEIGHTS "network_weights." /* before the names of parameters in its checkpoints */
/* Whether a path is a folder of such a model, and the sentence for those who take it for something
 * else: ATT_MODEL. */
bool nnunet_is_model(const char *path);
att_status nnunet_refuse_model(const char *path, struct err *e);

/* Sets m->spec, m->prep and m->labels, and `order` to what weights_load needs: nnU-Net may have
 * exchanged the axes of images.  `path`: a plans.json, or its folder. `configuration`: "2d",
 * "3d_fullres", ...; NULL: the only one, or that which the folder is named after
 * (nnUNetTrainer__nnUNetPlans__3d_fullres).  What is not there or makes no sense is ATT_DATA, a
 * configuration that is not there, or none of several, ATT_USAGE, what attunet does not do as
 * nnU-Net does, ATT_MODEL. */
att_status nnunet_plans_read(
    const char *path, const char *configuration, struct model *m, int order[3], struct err *e);

#endif
