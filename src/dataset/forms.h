/* SPDX-License-Identifier: Apache-2.0 */
/* Whether labels look inverted, or like outlines. */
#pragma once

#include "dataset/layout.h"

/* Of one label. */
struct form {
    bool framed;    /* one value covers its border and most of it */
    unsigned frame; /* that value */
    bool plain;     /* it has no other value */
    bool marked;    /* it has values but 0 */
    bool outline;   /* its lines are closed, around areas of 0 */
};
/* `thin`: it may be of lines. */
att_status form_find(const struct labelmap *m, bool thin, struct form *f, struct err *e);

struct forms {
    int labels, framed, inner; /* files; framed by `frame`; these with other values, too */
    unsigned frame;
    int marked, outlines;
};
void forms_add(struct forms *all, const struct form *f);
/* Writes what leaves a doubt, and returns what to do; or NULL. */
const char *forms_doubt(const struct forms *all, const struct dataset *d, char *text, size_t size);
