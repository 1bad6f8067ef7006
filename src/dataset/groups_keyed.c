/* SPDX-License-Identifier: Apache-2.0 */
#include "dataset/groups_keyed.h"

#include <stdlib.h>

#include "base/mem.h"
#include "dataset/groups_units.h"

static int by_key(const void *a, const void *b)
{
    const struct keyed *x = a, *y = b;
    const int order = units_compare(x->key, y->key);
    return order ? order : x->index - y->index;
}

int keyed_end(const struct keyed *list, int count, int i)
{
    int end = i + 1;
    while (end < count && units_compare(list[i].key, list[end].key) == 0) end++;
    return end;
}

struct tally keyed_tally(struct keyed *list, int count)
{
    struct tally t = {.groups = 0};
    if (count) qsort(list, (size_t)count, sizeof *list, by_key);
    for (int i = 0, end; i < count; i = end) {
        end = keyed_end(list, count, i);
        t.groups++;
        t.shared += end - i > 1 ? end - i : 0;
        if (end - i > t.largest) t.largest = end - i;
    }
    return t;
}

bool tally_are_groups(const struct tally *t, int cases)
{
    return t->groups >= GROUPS_LEAST && t->shared > 0 && 2 * t->largest <= cases;
}

void keyed_forget(struct keyed *list, int count)
{
    for (int i = 0; i < count; i++) {
        mem_free(list[i].key);
        list[i].key = NULL;
    }
}
