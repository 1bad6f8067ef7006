/* SPDX-License-Identifier: Apache-2.0 */
/* The k largest of many numbers in order, of equal ones the first. */
#ifndef POLICY_LARGEST_H
#define POLICY_LARGEST_H

struct largest {
    double *key; /* [most] the caller's memory */
    int *item;   /* [most] */
    int max, count;
};

void largest_offer(struct largest *l, double key, int item); /* no item twice, in any order */
void largest_sort(struct largest *l); /* after the last offer: largest first */

#endif
