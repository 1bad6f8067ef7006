/* SPDX-License-Identifier: Apache-2.0 */
/* Made-up fingerprints: every case of one size and spacing, every class of one thickness. */
#ifndef FINGERPRINT_TEST_H
#define FINGERPRINT_TEST_H

#include <stdio.h>
#include <string.h>

#include "dataset/fingerprint.h"

enum { MADE_CASES = 1024 };

struct made {
    int dims, count, size[3], classes;
    double spacing[3]; /* 0: not known */
    double run[3];     /* of the thinnest class; 0: a third of the size */
    double box;        /* share of every axis that is not zero; 0: all */
    const char *channels[4];
};

/* Its cases lie in `cases`, MADE_CASES of them. */
static inline struct fingerprint make_print(const struct made *m, struct fingerprint_case *cases)
{
    struct fingerprint f = {
        .dims = m->dims, .count = m->count, .classes = m->classes ? m->classes : 2, .cases = cases};
    for (int i = 0; i < m->count; i++) {
        struct fingerprint_case *c = &cases[i];
        *c = (struct fingerprint_case){.has_spacing = m->spacing[1] > 0, .foreground = true};
        for (int a = 0; a < 3; a++) {
            c->size[a] = m->size[a];
            c->box[a] = m->box > 0 ? (int)(m->box * m->size[a]) : m->size[a];
            c->spacing[a] = c->has_spacing ? (float)m->spacing[a] : 1;
        }
    }
    for (int k = 0; k < f.classes; k++) {
        f.class[k].cases = m->count;
        for (int a = 0; a < 3; a++)
            f.class[k].thickness[a] = k == 0 ? m->size[a]
                : m->run[a] > 0              ? m->run[a]
                                             : m->size[a] / 3.;
    }
    do {
        const char *name = m->channels[f.channels] ? m->channels[f.channels] : "image";
        snprintf(f.channel_name[f.channels++], LABELLING_NAME, "%s", name);
    } while (f.channels < 4 && m->channels[f.channels]);
    return f;
}

#endif
