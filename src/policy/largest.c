/* SPDX-License-Identifier: Apache-2.0 */
/* A heap of the largest so far with the smallest of them on top, for the next larger one to
 * replace. */
#include "policy/largest.h"

#include <stdbool.h>

static bool is_less(const struct largest *l, int a, int b)
{
    return l->key[a] < l->key[b] || (l->key[a] <= l->key[b] && l->item[a] > l->item[b]);
}

static void swap(struct largest *l, int a, int b)
{
    double key = l->key[a];
    int item = l->item[a];
    l->key[a] = l->key[b];
    l->item[a] = l->item[b];
    l->key[b] = key;
    l->item[b] = item;
}

/* Restore a heap of entries 0..n-1 after replacing the top. */
static void sink(struct largest *l, int n)
{
    for (int i = 0, child = 1; child < n; i = child, child = 2 * i + 1) {
        if (child + 1 < n && is_less(l, child + 1, child)) child++;
        if (!is_less(l, child, i)) return;
        swap(l, i, child);
    }
}

void largest_offer(struct largest *l, double key, int item)
{
    if (l->count < l->max) {
        int i = l->count++;
        l->key[i] = key;
        l->item[i] = item;
        for (; i > 0 && is_less(l, i, (i - 1) / 2); i = (i - 1) / 2) swap(l, i, (i - 1) / 2);
    } else if (l->max > 0 && (key > l->key[0] || (key >= l->key[0] && item < l->item[0]))) {
        l->key[0] = key;
        l->item[0] = item;
        sink(l, l->count);
    }
}

void largest_sort(struct largest *l)
{
    for (int n = l->count - 1; n > 0; n--) {
        swap(l, 0, n);
        sink(l, n);
    }
}
