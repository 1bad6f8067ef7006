/* SPDX-License-Identifier: Apache-2.0 */
/* The k largest of many numbers in order, first ones first among equals. */
#pragma once

struct largest {
    double *key; /* [max] the caller's memory */
    int *item;   /* [max] */
    int max, count;
};

void largest_offer(struct largest *l, double key, int item); /* no item twice, in any order */
void largest_sort(struct largest *l); /* after the last offer: largest first */
