/* SPDX-License-Identifier: Apache-2.0 */
/* Cases by the part of their names that may be a patient. */
#pragma once

#include "dataset/dataset.h"

enum { GROUPS_LEAST = 5 };

struct keyed {
    char *key; /* its group, as its name shows it */
    int index; /* of its case */
};

struct tally {
    int groups, shared, largest; /* shared: cases that have another beside them */
};
/* Sorts the list by key. */
struct tally keyed_tally(struct keyed *list, int count);
/* The end of the keys from i on that are equal. */
int keyed_end(const struct keyed *list, int count, int i);
void keyed_forget(struct keyed *list, int count); /* the keys */
/* Enough groups for folds, and none with more than half of the cases. */
bool tally_are_groups(const struct tally *t, int cases);
