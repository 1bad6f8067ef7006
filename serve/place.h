/* SPDX-License-Identifier: Apache-2.0 */
/* A private folder in TMPDIR for one run of attunet-dicom, which goes with its files. */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>

#include "queue.h"

#define PROGRAM "attunet-dicom"
enum { PLACE_WORDS = 600 };

struct place {
    char folder[256], words[PLACE_WORDS]; /* words: what the program said against it */
};

bool place_enter(struct place *p);
void place_leave(struct place *p);
/* NULL: no memory. */
char *place_path(const struct place *p, const char *name);
/* What the program prints goes to files there.  w: whose end ends it, too; NULL: when `stops` is
 * true.  Its exit status; -1: it was killed, or did not start. */
int place_run(
    struct place *p, const char *const *words, struct worker *w, const atomic_bool *stops);
/* Whether it printed a warning. */
bool place_warned(const struct place *p);
