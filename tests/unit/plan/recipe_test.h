/* SPDX-License-Identifier: Apache-2.0 */
/* Recipes for made-up data sets. */
#ifndef RECIPE_TEST_H
#define RECIPE_TEST_H

#include "plan/recipe.h"
#include "unit/plan/fingerprint_test.h"
#include "unit/train/train_test.h"

static inline struct dataset flat_data(void)
{
    struct dataset d = {.path = (char *)(uintptr_t) ".",
        .channels = 1,
        .dims = 2,
        .labels = {.count = 2, .ignore = -1, .name = {"background", "lesion"}}};
    d.labels.value[1] = 255;
    return d;
}

static inline struct dataset volume_data(void)
{
    struct dataset d = flat_data();
    d.dims = 3;
    d.channels = 2;
    d.labels.count = 3;
    return d;
}

static const struct made flat_facts = {.dims = 2, .count = 40, .size = {1, 130, 190}},
                         volume_facts = {.dims = 3,
                             .count = 208,
                             .size = {36, 50, 35},
                             .spacing = {1, 1, 1},
                             .channels = {"T1", "T2"}},
                         thick_facts = {.dims = 3,
                             .count = 30,
                             .size = {12, 256, 216},
                             .spacing = {3, .5, .5},
                             .channels = {"T1", "T2"}};

static inline att_status try_decide(struct recipe *r, const struct dataset *d, const struct made *m,
    const struct options *o, json_t *why, struct err *e)
{
    static struct fingerprint_case cases[MADE_CASES];
    struct fingerprint f = make_print(m, cases);
    return recipe_decide(&(struct recipe_sources){.o = o, .d = d, .f = &f, .why = why}, r, e);
}

static inline void decide(
    struct recipe *r, const struct dataset *d, const struct made *m, const char *const *words)
{
    struct options o;
    set_options(&o, words);
    OK(try_decide(r, d, m, &o, NULL, &e));
    options_free(&o);
}
#define DECIDE(r, d, f, ...) decide(r, d, f, (const char *const[]){__VA_ARGS__, NULL})

#endif
