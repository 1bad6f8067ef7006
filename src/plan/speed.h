/* SPDX-License-Identifier: Apache-2.0 */
/* Measures how many voxels a second a network trains on here. */
#pragma once

#include "arch/arch.h"
#include "base/host.h"

struct speed_case {
    const struct spec *spec; /* no hard attention */
    const struct arch_facts *facts;
    const char *conv; /* as run_create */
    bool half;        /* feature maps and their gradients in bfloat16 */
    int patch[3];     /* a multiple of facts->multiple; a part of it is enough */
};

/* Million voxels a second of forward and backward passes on noise: the best of a few, within
 * about a second, in steps of a quarter octave, so that chance rarely changes a plan. Never 0. */
att_status speed_measure(
    const struct speed_case *c, struct host *host, double *speed, struct err *e);
/* The quarter octave that is nearest to a positive number, to two digits. */
double speed_round(double speed);
