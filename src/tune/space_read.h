/* SPDX-License-Identifier: Apache-2.0 */
/* Search spaces as people write them: flags and JSON files (docs/tuning.md has the grammar).
 *
 *     "1e-4..1e-1:log"      numbers between; :log by equal factors.  Options that take whole
 * numbers stay whole, and so do words of the network's spec whose bounds are written without a
 * point "dice+ce,gdice"       values to choose from; "|" separates them where a value holds commas
 * itself "0.002"               one value: it is fixed
 *
 * Names are those of the options of `train`, or spec.KEY.  In a file a value is such a text, a
 * number, yes or no, a list, or
 * {"range": TEXT} or {"choices": [...]} with "first" (the value of the first trial) and "when":
 * {NAME: value or list}, which makes it depend on another. */
#pragma once

#include "base/options.h"
#include "tune/space.h"

struct wishes {
    struct space space;
    json_t *fixed; /* {option of `train`: text}; "spec": the fixed words */
};
void wishes_free(struct wishes *w);

/* Add values of options of `tune` (made by options_init_over on those of `train`), except names
 * present already. of_plan: {option: true} of those from a plan; add only them, or all others.
 * Options for training length and cases are refused if given, and ignored in a plan. */
att_status wishes_from_options(
    const struct options *o, const json_t *of_plan, bool plan, struct wishes *w, struct err *e);
/* True for an option of `train` that is so refused. */
bool wishes_refuse(const char *name);
/* Add the object's settings, except names present already; `where` names the file in messages;
 * `table`: the options of `train`. */
att_status wishes_add(struct wishes *w, const json_t *j, const char *where,
    const struct options *table, struct err *e);

/* ---- space_rules.c */

/* Add the usual search space, except for fixed settings: learning rate, loss, weight decay,
 * augmentation, form and settings of gates. The first trial has the values `train` would choose:
 * {"lr": NUMBER, "weight_decay": NUMBER, "spec": TEXT}. */
att_status wishes_add_usual(
    struct wishes *w, const json_t *chosen, const struct options *table, struct err *e);
/* Sort dimensions after their parents; add the dependencies of gates' settings on spec.gate and of
 * momentum on the optimiser, or drop what has no effect. `table`: the options of `train` with
 * defaults. Call once, at the end. */
att_status wishes_settle(struct wishes *w, const struct options *table, struct err *e);

/* Options of `train` for a point, {NAME: TEXT}, with the fixed ones. NULL: no memory. */
json_t *wishes_settings(const struct wishes *w, const double *x);
