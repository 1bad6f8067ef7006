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
#ifndef TUNE_SPACE_READ_H
#define TUNE_SPACE_READ_H

#include "base/options.h"
#include "tune/space.h"

struct wishes {
    struct space space;
    json_t *fixed; /* {option of `train`: text}; "spec": the words that do not change */
};
void wishes_free(struct wishes *w);

/* Of the options of `tune`, made by options_init_over on those of `train`: adds every value of such
 * an option that was given, but for names that are there already; of_plan: {option: true} of those
 * that a plan gave, which are added alone, or left out.  What says how long and on which cases a
 * trial trains is refused as a flag, and passed over in a plan. */
att_status wishes_from_options(
    const struct options *o, const json_t *of_plan, bool plan, struct wishes *w, struct err *e);
/* Whether an option of `train` is refused so. */
bool wishes_refuse(const char *name);
/* Adds what the object says, but for names that are there already; `where` names the file in
 * sentences; `table`: the options of `train`. */
att_status wishes_add(struct wishes *w, const json_t *j, const char *where,
    const struct options *table, struct err *e);

/* ---- space_rules.c */

/* What is searched when nothing else is said, but for what is fixed: learning rate, loss, weight
 * decay, augmentation, the gates' form and settings.  The first trial has the values that `train`
 * would choose: {"lr": NUMBER, "weight_decay": NUMBER, "spec": TEXT} of them. */
att_status wishes_add_usual(
    struct wishes *w, const json_t *chosen, const struct options *table, struct err *e);
/* Puts every dimension behind the one that it depends on; what only makes sense with another
 * setting depends on it from here on, or goes: gates' settings on spec.gate, momentum on the
 * optimiser.  `table`: the options of `train` with their defaults.  Call it last, once. */
att_status wishes_settle(struct wishes *w, const struct options *table, struct err *e);

/* The options of `train` that a point stands for, {NAME: TEXT}, those that are fixed among them.
 * NULL: no memory. */
json_t *wishes_settings(const struct wishes *w, const double *x);

#endif
