/* SPDX-License-Identifier: Apache-2.0 */
/* What nnU-Net v2 says of a network that it trained: plans.json, and the dataset.json beside it, in the folder of the trained model. */
#ifndef MODEL_NNUNET_PLANS_H
#define MODEL_NNUNET_PLANS_H

#include "model/model.h"

#define NNUNET_WEIGHTS "network_weights." /* before the names of parameters in its checkpoints */

/* Sets m->spec, m->prep and m->labels, and `order` to what weights_load needs: nnU-Net may have exchanged the axes of images.  `path`: a
 * plans.json, or its folder. `configuration`: "2d", "3d_fullres", ...; NULL: the only one, or that which the folder is named after
 * (nnUNetTrainer__nnUNetPlans__3d_fullres).  What is not there or makes no sense is ATT_DATA, what attunet does not do as nnU-Net does,
 * ATT_MODEL. */
att_status nnunet_plans_read(const char *path, const char *configuration, struct model *m, int order[3], struct err *e);

#endif
