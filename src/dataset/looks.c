/* SPDX-License-Identifier: Apache-2.0 */
#include "dataset/looks.h"

#include <stdio.h>
#include <string.h>

static bool is_black(const unsigned char c[3]) { return c[0] + c[1] + c[2] == 0; }

void looks_add(struct looks *l, const struct labelmap *m, const struct values *v, int file)
{
    int *const side = m->geometry.white ? &l->white : &l->black;
    if (!*side) *side = file + 1;
    for (unsigned i = 0; i < 256 && m->shown; i++) {
        if (!values_have(v, i)) continue;
        if (i && !l->inverted && is_black(m->shade[i]) && values_have(v, 0) &&
            !is_black(m->shade[0])) {
            l->inverted = file + 1;
            l->object = (int)i;
        }
        if (!l->by[i]) {
            l->by[i] = file + 1;
            memcpy(l->shade[i], m->shade[i], 3);
        }
        if (l->other || memcmp(l->shade[i], m->shade[i], 3) == 0) continue;
        l->value = (int)i;
        l->other = file + 1;
    }
}

const char *looks_differ(const struct looks *l, const struct dataset *d, char *text, size_t size)
{
    if (l->other) {
        snprintf(text, size, "the palettes of %.200s and %.200s show %d in different colours",
            d->cases[l->by[l->value] - 1].label, d->cases[l->other - 1].label, l->value);
        return "if each colour is a class, save the labels as RGB, or all with the same palette";
    }
    if (l->inverted) {
        snprintf(text, size, "the palette of %.200s shows 0 in a colour, but %d as black",
            d->cases[l->inverted - 1].label, l->object);
        return "if black is the background, save the labels as RGB, or with black as 0";
    }
    if (l->white && l->black) {
        snprintf(text, size, "%.200s shows 0 as white (MinIsWhite), but %.200s does not",
            d->cases[l->white - 1].label, d->cases[l->black - 1].label);
        return "if they should look the same, save all of them as MinIsBlack";
    }
    return NULL;
}
