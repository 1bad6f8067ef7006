/* SPDX-License-Identifier: Apache-2.0 */
#include "dataset/codings.h"

#include <stdio.h>

#include "base/text.h"

static int coding_root(const struct codings *c, int value)
{
    while (c->root[value] != value + 1) value = c->root[value] - 1;
    return value;
}

void codings_add(struct codings *c, const struct values *v, int file)
{
    int first = 0;
    for (int i = 1, end = values_highest(v); i <= end; i++) {
        if (!values_have(v, (unsigned)i)) continue;
        c->shared |= c->root[i] != 0;
        if (!c->root[i]) {
            c->root[i] = i + 1;
            c->file[i] = file + 1;
        }
        const int root = coding_root(c, i);
        if (!first) first = root;
        c->root[root > first ? root : first] = (root > first ? first : root) + 1;
        first = coding_root(c, first);
    }
}

/* The values of one coding: "1, 2, 3, ...". */
static void write_coding(const struct codings *c, int root, char text[48])
{
    int count = 0;
    *text = 0;
    for (int i = root; i < VALUES && count < 5; i++) {
        if (!c->root[i] || coding_root(c, i) != root) continue;
        if (++count < 5)
            text_append(text, 48, "%s%d", *text ? ", " : "", i);
        else
            text_append(text, 48, ", ...");
    }
}

bool codings_differ(const struct codings *c, const struct dataset *d, char *text, size_t size)
{
    enum { CASES = 5 }; /* whose numbers may be values */
    char one[48], other[48];
    int values = 0, highest = 0, codings = 0, root[2] = {0, 0};
    for (int i = 1; i < VALUES; i++) {
        if (!c->root[i]) continue;
        values++;
        highest = i;
        if (coding_root(c, i) == i && codings++ < 2) root[codings - 1] = i;
    }
    if (codings < 2 || (values == highest && (c->shared || codings < CASES))) return false;
    write_coding(c, root[0], one);
    write_coding(c, root[1], other);
    snprintf(text, size, "%.200s has values of %s, %.200s of %s, and no label has values of both",
        d->cases[c->file[root[0]] - 1].label, one, d->cases[c->file[root[1]] - 1].label, other);
    return true;
}
