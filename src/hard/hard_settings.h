/* SPDX-License-Identifier: Apache-2.0 */
/* What says how a hard model is trained beyond its two nets: the flags of `train` that are called
 * shares, policy-... and joint-... */
#pragma once

#include <jansson.h>

#include "base/options.h"
#include "policy/reinforce.h"

enum hard_stage { HARD_COARSE, HARD_FINE, HARD_POLICY, HARD_JOINT, HARD_STAGES };

struct hard_settings {
    double seconds[HARD_STAGES]; /* of every stage; all 0: steps were given */
    int64_t coarse_steps, policy_steps, joint_steps;
    int samples, batch,
        views; /* draws of tiles in an image, images in a step of the policy, views of a case */
    struct reinforce reinforce;
    double cost, policy_lr, joint_rate;
};

/* Settings that were not given are chosen here; steps that were not given are 0. */
att_status hard_settings_read(const struct options *o, struct hard_settings *s, struct err *e);
/* Whether this option is one of these settings. */
bool hard_settings_has(const char *name);
/* ATT_USAGE where one of them is given for another kind of network. */
att_status hard_settings_refuse(const struct options *o, struct err *e);
/* Into an object of settings, under the flags' names. */
void hard_settings_to_json(const struct options *o, json_t *settings);
