/* SPDX-License-Identifier: Apache-2.0 */
/* Finds classes or regions that are left and right of one structure. Mirrored patches would teach a
 * network to confuse them. */
#pragma once

#include "dataset/labelling.h"
#include "image/orient.h"

/* True if two names differ only in "left" and "right", upper or lower case: "left kidney" and
 * "Right Kidney". */
bool names_differ_in_side(const char *a, const char *b);
/* If two targets are sides of one structure, sets *first and *second (labelling_target_name) and
 * returns the network's left-right axis; else -1. axes: orientation of the volumes; "" (unknown, or
 * planes): assumes w, the usual axis. */
int planner_sides(const struct labelling *l, const char *axes, int *first, int *second);
