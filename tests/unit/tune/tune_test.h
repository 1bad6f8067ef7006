/* SPDX-License-Identifier: Apache-2.0 */
/* What tests of the search share: options of `tune` over a small table, and spaces. */
#ifndef TUNE_TEST_H
#define TUNE_TEST_H

#include <math.h>

#include "tune/search.h"
#include "tune/space_read.h"
#include "unit/dataset/dataset_test.h"

static const struct option_row tune_rows[] = {
    {.name = "lr", .arg = "X", .type = OPTION_REAL, .lo = 0, .hi = 100, .commands = " train"},
    {.name = "batch", .arg = "N", .type = OPTION_INT, .lo = 1, .hi = 4096, .commands = " train"},
    {.name = "loss", .arg = "TEXT", .type = OPTION_TEXT, .value = "dice+ce", .commands = " train"},
    {.name = "weight-decay",
        .arg = "X",
        .type = OPTION_REAL,
        .lo = 0,
        .hi = 100,
        .commands = " train"},
    {.name = "augment",
        .arg = "HOW",
        .type = OPTION_CHOICE,
        .choices = "none|light|full",
        .commands = " train"},
    {.name = "optimiser",
        .arg = "NAME",
        .value = "adamw",
        .type = OPTION_CHOICE,
        .choices = "adamw|sgd",
        .commands = " train"},
    {.name = "momentum", .arg = "X", .type = OPTION_REAL, .lo = 0, .hi = 1, .commands = " train"},
    {.name = "normalise", .arg = "HOW", .type = OPTION_TEXT, .commands = " train"},
    {.name = "mirror", .arg = "yes|no", .type = OPTION_BOOL, .commands = " train"},
    {.name = "spec", .arg = "TEXT", .type = OPTION_TEXT, .commands = " train"},
    {.name = "time", .arg = "TIME", .type = OPTION_TIME, .commands = " train"},
    {.name = "seed", .arg = "N", .type = OPTION_INT, .value = "1", .commands = " train tune"},
    {.name = "budget", .arg = "TIME", .type = OPTION_TIME, .commands = " tune"},
};
enum { TUNE_ROWS = sizeof tune_rows / sizeof *tune_rows };

static inline void tune_options(struct options *o, const char *const *words)
{
    OK(options_init_over(o, tune_rows, TUNE_ROWS, "tune", "train", &e));
    for (; *words; words += 2) OK(options_set(o, words[0], words[1], &e));
}

/* Numbers a and b, the second by factors, and words c; with `child` a number d where c is "two". */
static inline void small_space(struct space *s, bool child)
{
    static const char *const words[] = {"one", "two", "three"};
    *s = (struct space){.count = 0};
    struct dimension *a = space_add(s, "a", DIMENSION_REAL), *b = space_add(s, "b", DIMENSION_REAL),
                     *c = space_add(s, "c", DIMENSION_CHOICE);
    a->lo = -1;
    a->hi = 3;
    b->lo = 1e-4;
    b->hi = 1;
    b->log = true;
    for (int i = 0; i < 3; i++) OK(dimension_add_choice(c, words[i], strlen(words[i]), &e));
    if (!child) return;
    struct dimension *d = space_add(s, "d", DIMENSION_INT);
    d->lo = 2;
    d->hi = 5;
    d->parent = 2;
    d->when = 1 << 1;
}

#endif
