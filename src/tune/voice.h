/* SPDX-License-Identifier: Apache-2.0 */
/* What is heard of a search while it trains: of the runs their warnings, told once, and one line of
 * progress for all of it. */
#ifndef TUNE_VOICE_H
#define TUNE_VOICE_H

#include "tune/setup.h"

struct voice {
    struct tuning *t;
    struct log before; /* how the log spoke */
    int trial;         /* -1: the last run */
    bool warned;       /* a run has been heard out: later ones say the same */
};

void voice_lower(struct voice *v, struct tuning *t,
    int trial);                    /* before a run; v is zeroed before the first one */
void voice_raise(struct voice *v); /* after it */

#endif
