/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests of augmentation share: single patches, and what is to happen to them written by
 * hand. */
#ifndef AUGMENT_TEST_H
#define AUGMENT_TEST_H

#include <math.h>

#include "image/augment.h"
#include "unit/dataset/dataset_test.h"

enum { OUTSIDE = 255 };

/* Nothing happens. */
static inline struct augment nothing(void)
{
    struct augment a = {.through = -1, .cells = 3, .bends = {true, true, true}};
    for (int i = 0; i < 3; i++) a.matrix[i][i] = a.factor[i] = 1;
    for (int c = 0; c < AUGMENT_CHANNELS; c++)
        a.brightness[c] = a.contrast[c] = a.gamma[c] = a.inverted[c] = a.low[c] = 1;
    return a;
}

static const struct augment_options smoothing = {.blur = 1}; /* memory for filters */

/* One patch, on the caller. */
static inline void cut(const struct augment_source *s, const int origin[3], const int patch[3],
    const struct augment *a, float *out, uint8_t *labels)
{
    struct augment_work *w;
    struct augment_job j = {.source = *s, .a = *a, .out = out, .labels = labels};
    memcpy(j.origin, origin, sizeof j.origin);
    OK(augment_work_create(&smoothing, 1, s->channels, patch, NULL, &w, &e));
    augment_run(w, &j, 1, OUTSIDE, NULL);
    augment_work_destroy(w);
}

/* Below 2^32, without a pattern; the same in tools/fixtures/make_augment_fixture.py. */
static inline uint32_t augment_number(uint32_t i)
{
    uint32_t n = (i + 1) * 2654435761u;
    n = (n ^ n >> 15) * 2246822519u;
    return n ^ n >> 13;
}

#endif
