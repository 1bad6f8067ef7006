/* SPDX-License-Identifier: Apache-2.0 */
/* Whether numbers of labels look the same in all files: by their palettes, or whether 0 is white.
 */
#pragma once

#include "dataset/layout.h"

struct looks {
    unsigned char shade[256][3];
    int by[256];          /* plus 1: the first file that shows a value so */
    int value, other;     /* one that the file `other` shows in another colour; other 0: none */
    int white, black;     /* plus 1: the first TIFF file whose 0 is white; another file */
    int inverted, object; /* plus 1: a file whose palette has black at `object`, not at 0 */
};

/* `v`: the values of the labels. */
void looks_add(struct looks *l, const struct labelmap *m, const struct values *v, int file);
/* Writes what leaves a doubt, and returns what to do unless the numbers count; or NULL. */
const char *looks_differ(const struct looks *l, const struct dataset *d, char *text, size_t size);
