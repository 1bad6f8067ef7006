/* SPDX-License-Identifier: Apache-2.0 */
/* A portion as patterns for people: what `info` prints and `images` and `labels` take. */
#pragma once

#include "dataset/pairing_choose.h"

/* Append the portion's patterns to *images and *labels (NULL at first). *fits is false, and nothing
 * is appended, if no patterns give all of its pairs. `brief`: classes may be one pattern, which
 * labels of other classes fit, too. */
att_status portion_texts(struct links *l, const struct portion *q, bool brief, char **images,
    char **labels, bool *fits, struct err *e);
