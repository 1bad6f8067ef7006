/* SPDX-License-Identifier: Apache-2.0 */
/* Settings of hard models besides those of their networks: the options shares, coarse-steps,
 * policy-... and joint-... of `train`. */
#pragma once

#include <jansson.h>

#include "base/options.h"
#include "policy/reinforce.h"

enum hard_stage { HARD_COARSE, HARD_FINE, HARD_POLICY, HARD_JOINT, HARD_STAGES };

struct hard_settings {
    double seconds[HARD_STAGES]; /* of each stage; all 0: steps were given */
    int64_t coarse_steps, policy_steps, joint_steps;
    int samples, batch, views; /* choices per image, images per policy step, views per case */
    struct reinforce reinforce;
    double cost, policy_lr, joint_rate;
};

/* Steps that are not given are 0; other settings get defaults. */
att_status hard_settings_read(const struct options *o, struct hard_settings *s, struct err *e);
/* True if the option is one of these settings. */
bool hard_settings_has(const char *name);
/* ATT_USAGE if one is given; for other networks. */
att_status hard_settings_refuse(const struct options *o, struct err *e);
/* Adds them to a JSON object, under the options' names. */
void hard_settings_to_json(const struct options *o, json_t *settings);
