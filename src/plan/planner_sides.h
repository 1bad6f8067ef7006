/* SPDX-License-Identifier: Apache-2.0 */
/* Classes, or regions of them, that are the left and the right of one thing, which mirrored patches
 * would teach a network to confuse. */
#pragma once

#include "dataset/labelling.h"
#include "image/orient.h"

/* Whether two names differ in "left" and "right" alone, whatever their case: "left kidney" and
 * "Right Kidney". */
bool sides_of_one(const char *a, const char *b);
/* The axis of the network that runs from the patient's left to the right, where two targets are
 * sides of one thing: *first and *second (labelling_target_name); else -1.  axes: to which volumes
 * are turned; "" (not known, or planes): w, as images mostly lie. */
int planner_sides(const struct labelling *l, const char axes[ORIENT_TEXT], int *first, int *second);
