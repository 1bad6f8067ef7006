/* SPDX-License-Identifier: Apache-2.0 */
/* Reads search spaces from options and JSON files (docs/tuning.md has the grammar). A text is:
 * - "1e-4..1e-1:log": a range, with :log by equal factors. Whole numbers for options that take
 * them, and for words of the spec with bounds without a point.
 * - "dice+ce,gdice": values to choose from, separated by "|" if values have commas.
 * - "0.002": one value, which is fixed.
 *
 * Names are options of `train`, or spec.KEY. In a file a value is such a text, a number, yes or no,
 * a list, {"range": TEXT} or {"choices": [...]}. The last two may have "first", the value of the
 * first trial, and "when": {NAME: value or list}, on which the setting depends. */
#pragma once

#include "base/options.h"
#include "tune/space.h"

struct tune_settings {
    struct space space;
    json_t *fixed; /* {option of `train`: text}; "spec": the fixed words */
};
void tune_settings_free(struct tune_settings *w);

/* Add values of options of `tune` (made by options_init_over on those of `train`), except names
 * present already. of_plan: {option: true} of those from a plan; add only them, or all others.
 * Options for training length and cases are refused if given, and ignored in a plan. */
att_status tune_settings_from_options(const struct options *o, const json_t *from_plan, bool plan,
    struct tune_settings *w, struct err *e);
/* True for an option of `train` that is refused in this way. */
bool tune_settings_refuse(const char *name);
/* Add the object's settings, except names present already; `where` names the file in messages;
 * `table`: the options of `train`. */
att_status tune_settings_add(struct tune_settings *w, const json_t *j, const char *where,
    const struct options *table, struct err *e);

/* ---- space_rules.c */

/* Add the default search space, except for fixed settings: learning rate, loss, weight decay,
 * augmentation, form and settings of gates. The first trial has the values `train` would choose:
 * {"lr": NUMBER, "weight_decay": NUMBER, "spec": TEXT}. */
att_status tune_settings_add_defaults(
    struct tune_settings *w, const json_t *chosen, const struct options *table, struct err *e);
/* Sort dimensions after their parents; add the dependencies of gates' settings on spec.gate and of
 * momentum on the optimiser, or drop what has no effect. `table`: the options of `train` with
 * defaults. Call once, at the end. */
att_status tune_settings_finish(
    struct tune_settings *w, const struct options *table, struct err *e);

/* Options of `train` for a point, {NAME: TEXT}, with the fixed ones. NULL: no memory. */
json_t *tune_settings_at(const struct tune_settings *w, const double *x);
